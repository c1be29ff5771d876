// Builds the toolchain from the Go modules in tools/. Each result carries a stamp with the hash of its recipe, so that a
// changed recipe is built again and everything else is left alone; official downloads carry no stamp and are kept.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
} from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pulumiHome, root } from '../lib/project.mjs';
import { BUILT_FROM } from '../lib/pulumi.mjs';
import { UserError } from '../lib/report.mjs';
import { capture, isExecutable, must, which } from '../lib/run.mjs';

const TOOLS = join(root, 'tools');
const RECIPES = { cli: ['pulumi-cli', 'language-host'], dockerProvider: ['docker-provider'] };
const CLI_VERSION = 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version';
const PROVIDER_VERSION = 'shop/tools/docker-provider/provider.Version';

/** Whether a result of ours was built from another recipe than today's. */
export function isOutdated(what, wanted, places) {
  const stamp = join(dirname(places[what]), BUILT_FROM);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') !== recipeHash(what, wanted);
}

function recipeHash(what, wanted) {
  const hash = createHash('sha256').update(JSON.stringify(wanted));
  for (const folder of RECIPES[what]) {
    for (const file of readdirSync(join(TOOLS, folder), { recursive: true }).sort()) {
      const path = join(TOOLS, folder, file);
      if (statSync(path).isFile() && !file.endsWith('_test.go')) hash.update(file).update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}

export async function buildCli(wanted, places, tell) {
  await inWorkFolder(async (go, work) => {
    tell(`building the Pulumi CLI ${wanted.pulumi}`);
    const flags = ['-ldflags', `-X ${CLI_VERSION}=v${wanted.pulumi}`];
    const cli = join(work, 'pulumi');
    await build(go, join(TOOLS, 'pulumi-cli'), [...flags, '-o', cli, 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi']);

    tell('building the Node.js language host');
    const host = join(work, 'pulumi-language-nodejs');
    await build(go, join(TOOLS, 'language-host'), ['-ldflags', `-X main.Version=${wanted.pulumi}`, '-o', host, '.']);

    const dynamic = join(work, 'pulumi-resource-pulumi-nodejs');
    copyFileSync(join(TOOLS, 'language-host', 'pulumi-resource-pulumi-nodejs'), dynamic);
    chmodSync(dynamic, 0o755);
    // The CLI last: whoever finds it finds the others too.
    place(host, places.languageHost);
    place(dynamic, places.dynamicProvider);
    place(cli, places.cli);
    writeFileSync(join(places.bin, BUILT_FROM), recipeHash('cli', wanted));
  });
}

export async function buildDockerProvider(wanted, places, tell) {
  await inWorkFolder(async (go, work) => {
    tell(`building the Docker provider ${wanted.docker}`);
    // Its schema is generated and then embedded: in a copy, so that the work tree stays as it is.
    const source = join(work, 'docker-provider');
    cpSync(join(TOOLS, 'docker-provider'), source, { recursive: true });
    const flags = ['-ldflags', `-X ${PROVIDER_VERSION}=${wanted.docker}`];
    const generator = join(work, 'schema');
    await build(go, source, [...flags, '-o', generator, './cmd/schema']);
    await must(generator, ['schema', '--out', 'cmd/provider', '--skip-docs'], { cwd: source });
    const provider = join(work, 'pulumi-resource-docker');
    await build(go, source, [...flags, '-o', provider, './cmd/provider']);
    place(provider, places.dockerProvider);
    writeFileSync(join(dirname(places.dockerProvider), BUILT_FROM), recipeHash('dockerProvider', wanted));
  });
}

/** A work folder inside $PULUMI_HOME: on the same file system as the results, so that they move into place at once. */
async function inWorkFolder(body) {
  const go = await findGo();
  mkdirSync(pulumiHome, { recursive: true });
  const work = mkdtempSync(join(pulumiHome, 'building-'));
  try {
    await body(go, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function findGo() {
  const go = which('go') ?? ['/usr/local/go/bin/go', '/usr/lib/go/bin/go'].find(isExecutable);
  const mend =
    'install Go 1.26 or later (go.dev/doc/install), or connect to the internet so that Pulumi can be downloaded';
  if (!go) throw new UserError('Pulumi can be neither downloaded nor built: there is no Go on this machine', mend);
  // In the module's folder: a Go from 1.21 on fetches the version that go.mod names from the module proxy by itself.
  const { code, stderr } = await capture(go, ['version'], { cwd: join(TOOLS, 'pulumi-cli') });
  if (code !== 0) throw new UserError(`Pulumi cannot be built with ${go}: ${stderr.trim()}`, mend);
  return go;
}

function build(go, folder, args) {
  return must(go, ['build', '-buildvcs=false', ...args], {
    cwd: folder,
    env: { ...process.env, GOWORK: 'off' },
    mend: 'see whether this machine reaches a Go module proxy (`go env GOPROXY`); tools/README.md says more',
  });
}

function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  renameSync(from, to);
}
