// The Docker engine: use the one that answers, else install and start Debian's; then see that Swarm mode is on.
// Nothing here ever changes a setting of an engine: where one stands in the way, the message says which.
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chosenHost, engineInfo } from '../lib/docker.mjs';
import { LOCKS, changeOnce } from '../lib/lock.mjs';
import { machineState } from '../lib/project.mjs';
import { UserError } from '../lib/report.mjs';
import { must, which } from '../lib/run.mjs';
import { asRoot, isDebian, installPackages } from './debian.mjs';

const START_MS = 90_000;
const DOCKERD_PID = '/var/run/docker.pid';
const LOG = join(machineState, 'dockerd.log');

export function engine(tell) {
  const look = async () => {
    const { info } = await engineInfo();
    return info && !swarmProblem(info) && isInSwarm(info) ? summary(info, 'on') : undefined;
  };
  return changeOnce(LOCKS.engine, tell, look, () => makeReady(tell));
}

async function makeReady(tell) {
  let { info, reason } = await engineInfo();
  if (!info) {
    await refuseIfNotOurs(reason);
    await installEngine(tell);
    await startEngine(tell);
    ({ info, reason } = await engineInfo());
    if (!info) throw new UserError(`the Docker engine was started but does not answer: ${reason}`, `read ${LOG}`);
  }
  return summary(info, await ensureSwarm(info, tell));
}

function summary(info, swarm) {
  return `Docker ${info.ServerVersion}, ${info.NCPU} CPUs, Swarm mode ${swarm}`;
}

function isInSwarm(info) {
  return info.Swarm?.LocalNodeState === 'active';
}

/** An engine that somebody chose, or that an application provides, is not ours to start. */
async function refuseIfNotOurs(reason) {
  const chosen = await chosenHost();
  if (chosen) {
    throw new UserError(
      `the Docker engine at ${chosen.host} (from ${chosen.from}) does not answer: ${reason}`,
      'start it, or unset DOCKER_HOST / `docker context use default` to use the engine of this machine',
    );
  }
  if (process.platform === 'darwin' || process.platform === 'win32') {
    throw new UserError(
      `no Docker engine answers: ${reason}`,
      'start Docker Desktop, wait until it is ready, and repeat',
    );
  }
  if (/permission denied/i.test(reason)) throw notAllowed(reason);
  if (!asRoot()) {
    throw new UserError(
      `no Docker engine answers: ${reason}`,
      'start the engine (`sudo systemctl start docker`), or run this once as root',
    );
  }
}

function notAllowed(reason) {
  return new UserError(
    `a Docker engine runs, but your user may not use it: ${reason}`,
    'add your user to the group (`sudo usermod -aG docker $USER`), sign in again, and repeat',
  );
}

async function installEngine(tell) {
  if (which('docker') && which('dockerd')) return;
  if (!isDebian()) {
    throw new UserError(
      'there is no Docker engine on this machine',
      'install Docker Engine for your distribution, then repeat',
    );
  }
  await installPackages(['docker.io'], tell);
}

async function startEngine(tell) {
  // systemd runs only where this folder exists (sd_booted(3)); in containers and small machines it does not.
  if (existsSync('/run/systemd/system')) {
    tell('starting the Docker engine with systemd');
    const [program, ...args] = asRoot(['systemctl', 'start', 'docker']);
    await must(program, args, { mend: 'see `journalctl -u docker`' });
    await waitForEngine(() => undefined, '`journalctl -u docker`');
    return;
  }
  await removeStalePidFiles();
  if (existsSync(DOCKERD_PID)) {
    tell('waiting for the dockerd that is starting'); // by the package's own start script, or by somebody else
    await waitForEngine(() => undefined, 'its log');
    return;
  }
  tell(`starting dockerd (log: ${LOG})`);
  mkdirSync(machineState, { recursive: true });
  const log = openSync(LOG, 'a');
  const [program, ...args] = asRoot(['dockerd']);
  // Detached: a session of its own, so that the engine outlives npm, this terminal and its Ctrl-C.
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
  let ended;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended = `dockerd ended (${signal ?? `exit code ${code}`})`));
  child.unref();
  await waitForEngine(() => ended, LOG);
}

async function waitForEngine(ended, where) {
  const until = Date.now() + START_MS;
  for (;;) {
    const { info, reason } = await engineInfo();
    if (info) return;
    if (/permission denied/i.test(reason)) throw notAllowed(reason);
    if (ended()) throw new UserError(`the Docker engine did not start: ${ended()}${lastLines()}`, `read ${where}`);
    if (Date.now() > until) throw new UserError(`the Docker engine did not answer in time: ${reason}`, `read ${where}`);
    await sleep(300);
  }
}

function lastLines() {
  if (!existsSync(LOG)) return '';
  return `\n    ${readFileSync(LOG, 'utf8').trim().split('\n').slice(-8).join('\n    ')}`;
}

/**
 * After a crash of a machine without a fresh /run, the files of the last dockerd and containerd may name a process
 * number that another program has now; dockerd would then refuse to start, or wait for a containerd that is not there.
 */
async function removeStalePidFiles() {
  const files = { [DOCKERD_PID]: 'dockerd', '/var/run/docker/containerd/containerd.pid': 'containerd' };
  for (const [file, program] of Object.entries(files)) {
    if (!existsSync(file)) continue;
    const comm = `/proc/${readFileSync(file, 'utf8').trim()}/comm`;
    if (existsSync(comm) && readFileSync(comm, 'utf8').trim() === program) continue;
    const [remove, ...args] = asRoot(['rm', '-f', file]);
    await must(remove, args);
  }
}

async function ensureSwarm(info, tell) {
  const problem = swarmProblem(info);
  if (problem) throw new UserError(problem.message, problem.mend);
  if (isInSwarm(info)) return 'on';
  tell('turning Swarm mode on, listening on 127.0.0.1 only (`docker swarm leave --force` turns it off again)');
  await must('docker', ['swarm', 'init', '--advertise-addr', '127.0.0.1', '--listen-addr', '127.0.0.1:2377'], {
    mend: 'see what the engine says above; `docker info` shows its state',
  });
  return 'turned on';
}

/** Why this engine cannot be used as it is, and the mend; undefined if it can. Exported for its tests. */
export function swarmProblem(info) {
  const { LocalNodeState: state, ControlAvailable: manager, Error: detail } = info.Swarm ?? {};
  if (info.OSType && info.OSType !== 'linux') {
    return {
      message: `the Docker engine runs ${info.OSType} containers`,
      mend: 'switch Docker Desktop to Linux containers',
    };
  }
  if (info.LiveRestoreEnabled) {
    return {
      message: 'the Docker engine has "live-restore" on, which excludes Swarm mode',
      mend: 'remove "live-restore" from the engine\'s settings (/etc/docker/daemon.json), restart the engine, and repeat',
    };
  }
  if (state === 'active' && !manager) {
    return {
      message: 'this Docker engine is a worker in a swarm, so services cannot be made from it',
      mend: "point DOCKER_HOST or the docker context at that swarm's manager, or leave it with `docker swarm leave`",
    };
  }
  if (state === 'locked') {
    return {
      message: "this Docker engine's swarm is locked",
      mend: 'unlock it with `docker swarm unlock` and its key',
    };
  }
  if (state === 'pending' || state === 'error') {
    return {
      message: `Swarm mode of this Docker engine is in the state "${state}"${detail ? `: ${detail}` : ''}`,
      mend: 'wait a moment and repeat; if it stays so, `docker swarm leave --force` ends that swarm (with its services)',
    };
  }
  return undefined;
}
