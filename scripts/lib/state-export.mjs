// A stack's state as the CLI gives it out and takes it back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pulumiCapture } from './cli.mjs';
import { UserError } from './report.mjs';

export const resourcesOf = (state) => state.deployment?.resources ?? [];

/** Ids of what a state knows. */
export function idsOf(state) {
  return new Set(resourcesOf(state).flatMap(({ id }) => id ?? []));
}

/** @param place options that name the stack. */
export async function exportState(place) {
  return JSON.parse(await must(['stack', 'export', ...place], 'cannot be read'));
}

export async function importState(place, state) {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  try {
    const file = join(folder, 'state.json');
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await must(['stack', 'import', '--file', file, ...place], 'cannot be written');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function must(args, problem) {
  const { code, stdout, stderr } = await pulumiCapture(args);
  if (code !== 0) throw new UserError(`the state of the stack ${problem}: ${stderr.trim()}`);
  return stdout;
}
