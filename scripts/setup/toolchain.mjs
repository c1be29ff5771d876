// The Pulumi CLI, its Node.js language host and the Docker provider: what is there already, else the official downloads,
// else built from Go modules (tools/README.md) into the same places.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { versions } from '../lib/project.mjs';
import { findCli, toolchainPlaces } from '../lib/pulumi.mjs';
import { UserError, say } from '../lib/report.mjs';
import { capture, isExecutable, must } from '../lib/run.mjs';
import { buildCli, buildDockerProvider, isOutdated } from './go-builds.mjs';

const CONNECT_SECONDS = 5;
const DOWNLOADS = 'https://get.pulumi.com';

export async function toolchain(tell) {
  const wanted = versions();
  const places = toolchainPlaces(wanted);
  let cli = await findCli();
  const cliMissing = !cli || (cli === places.cli && isOutdated('cli', wanted, places));
  const providerMissing = !isExecutable(places.dockerProvider) || isOutdated('dockerProvider', wanted, places);
  if (!cliMissing && !providerMissing) return summary(wanted, 'present');

  const online = await reaches(DOWNLOADS);
  if (!online) tell(`${DOWNLOADS} does not answer here; building from Go modules (about 7 minutes the first time)`);
  let how = 'downloaded';
  if (cliMissing && !(online && (await attempt(() => downloadCli(wanted, places, tell))))) {
    await buildCli(wanted, places, tell);
    how = 'built';
  }
  cli = await findCli();
  if (!cli) throw new UserError('the Pulumi CLI was installed but cannot be found', `look into ${dirname(places.cli)}`);
  if (providerMissing && !(online && (await attempt(() => downloadProvider(cli, wanted, tell))))) {
    await buildDockerProvider(wanted, places, tell);
    how = 'built';
  }
  return summary(wanted, how);
}

function summary(wanted, how) {
  return `Pulumi ${wanted.pulumi}, Docker provider ${wanted.docker}, ${how}`;
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

async function downloadProvider(cli, wanted, tell) {
  tell(`downloading the Docker provider ${wanted.docker}`);
  await must(cli, ['plugin', 'install', 'resource', 'docker', wanted.docker]);
}
