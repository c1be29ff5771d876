// Builds the toolchain from the Go modules in tools/. Official downloads carry no stamp and are kept.
import { chmodSync, copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pulumiHome } from '../lib/project.mjs';
import { BUILT_FROM } from '../lib/pulumi.mjs';
import { must } from '../lib/run.mjs';
import { build, builtFrom, inWorkFolder, place, recipeHash, TOOLS } from './go.mjs';

const RECIPES = {
  cli: ['pulumi-cli', 'language-host'],
  dockerProvider: ['docker-provider'],
  kubernetesProvider: ['kubernetes-provider'],
};
const VERSION_OF = { cli: 'pulumi', dockerProvider: 'docker', kubernetesProvider: 'kubernetes' };
const CLI_VERSION = 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version';
const KUBERNETES_MODULE = 'github.com/pulumi/pulumi-kubernetes/provider/v4';
const PROVIDER_VERSION = 'shop/tools/docker-provider/provider.Version';

/** Whether a result of ours was built from another recipe than today's. */
export function isOutdated(what, wanted, places) {
  const recipe = builtFrom(dirname(places[what]));
  return recipe !== undefined && recipe !== recipeOf(what, wanted);
}

function recipeOf(what, wanted) {
  return recipeHash(RECIPES[what], wanted[VERSION_OF[what]]);
}

export async function buildCli(wanted, places, tell) {
  await inWorkFolder(pulumiHome, async (go, work) => {
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
    writeFileSync(join(places.bin, BUILT_FROM), recipeOf('cli', wanted));
  });
}

export async function buildDockerProvider(wanted, places, tell) {
  await inWorkFolder(pulumiHome, async (go, work) => {
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
    writeFileSync(join(dirname(places.dockerProvider), BUILT_FROM), recipeOf('dockerProvider', wanted));
  });
}

/** Its schema and its table of Terraform names lie in the module's folder; its own main package embeds them with the version. */
export async function buildKubernetesProvider(wanted, places, tell) {
  await inWorkFolder(pulumiHome, async (go, work) => {
    tell(`building the Kubernetes provider ${wanted.kubernetes} (about 7 minutes the first time)`);
    const source = join(work, 'kubernetes-provider');
    cpSync(join(TOOLS, 'kubernetes-provider'), source, { recursive: true });
    const { Dir: folder } = JSON.parse(
      await must(go, ['mod', 'download', '-json', KUBERNETES_MODULE], { cwd: source }),
    );
    const embedded = (name) =>
      JSON.parse(readFileSync(join(folder, 'cmd', 'pulumi-resource-kubernetes', name), 'utf8'));
    const write = (name, content) => writeFileSync(join(source, name), JSON.stringify(content));
    write('schema.json', { ...embedded('schema.json'), version: wanted.kubernetes });
    write('terraform-mapping.json', embedded('terraform-mapping.json'));
    const provider = join(work, 'pulumi-resource-kubernetes');
    const flags = ['-ldflags', `-s -w -X ${KUBERNETES_MODULE}/pkg/version.Version=${wanted.kubernetes}`];
    await build(go, source, [...flags, '-o', provider, '.']);
    place(provider, places.kubernetesProvider);
    writeFileSync(join(dirname(places.kubernetesProvider), BUILT_FROM), recipeOf('kubernetesProvider', wanted));
  });
}
