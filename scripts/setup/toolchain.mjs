// The Pulumi CLI, its Node.js language host and the providers of a target: what is there already, else the official downloads,
// else built from Go modules (tools/README.md) into the same places.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOCKS, changeOnce } from '../lib/lock.mjs';
import { versions } from '../lib/project.mjs';
import { findCli, toolchainPlaces } from '../lib/pulumi.mjs';
import { UserError, say } from '../lib/report.mjs';
import { capture, isExecutable, must } from '../lib/run.mjs';
import { buildCli, buildDockerProvider, buildKubernetesProvider, isOutdated } from './go-builds.mjs';

const CONNECT_SECONDS = 5;
const DOWNLOADS = 'https://get.pulumi.com';

/** The providers that set-up can get, and how each is built where it cannot be downloaded. */
export const PROVIDERS = {
  docker: { title: 'Docker', place: 'dockerProvider', build: buildDockerProvider },
  kubernetes: { title: 'Kubernetes', place: 'kubernetesProvider', build: buildKubernetesProvider },
};

/** @param providers names of the providers that must be there; nothing is done for the others. */
export async function toolchain(tell, providers = ['docker']) {
  const wanted = versions();
  const places = toolchainPlaces(wanted);
  const summary = (how) =>
    [
      `Pulumi ${wanted.pulumi}`,
      ...providers.map((name) => `${PROVIDERS[name].title} provider ${wanted[name]}`),
      how,
    ].join(', ');
  const look = async () => {
    const { cliMissing, missing } = await lack(wanted, places, providers);
    return cliMissing || missing.length > 0 ? undefined : summary('present');
  };
  return changeOnce(LOCKS.toolchain, tell, look, async () => summary(await get(wanted, places, providers, tell)));
}

/** What is not there, or was built from another recipe than today's. */
async function lack(wanted, places, providers) {
  const cli = await findCli();
  return {
    cliMissing: !cli || (cli === places.cli && isOutdated('cli', wanted, places)),
    missing: providers.filter((name) => {
      const { place } = PROVIDERS[name];
      const unpacking = existsSync(partialOf(places[place]));
      return !isExecutable(places[place]) || unpacking || isOutdated(place, wanted, places);
    }),
  };
}

/** The file by which Pulumi marks a plugin while it unpacks it. */
function partialOf(plugin) {
  return `${dirname(plugin)}.partial`;
}

/** Gets what is not there; returns how. */
async function get(wanted, places, providers, tell) {
  const { cliMissing, missing } = await lack(wanted, places, providers);
  const online = await reaches(DOWNLOADS);
  if (!online) tell(`${DOWNLOADS} does not answer here; building from Go modules (some minutes the first time)`);
  let how = 'downloaded';
  if (cliMissing && !(online && (await attempt(() => downloadCli(wanted, places, tell))))) {
    await buildCli(wanted, places, tell);
    how = 'built';
  }
  const cli = await findCli();
  if (!cli) throw new UserError('the Pulumi CLI was installed but cannot be found', `look into ${dirname(places.cli)}`);
  for (const name of missing) {
    if (online && (await attempt(() => downloadProvider(cli, name, wanted, tell)))) continue;
    await PROVIDERS[name].build(wanted, places, tell);
    // A download that failed may have left it; the plugin would never count as there.
    rmSync(partialOf(places[PROVIDERS[name].place]), { force: true });
    how = 'built';
  }
  return how;
}

/** A failed download is not the end: what cannot be fetched may still be built. */
async function attempt(download) {
  try {
    await download();
    return true;
  } catch (error) {
    say(`  toolchain: the download failed, building instead: ${error.message.split('\n')[0]}`);
    return false;
  }
}

/** curl, since it honours the proxies that this machine uses, and since the official installer needs it anyway. */
async function reaches(url) {
  const args = [
    '--silent',
    '--show-error',
    '--head',
    '--connect-timeout',
    `${CONNECT_SECONDS}`,
    '--max-time',
    '20',
    url,
  ];
  const { code } = await capture('curl', args);
  return code === 0;
}

async function downloadCli(wanted, places, tell) {
  tell(`downloading Pulumi ${wanted.pulumi}`);
  // Moved into place whole: others look without a lock whether it is there.
  const installRoot = dirname(places.bin);
  mkdirSync(installRoot, { recursive: true });
  const folder = mkdtempSync(join(installRoot, 'download-'));
  try {
    if (process.platform === 'win32') {
      const { PulumiCommand } = await import('@pulumi/pulumi/automation/index.js');
      await PulumiCommand.install({ root: folder });
    } else {
      const script = join(folder, 'install.sh');
      await must('curl', ['-fsSL', '--connect-timeout', `${CONNECT_SECONDS}`, '-o', script, `${DOWNLOADS}/install.sh`]);
      await must('sh', [script, '--no-edit-path', '--install-root', folder, '--version', wanted.pulumi]);
    }
    rmSync(places.bin, { recursive: true, force: true });
    renameSync(join(folder, 'bin'), places.bin);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await must(places.cli, ['version']);
}

async function downloadProvider(cli, name, wanted, tell) {
  tell(`downloading the ${PROVIDERS[name].title} provider ${wanted[name]}`);
  await must(cli, ['plugin', 'install', 'resource', name, wanted[name]]);
}
