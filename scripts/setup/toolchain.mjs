// The Pulumi CLI, its Node.js language host and the providers of a target: what is there already, else the official downloads,
// else built from Go modules (tools/README.md) into the same places.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
  let cli = await findCli();
  const cliMissing = !cli || (cli === places.cli && isOutdated('cli', wanted, places));
  const missing = providers.filter((name) => {
    const { place } = PROVIDERS[name];
    return !isExecutable(places[place]) || isOutdated(place, wanted, places);
  });
  const summary = (how) =>
    [
      `Pulumi ${wanted.pulumi}`,
      ...providers.map((name) => `${PROVIDERS[name].title} provider ${wanted[name]}`),
      how,
    ].join(', ');
  if (!cliMissing && missing.length === 0) return summary('present');

  const online = await reaches(DOWNLOADS);
  if (!online) tell(`${DOWNLOADS} does not answer here; building from Go modules (some minutes the first time)`);
  let how = 'downloaded';
  if (cliMissing && !(online && (await attempt(() => downloadCli(wanted, places, tell))))) {
    await buildCli(wanted, places, tell);
    how = 'built';
  }
  cli = await findCli();
  if (!cli) throw new UserError('the Pulumi CLI was installed but cannot be found', `look into ${dirname(places.cli)}`);
  for (const name of missing) {
    if (online && (await attempt(() => downloadProvider(cli, name, wanted, tell)))) continue;
    await PROVIDERS[name].build(wanted, places, tell);
    how = 'built';
  }
  return summary(how);
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
  const installRoot = dirname(places.bin);
  if (process.platform === 'win32') {
    const { PulumiCommand } = await import('@pulumi/pulumi/automation/index.js');
    await PulumiCommand.install({ root: installRoot });
  } else {
    const folder = mkdtempSync(join(tmpdir(), 'pulumi-'));
    try {
      const script = join(folder, 'install.sh');
      await must('curl', ['-fsSL', '--connect-timeout', `${CONNECT_SECONDS}`, '-o', script, `${DOWNLOADS}/install.sh`]);
      await must('sh', [script, '--no-edit-path', '--install-root', installRoot, '--version', wanted.pulumi]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  await must(places.cli, ['version']);
}

async function downloadProvider(cli, name, wanted, tell) {
  tell(`downloading the ${PROVIDERS[name].title} provider ${wanted[name]}`);
  await must(cli, ['plugin', 'install', 'resource', name, wanted[name]]);
}
