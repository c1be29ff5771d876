// What a node's processes leave behind: containers with their guardians, mounts, and rules in the machine's packet filter.
// Found by names and folders that are the cluster's alone, never by what a program is called.
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, rmSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { capture, must, which } from '../../lib/run.mjs';

const CGROUPS = '/sys/fs/cgroup';
const LOG_LINKS = '/var/log/containers';
const GRACE_MS = 10_000;
const KILL_MS = 5_000;
const POLL_MS = 100;

/** Ends every process of a node's containers: all that are in its control group, and then their guardians. */
export async function endContainers(node, { grace = GRACE_MS } = {}) {
  for (const [signal, patience] of [
    ['SIGTERM', grace],
    ['SIGKILL', KILL_MS],
  ]) {
    const until = Date.now() + patience;
    for (const pid of processesOf(node)) signalTo(pid, signal);
    while (processesOf(node).length > 0 && Date.now() < until) await sleep(POLL_MS);
  }
  for (const pid of guardiansOf(node)) signalTo(pid, 'SIGKILL');
}

function signalTo(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended meanwhile
  }
}

/** The control groups of a node: one in each hierarchy where there are several (version 1), else one. */
export function controlGroups(node, folder = CGROUPS) {
  if (existsSync(join(folder, 'cgroup.controllers'))) return [join(folder, node.cgroup)];
  const hierarchies = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return hierarchies.map(({ name }) => join(folder, name, node.cgroup));
}

function processesOf(node) {
  const files = controlGroups(node)
    .filter(existsSync)
    .flatMap((group) => below(group).map((one) => join(one, 'cgroup.procs')));
  return [...new Set(files.flatMap((file) => numbers(file)))];
}

function numbers(file) {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return []; // the group has gone meanwhile
  }
}

/** A folder and all folders in it, the deepest last. */
function below(folder) {
  try {
    const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [folder, ...inner.flatMap(({ name }) => below(join(folder, name)))];
  } catch {
    return [];
  }
}

/** containerd's guardians ("shims") name the socket of the containerd that they belong to. */
function guardiansOf(node) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isGuardian(commandLine(name), node.containerd))
    .map(Number);
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

/** Takes the text of /proc/PID/cmdline: words that end with a zero byte. */
export function isGuardian(commandLine, socket) {
  const [program, ...words] = commandLine.split('\0');
  return (
    program.endsWith('containerd-shim-runc-v2') &&
    words.some((word, at) => word === '-address' && words[at + 1] === socket)
  );
}

/** Takes away a node's mounts and its control groups. */
export async function removeMounts(node) {
  const mounts = mountsBelow(readFileSync('/proc/self/mounts', 'utf8'), [node.folder, node.run]);
  if (mounts.length > 0) await must('umount', ['--lazy', ...mounts]);
  for (const group of controlGroups(node).flatMap(below).reverse()) {
    try {
      rmdirSync(group);
    } catch (error) {
      // An empty group costs nothing; the next start uses it.
      if (error.code !== 'EBUSY' && error.code !== 'ENOENT') throw error;
    }
  }
}

/** kubelet links the logs of all containers from one folder of the machine. */
export function removeLogLinks(node) {
  if (!existsSync(LOG_LINKS)) return;
  for (const name of readdirSync(LOG_LINKS)) {
    const link = join(LOG_LINKS, name);
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(`${node.folder}/`)) rmSync(link);
  }
}

/** Mount points below some folders, the deepest first. Takes the text of /proc/PID/mounts. */
export function mountsBelow(mounts, folders) {
  return mounts
    .split('\n')
    .map((line) => line.split(' ')[1]?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))))
    .filter((path) => path !== undefined && folders.some((folder) => path === folder || path.startsWith(`${folder}/`)))
    .sort((a, b) => b.length - a.length);
}

/** Takes the rules of kubelet, kube-proxy and the enforcer of network policies out of the machine's packet filter. */
export async function removeRules() {
  for (const version of ['iptables', 'ip6tables']) {
    const { code, stdout } = await capture(`${version}-save`, []);
    const removal = code === 0 ? removalOf(stdout) : '';
    if (removal) await must(`${version}-restore`, ['-w', '--noflush'], { input: removal });
  }
  if (!which('ipset')) return;
  const { stdout } = await capture('ipset', ['list', '-n']);
  for (const set of stdout.split('\n').filter((name) => /^(inet6:)?KUBE-/.test(name)))
    await must('ipset', ['destroy', set]);
}

/**
 * What to give to iptables-restore in order to remove every chain whose name begins with KUBE- and every rule that leads
 * to one, and nothing else. Takes what iptables-save prints. Pure.
 */
export function removalOf(saved) {
  const isOurs = (chain) => chain?.startsWith('KUBE-');
  const out = [];
  for (const table of saved.split(/^(?=\*)/m).filter((part) => part.startsWith('*'))) {
    const lines = table.split('\n');
    const chains = lines.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []).filter(isOurs);
    if (chains.length === 0) continue;
    const leading = lines.filter(
      (line) => !isOurs(/^-A (\S+)/.exec(line)?.[1]) && isOurs(/ -[jg] (\S+)/.exec(line)?.[1]),
    );
    out.push(
      lines[0],
      ...leading.map((line) => line.replace(/^-A/, '-D')),
      ...chains.map((chain) => `-F ${chain}`),
      ...chains.map((chain) => `-X ${chain}`),
      'COMMIT',
    );
  }
  return out.length > 0 ? `${out.join('\n')}\n` : '';
}
