// The npm packages, exactly as package-lock.json says. Needs nothing but Node and npm.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOCKS, changeOnce } from '../lib/lock.mjs';
import { root } from '../lib/project.mjs';
import { NPM, must } from '../lib/run.mjs';

const STAMP = join(root, 'node_modules', '.shop-setup');

export async function nodeModules(tell) {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.version)
    .digest('hex');
  const look = () => (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted ? 'up to date' : undefined);
  return changeOnce(LOCKS.npmPackages, tell, look, () => install(wanted, tell));
}

async function install(wanted, tell) {
  tell('npm ci');
  await must(NPM, ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    mend: 'see whether this machine reaches an npm registry (`npm ping`)',
  });
  writeFileSync(STAMP, wanted);
  return 'installed';
}
