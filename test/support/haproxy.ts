import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const installed = spawnSync('haproxy', ['-v']).status === 0;

/** `describe`, skipped with a warning where HAProxy is not installed. */
export const describeWithHaproxy = installed ? describe : describe.skip;
if (!installed)
  console.warn('haproxy is not installed here: the configurations are not checked by it (the deployment does).');

/**
 * Checks a configuration with `haproxy -c`.
 * @param files the configuration as `haproxy.cfg` and what it loads, by name, for a folder that exists during the check.
 */
export function expectAccepted(files: (folder: string) => Record<string, string>): void {
  const folder = mkdtempSync(join(tmpdir(), 'haproxy-'));
  try {
    for (const [name, text] of Object.entries(files(folder))) writeFileSync(join(folder, name), text);
    const { status, stdout, stderr } = spawnSync('haproxy', ['-c', '-f', join(folder, 'haproxy.cfg')], {
      encoding: 'utf8',
    });
    expect({ status, alerts: `${stdout}${stderr}`.split('\n').filter((line) => line.includes('ALERT')) }).toEqual({
      status: 0,
      alerts: [],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
