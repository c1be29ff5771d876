// Building programs from the Go modules in tools/: results are moved into place whole, and carry a stamp with the hash of
// their recipe, so that a changed recipe is built again and everything else is left alone.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../lib/project.mjs';
import { BUILT_FROM } from '../lib/pulumi.mjs';
import { UserError } from '../lib/report.mjs';
import { capture, isExecutable, must, which } from '../lib/run.mjs';

export const TOOLS = join(root, 'tools');

/** Hash of what is built from some folders in tools/, with what else decides about the result. */
export function recipeHash(folders, ...inputs) {
  const hash = createHash('sha256').update(JSON.stringify(inputs));
  for (const folder of folders) {
    for (const file of readdirSync(join(TOOLS, folder), { recursive: true }).sort()) {
      const path = join(TOOLS, folder, file);
      if (statSync(path).isFile() && !file.endsWith('_test.go')) hash.update(file).update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}

/** The recipe that what lies in a folder was built from; undefined for official downloads. */
export function builtFrom(folder) {
  const stamp = join(folder, BUILT_FROM);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
}

/** A work folder beside the results: on the same file system, so that they move into place at once. */
export async function inWorkFolder(beside, body) {
  const go = await findGo();
  mkdirSync(beside, { recursive: true });
  const work = mkdtempSync(join(beside, 'building-'));
  try {
    await body(go, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function findGo() {
  const go = which('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(isExecutable);
  const mend =
    'install Go 1.26 or later (go.dev/doc/install), or connect to the internet so that nothing need be built';
  if (!go) throw new UserError('the tools can be neither downloaded nor built: there is no Go on this machine', mend);
  // In the module's folder: a Go from 1.21 on fetches the version that go.mod names from the module proxy by itself.
  const { code, stderr } = await capture(go, ['version'], { cwd: join(TOOLS, 'pulumi-cli') });
  if (code !== 0) throw new UserError(`the tools cannot be built with ${go}: ${stderr.trim()}`, mend);
  return go;
}

export function build(go, folder, args, env) {
  return must(go, ['build', '-buildvcs=false', ...args], {
    cwd: folder,
    env: { ...process.env, GOWORK: 'off', ...env },
    mend: 'see whether this machine reaches a Go module proxy (`go env GOPROXY`); tools/README.md says more',
  });
}

export function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}
