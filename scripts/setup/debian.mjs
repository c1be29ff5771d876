// Debian and Ubuntu packages. Installed only where a step cannot go on without them, and always said.
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { LOCKS, withLock } from '../lib/lock.mjs';
import { must } from '../lib/run.mjs';
import { UserError } from '../lib/report.mjs';

export function isDebian(release = readRelease()) {
  return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(release);
}

function readRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** Somebody else's installation, such as that of a machine which updates itself, is waited for. */
const WAIT = ['-o', 'DPkg::Lock::Timeout=600'];

let sudoWorks;

/** The command as root needs it, or undefined if we are not root and sudo would ask for a password. */
export function asRoot(command = []) {
  if (process.getuid?.() === 0) return command;
  sudoWorks ??= spawnSync('sudo', ['--non-interactive', 'true'], { stdio: 'ignore' }).status === 0;
  return sudoWorks ? ['sudo', '--non-interactive', ...command] : undefined;
}

export function installPackages(names, tell) {
  return withLock(LOCKS.debianPackages, () => install(names, tell), { tell });
}

async function install(names, tell) {
  const mend = `install ${names.join(' ')} by hand, then repeat`;
  const apt = (...args) => {
    const command = asRoot(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y', ...WAIT, ...args]);
    if (!command) throw new UserError(`${names.join(', ')} must be installed, and that needs root`, mend);
    return must(command[0], command.slice(1), { mend });
  };
  tell(`installing ${names.join(', ')} with apt-get`);
  // A package list of some other source on the machine may fail to load; what counts is whether the install works.
  await apt('update').catch(() => {});
  await apt('install', '--no-install-recommends', ...names);
}
