// `npm run golden`: writes what the test compares with. Look at the difference before you commit it.
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { devDump, GOLDEN } from './dump';

async function update(): Promise<void> {
  const text = await format(await devDump(), { ...(await resolveConfig(GOLDEN)), filepath: GOLDEN });
  writeFileSync(GOLDEN, text);
  console.log(`wrote ${GOLDEN}`);
}

void update();
