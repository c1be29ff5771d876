import { readFileSync } from 'node:fs';
import type { Confinement } from './target';

/** What /proc/PID/status says of a process. */
export function statusOf(text: string): Omit<Confinement, 'readOnly'> {
  const field = (key: string) => new RegExp(`^${key}:\\s+(.*)$`, 'm').exec(text)?.[1]?.split(/\s+/) ?? [];
  const user = field('Uid');
  if (user.length === 0) throw new Error(`no status of a process: ${text}`);
  return {
    root: user.includes('0'),
    effective: field('CapEff').join(),
    bounding: field('CapBnd').join(),
    noNewPrivileges: field('NoNewPrivs').join() === '1',
  };
}

/** The same of a process of this machine, and whether its root can be written. */
export function confinementOf(pid: number): Confinement {
  const mounts = readFileSync(`/proc/${pid}/mounts`, 'utf8');
  const options = /^\S+ \/ \S+ (\S+)/m.exec(mounts)?.[1]?.split(',') ?? [];
  return { ...statusOf(readFileSync(`/proc/${pid}/status`, 'utf8')), readOnly: options.includes('ro') };
}
