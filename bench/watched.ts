import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../test/behaviour/support/environment';

/** What a Node process was found to have used. */
export interface Seen {
  peakMiB: number;
  /** Packages of Pulumi that it loaded. */
  packages: string[];
}

/**
 * Runs something that starts a Pulumi program, with a module in it that looks at its process at the end.
 *
 * @param work is given the environment variables that let the module in.
 * @returns the program's own process: npx and the wrapper are Node programs, too, but load no provider.
 */
export async function watched<T>(
  provider: string,
  work: (env: Record<string, string>) => Promise<T>,
): Promise<{ result: T; program: Seen }> {
  const folder = mkdtempSync(join(root, '.local', 'bench-watched-'));
  try {
    const result = await work({
      NODE_OPTIONS: `--require ${join(__dirname, 'watch.cjs')}`,
      BENCH_WATCH: folder,
    });
    const program = readdirSync(folder)
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Seen)
      .filter(({ packages }) => packages.includes(provider))
      .sort((a, b) => b.peakMiB - a.peakMiB)[0];
    if (!program) throw new Error(`no process loaded ${provider}`);
    return { result, program };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
