// Engines of other versions than the machine's, for the behaviour tests: each is a container of the machine's engine, with
// a network, control groups and data of its own, so that the two do not meet. One a machine, shared by all clones.
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineInfo } from '../lib/docker.mjs';
import { LOCKS, changeOnce } from '../lib/lock.mjs';
import { local, machineState } from '../lib/project.mjs';
import { ownBackend } from '../lib/pulumi.mjs';
import { UserError } from '../lib/report.mjs';
import { capture, must, which } from '../lib/run.mjs';
import { builder, presentHashes, standInTags } from './stand-ins.mjs';
import { TOOLS } from './go.mjs';
import { buildEngine, engineRecipe } from './engine-builds.mjs';

/** By version, where its programs are from. */
export const TEST_ENGINES = {
  26.1: { from: "Debian trixie's packages" },
  29.8: { from: 'Go modules', built: true },
};

const RECIPE = join(TOOLS, 'engine');
const LABEL = 'shop.engine-recipe';
const BASE = 'debian:trixie-slim';
const SOCKET_FOLDER = '/run/shop'; // that tools/engine/start names
const START_MS = 90_000;
/** What an engine needs beyond what every container has. Not `--privileged`: some machines have not all rights themselves. */
const CAPABILITIES = ['DAC_READ_SEARCH', 'NET_ADMIN', 'SYS_ADMIN', 'SYS_PTRACE'];

/** Where the engine of a version is, and this clone's `.local` for it; its container's name is that of its image, too. */
export function placeOf(version, state = machineState) {
  const name = `shop-engine-${version}`;
  const folder = join(state, 'engines', version);
  const own = join(local.folder, 'engines', version);
  return { name, folder, own, host: `unix://${join(folder, 'docker.sock')}` };
}

/** @throws UserError for a version that there is no recipe for, and where such an engine cannot be. */
export function refuseEngine(version, machine = {}) {
  const { platform = process.platform, uid = process.getuid?.(), backend = ownBackend() } = machine;
  if (!Object.hasOwn(TEST_ENGINES, version)) {
    throw new UserError(
      `--engine: there is no recipe for ${version}`,
      `one of ${Object.keys(TEST_ENGINES).join(', ')}; without --engine the tests run on the engine of this machine`,
    );
  }
  if (platform !== 'linux' || uid !== 0) {
    throw new UserError(
      '--engine needs root on Linux: the tests run in the network of the engine',
      'without --engine they run on the engine of this machine',
    );
  }
  if (backend !== undefined) {
    throw new UserError(
      `--engine: the state of the stacks is in ${backend}, and so the same for each engine`,
      '`npx pulumi logout`, or unset PULUMI_BACKEND_URL and PULUMI_ACCESS_TOKEN, so that it is in .local',
    );
  }
}

/**
 * Sees that the engine runs and, after set-up, that it has the base images of this machine.
 *
 * @returns its place, its own version, and its container's process, in whose network its published ports are.
 */
export async function testEngine(version, tell) {
  const place = placeOf(version);
  const { imagePrefix } = JSON.parse(readFileSync(local.environment, 'utf8'));
  const base = `${imagePrefix}${BASE}`;
  const hash = await recipe(version, { ...place, base });
  const look = async () => {
    const found = await inspect(place.name);
    return found?.running && found.hash === hash && (await answers(place)) ? found.pid : undefined;
  };
  const pid = await changeOnce(LOCKS.testEngine, tell, look, async () => {
    await ensureImage(version, { ...place, base, hash }, tell);
    return start({ ...place, hash }, tell);
  });
  if (imagePrefix !== '') await copyStandIns(place, tell);
  mkdirSync(place.own, { recursive: true, mode: 0o700 });
  // One for all engines: what encrypts the configuration of a stack is read from the same file with each.
  copyFileSync(local.passphrase, join(place.own, basename(local.passphrase)));
  const { info } = await engineInfo(place.host);
  return { ...place, pid, version: info.ServerVersion };
}

async function recipe(version, { base, ...place }) {
  if ((await capture('docker', ['image', 'inspect', base])).code !== 0) await must('docker', ['pull', '--quiet', base]);
  const id = await must('docker', ['image', 'inspect', '--format', '{{.Id}}', base]);
  const files = ['Dockerfile', 'start'].map((file) => readFileSync(join(RECIPE, file), 'utf8'));
  const parts = [id, files, runArguments(place), TEST_ENGINES[version].built ? engineRecipe() : ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function inspect(name) {
  const format = `{{index .Config.Labels "${LABEL}"}} {{.State.Running}} {{.State.Pid}} {{.Id}}`;
  const { code, stdout } = await capture('docker', ['container', 'inspect', '--format', format, name]);
  if (code !== 0) return undefined;
  const [hash, running, pid, id] = stdout.trim().split(' ');
  return { hash, running: running === 'true', pid: Number(pid), id };
}

async function answers({ host }) {
  return (await engineInfo(host)).info !== undefined;
}

async function ensureImage(version, { name, base, hash }, tell) {
  const format = `{{index .Config.Labels "${LABEL}"}}`;
  const { stdout } = await capture('docker', ['image', 'inspect', '--format', format, name]);
  if (stdout.trim() === hash) return;
  const programs = TEST_ENGINES[version].built ? await buildEngine(version, tell) : [];
  tell(`making Docker ${version} from ${TEST_ENGINES[version].from}`);
  const context = mkdtempSync(join(tmpdir(), 'engine-'));
  try {
    mkdirSync(join(context, 'programs'));
    for (const file of programs) copyFileSync(file, join(context, 'programs', basename(file)));
    for (const file of ['Dockerfile', 'start']) copyFileSync(join(RECIPE, file), join(context, file));
    const args = ['--network', 'host', '--build-arg', `BASE=${base}`, '--label', `${LABEL}=${hash}`, '--tag', name];
    await must('docker', ['build', ...args, context], {
      env: { ...process.env, ...(await builder()) },
      mend: 'the recipe is tools/engine',
    });
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** What `docker run` is given. Its data lie in a volume that goes with the container. Pure. */
export function runArguments({ name, folder }) {
  return [
    ...['run', '--detach', '--init', '--name', name, '--hostname', name, '--stop-timeout', '60'],
    ...CAPABILITIES.flatMap((one) => ['--cap-add', one]),
    ...['seccomp=unconfined', 'apparmor=unconfined', 'label=disable', 'systempaths=unconfined'].flatMap((one) => [
      '--security-opt',
      one,
    ]),
    ...['--device-cgroup-rule', 'a *:* rwm'],
    ...['--volume', '/var/lib/docker', '--volume', '/var/lib/containerd', '--volume', `${folder}:${SOCKET_FOLDER}`],
    name,
  ];
}

async function start({ name, folder, host, hash }, tell) {
  const before = await inspect(name);
  if (before && before.hash !== hash) {
    tell(`removing ${name}, which was made from another recipe`);
    await must('docker', ['rm', '--force', '--volumes', name]);
  }
  tell(`starting ${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await must('docker', before?.hash === hash ? ['start', name] : runArguments({ name, folder }));
  const { pid, id } = (await inspect(name)) ?? {};
  if (!readOr(`/proc/${pid}/cgroup`).includes(id)) {
    await must('docker', ['rm', '--force', '--volumes', name]);
    throw new UserError(
      '--engine: the containers of the Docker engine are not processes of this machine',
      'unset DOCKER_HOST, and choose the docker context of an engine that runs here and not in a virtual machine',
    );
  }
  for (const until = Date.now() + START_MS; !(await answers({ host })); await sleep(300)) {
    if (Date.now() > until) {
      throw new UserError(`${name} does not answer after ${START_MS / 1000} s`, `read \`docker logs ${name}\``);
    }
  }
  return pid;
}

/** Quicker than to make them a second time. */
async function copyStandIns({ name, host }, tell) {
  const tags = standInTags();
  const [ours, theirs] = [await presentHashes(tags), await presentHashes(tags, host)];
  const missing = tags.filter((tag) => ours[tag] !== theirs[tag]);
  if (missing.length === 0) return;
  tell(`copying ${missing.length} base images to ${name}`);
  const save = spawn('docker', ['save', ...missing], { stdio: ['ignore', 'pipe', 'inherit'] });
  const load = spawn('docker', ['--host', host, 'load', '--quiet'], { stdio: [save.stdout, 'ignore', 'inherit'] });
  const ended = [save, load].map((one) => new Promise((resolve) => one.on('error', resolve).on('exit', resolve)));
  save.stdout.destroy(); // our own end of the pipe
  const codes = await Promise.all(ended);
  if (codes.some((code) => code !== 0)) {
    throw new UserError(`the base images could not be copied to ${name}`, 'see what `docker` says above');
  }
}

/**
 * A command as it is run with the engine: in the network where its ports are published, and with a `.local` of its own, since
 * the state of the stacks and the names on the engine belong to one engine.
 */
export function besideEngine({ pid, own, host }, version, command) {
  const nsenter = which('nsenter');
  if (!nsenter) throw new UserError('there is no `nsenter` on this machine', 'install util-linux');
  const mount = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
  const args = [
    ...[`--target=${pid}`, '--net', '--', 'unshare', '--mount', '--'],
    ...['sh', '-c', mount, 'sh', own, local.folder, ...command],
  ];
  return { program: nsenter, args, env: { ...process.env, DOCKER_HOST: host, E2E_ENGINE: version } };
}

function readOr(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
