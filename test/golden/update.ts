// `npm run golden`: writes what the tests compare with. Look at the difference before you commit it.
import { writeFileSync } from 'node:fs';
import { AWS_GOLDEN, awsDump, type AwsStack } from '../support/aws-dump';
import { devDump, GOLDEN } from '../support/dev-dump';
import { PROD_GOLDEN, prodDump } from '../support/prod-dump';
import { STAGING_GOLDEN, stagingDump } from '../support/staging-dump';

async function update(): Promise<void> {
  write(GOLDEN, await devDump());
  write(STAGING_GOLDEN, await stagingDump());
  write(PROD_GOLDEN, await prodDump());
  for (const [stack, file] of Object.entries(AWS_GOLDEN)) write(file, await awsDump(stack as AwsStack));
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
  console.log(`wrote ${file}`);
}

void update();
