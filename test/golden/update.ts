// `npm run golden`: writes what the test compares with. Look at the difference before you commit it.
import { writeFileSync } from 'node:fs';
import { devDump, GOLDEN } from '../support/dev-dump';

void devDump().then((text) => {
  writeFileSync(GOLDEN, text);
  console.log(`wrote ${GOLDEN}`);
});
