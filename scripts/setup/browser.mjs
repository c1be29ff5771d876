// A Chromium for the tests that drive the page: the one that CHROMIUM names, one that is installed, or Debian's.
import { existsSync } from 'node:fs';
import { UserError } from '../lib/report.mjs';
import { which } from '../lib/run.mjs';
import { installPackages, isDebian } from './debian.mjs';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Puts the browser's path into CHROMIUM, where the tests look for it. */
export async function browser(tell) {
  const found = await find();
  if (!found) {
    if (!isDebian()) {
      throw new UserError('there is no Chromium for the browser tests', 'install one, or name it in CHROMIUM');
    }
    await installPackages(['chromium'], tell);
  }
  process.env.CHROMIUM = found ?? (await find());
  return process.env.CHROMIUM;
}

async function find() {
  const named = process.env.CHROMIUM;
  if (named) {
    if (!existsSync(named)) throw new UserError(`CHROMIUM names ${named}, which does not exist`, 'correct or unset it');
    return named;
  }
  for (const program of PROGRAMS) {
    const path = await which(program);
    if (path) return path;
  }
  return undefined;
}
