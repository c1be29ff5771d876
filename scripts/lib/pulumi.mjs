// Where the Pulumi CLI is, and the environment it runs in.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chosenHost } from './docker.mjs';
import { local, pulumiHome, root, versions } from './project.mjs';
import { capture, isExecutable } from './run.mjs';

const EXE = process.platform === 'win32' ? '.exe' : '';

/** The places where the official installer and plugin downloads put things, and our own builds too. */
export function toolchainPlaces(wanted = versions(), home = pulumiHome) {
  const bin = join(home, 'versions', wanted.pulumi, 'bin');
  const plugin = (name) => join(home, 'plugins', `resource-${name}-v${wanted[name]}`, `pulumi-resource-${name}${EXE}`);
  return {
    bin,
    cli: join(bin, `pulumi${EXE}`),
    languageHost: join(bin, `pulumi-language-nodejs${EXE}`),
    dynamicProvider: join(bin, 'pulumi-resource-pulumi-nodejs'),
    dockerProvider: plugin('docker'),
    kubernetesProvider: plugin('kubernetes'),
  };
}

/** The file beside a program that was built here and not downloaded: the hash of its recipe. */
export const BUILT_FROM = 'built-from';

/** Stands for the flag `--skip-plugin-pre-install` of each command that has it. */
const SKIP_PLUGIN_PRE_INSTALL = 'PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL';

/** The CLI in $PULUMI_HOME, else one on PATH that fits and has its language host beside it; or undefined. */
export async function findCli(wanted = versions().pulumi, path = process.env.PATH ?? '') {
  const { cli, languageHost } = toolchainPlaces();
  if (isExecutable(cli) && isExecutable(languageHost)) return cli;
  for (const folder of path.split(delimiter)) {
    const file = join(folder, `pulumi${EXE}`);
    // node_modules/.bin holds our own wrapper, or npm's, which would look for the CLI in turn.
    if (folder === '' || folder.includes('node_modules') || !isExecutable(file)) continue;
    const bin = dirname(realpathSync(file));
    if (!isExecutable(join(bin, `pulumi-language-nodejs${EXE}`))) continue;
    const { stdout } = await capture(file, ['version'], { env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' } });
    if (fits(stdout.trim(), wanted)) return file;
  }
  return undefined;
}

/** Same major version, and not older than the SDK's. */
export function fits(version, wanted) {
  const numbers = (text) => /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number);
  const [has, wants] = [numbers(version), numbers(wanted)];
  if (!has || !wants || has[0] !== wants[0]) return false;
  return has[1] !== wants[1] ? has[1] > wants[1] : has[2] >= wants[2];
}

/**
 * A backend that the user chose: by PULUMI_BACKEND_URL, by `pulumi login` (Pulumi's credentials file), or in Pulumi.yaml.
 * `undefined` means that the state lives in the project.
 */
export function ownBackend(env = process.env, home = pulumiHome, project = readProject()) {
  if (env.PULUMI_BACKEND_URL && env.PULUMI_BACKEND_URL !== localBackend()) return env.PULUMI_BACKEND_URL;
  if (/^backend:/m.test(project)) return 'the backend in Pulumi.yaml';
  if (env.PULUMI_ACCESS_TOKEN && !env.PULUMI_BACKEND_URL) return 'Pulumi Cloud (PULUMI_ACCESS_TOKEN)';
  const file = join(env.PULUMI_CREDENTIALS_PATH || home, 'credentials.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')).current || undefined;
  } catch {
    return undefined; // never logged in
  }
}

export function localBackend() {
  return pathToFileURL(local.state).href;
}

function readProject() {
  const file = join(root, 'Pulumi.yaml');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The environment for the CLI: the user's, plus what makes it work here without a question. */
/** Operations at once. Most are waits. */
const PARALLEL = '64';

export async function pulumiEnvironment(cli, env = process.env) {
  const added = { PULUMI_SKIP_UPDATE_CHECK: 'true' };
  if (!ownBackend(env)) {
    added.PULUMI_BACKEND_URL = localBackend();
    if (env.PULUMI_CONFIG_PASSPHRASE === undefined && !env.PULUMI_CONFIG_PASSPHRASE_FILE) {
      added.PULUMI_CONFIG_PASSPHRASE_FILE = local.passphrase;
    }
    // The salt of this installation's passphrase is kept in the state, not in the committed stack files.
    added.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER = 'true';
  }
  // What waits for an engine or a cluster needs no processor, and Pulumi counts those.
  if (env.PULUMI_PARALLEL === undefined) added.PULUMI_PARALLEL = PARALLEL;
  const chosen = env.DOCKER_HOST ? undefined : await chosenHost(env);
  if (chosen) added.DOCKER_HOST = chosen.host; // the Docker provider does not know contexts
  // package.json names the providers of every target; a stack's run fetches those that its resources use, when it first
  // uses them, and not the rest of some hundred megabytes each.
  if (env[SKIP_PLUGIN_PRE_INSTALL] === undefined) added[SKIP_PLUGIN_PRE_INSTALL] = 'true';
  added.PATH = `${dirname(cli)}${delimiter}${env.PATH ?? ''}`; // its language host is beside the CLI
  return { ...env, ...added };
}
