import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../test/behaviour/support/command';
import { root } from '../test/behaviour/support/environment';

const BUILD_TIMEOUT_MS = 1_800_000;
const BUILDS = join(root, '.local', 'bench');

export interface GoProgram {
  /** Folder of `bench/` with the program's `go.mod` and `go.sum`; also its name. */
  name: string;
  /** Path of its main package. */
  main: string;
  /** Variables of the build, such as `GOARCH`. */
  env?: Record<string, string>;
}

/**
 * Builds a program from its Go module. The result is kept until its recipe changes.
 *
 * @returns the program's file.
 */
export async function goProgram({ name, main, env = {} }: GoProgram): Promise<string> {
  const source = join(__dirname, name);
  const files = ['go.mod', 'go.sum'];
  const folder = join(BUILDS, name);
  const program = join(folder, 'program');
  const builtFrom = join(folder, 'built-from');
  const recipe = hash([main, JSON.stringify(env), ...files.map((file) => readFileSync(join(source, file), 'utf8'))]);
  if (existsSync(program) && existsSync(builtFrom) && readFileSync(builtFrom, 'utf8') === recipe) return program;
  mkdirSync(folder, { recursive: true });
  for (const file of files) cpSync(join(source, file), join(folder, file));
  console.error(`building ${name} from its Go module …`);
  const { code, output } = await command('nice', ['go', 'build', '-trimpath', '-o', `${program}.new`, main], {
    cwd: folder,
    env,
    timeout: BUILD_TIMEOUT_MS,
  });
  if (code !== 0) throw new Error(output);
  // Moved at the end, so that an interrupted build leaves nothing that looks whole.
  renameSync(`${program}.new`, program);
  writeFileSync(builtFrom, recipe);
  return program;
}

/** Whether this machine has Go at all. */
export async function hasGo(): Promise<boolean> {
  try {
    return (await command('go', ['version'])).code === 0;
  } catch {
    return false;
  }
}

/** Go's name of an architecture that an engine names as `uname` does. */
export function goArchitecture(machine: string): string {
  return { x86_64: 'amd64', aarch64: 'arm64' }[machine] ?? machine;
}

function hash(parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}
