import type * as pulumi from '@pulumi/pulumi';
import { formatCpu, formatSize } from './quantity';
import { formatPath, type Problem } from './validation';
import { LOGS, type ParsedWorkload } from './workload-shape';

export interface SecretSpec {
  value: pulumi.Input<string>;
  version?: string;
  /** The argument, for messages: `services.api.secrets.password`. */
  path: string;
}

/** A folder in memory after validation. The size is bytes. */
export interface WritableFolder {
  path: string;
  size: number;
}

/** A workload after validation and defaults: plain and complete. Times are milliseconds, sizes are bytes. */
export interface WorkloadSpec {
  name: string;
  image: pulumi.Input<string>;
  command: string[];
  env: Record<string, pulumi.Input<string>>;
  secrets: Record<string, SecretSpec>;
  cpu: { request: number; limit: number };
  memory: { request: number; limit: number };
  ephemeralStorage: { request: number; limit: number };
  calls: string[];
  after: string[];
  internet: boolean;
  writablePaths: WritableFolder[];
  user: string;
  readOnlyRoot: boolean;
  capabilities: string[];
  stopGrace: number;
}

export const DEFAULT_CPU_LIMIT = 1_000;
/** Services of one machine are rarely busy at once; a laptop has room for two environments. */
const CPU_LIMIT_PER_REQUEST = 20;
export const DEFAULT_MEMORY_LIMIT = 256 * 2 ** 20;
/** With a read-only root it is only the logs; the rest is for bursts of them between two rotations. */
export const EPHEMERAL_STORAGE = { request: LOGS, limit: 2 ** 30 } as const;
export const WRITABLE_SIZE = 64 * 2 ** 20;
/** A cluster keeps no object above 1.5 MiB, and each `$` is doubled there. */
const MAX_TEXTS = 512 * 2 ** 10;

/** Fills in defaults and checks what concerns more than one argument. */
export function workloadSpec(name: string, args: ParsedWorkload, path: string, problems: Problem[]): WorkloadSpec {
  const cpuLimit = args.resources?.cpu?.limit ?? Math.max(DEFAULT_CPU_LIMIT, args.resources?.cpu?.request ?? 0);
  const memoryLimit =
    args.resources?.memory?.limit ?? Math.max(DEFAULT_MEMORY_LIMIT, args.resources?.memory?.request ?? 0);
  const disk = args.resources?.ephemeralStorage ?? {};
  const amounts = {
    cpu: {
      request: args.resources?.cpu?.request ?? Math.max(1, Math.round(cpuLimit / CPU_LIMIT_PER_REQUEST)),
      limit: cpuLimit,
    },
    memory: { request: args.resources?.memory?.request ?? memoryLimit, limit: memoryLimit },
    ephemeralStorage: {
      request: disk.request ?? EPHEMERAL_STORAGE.request,
      limit: disk.limit ?? Math.max(EPHEMERAL_STORAGE.limit, disk.request ?? 0),
    },
  };
  for (const [kind, { request, limit }] of Object.entries(amounts)) {
    if (request > limit) {
      problems.push({
        path: `${path}.resources.${kind}.limit`,
        allowed: `must not be below the request (${kind === 'cpu' ? formatCpu(request) : formatSize(request)})`,
        fix: 'raise the limit or lower the request',
      });
    }
  }
  const user = args.hardening?.user ?? '10001:10001';
  if (/^0+(:|$)/.test(user) && args.hardening?.allowRoot !== true) {
    problems.push({
      path: `${path}.hardening.user`,
      value: user,
      allowed: 'must not be root',
      fix: 'give a numeric user above 0, or set hardening.allowRoot',
    });
  }
  const env = args.env ?? {};
  const texts = [...(args.command ?? []), ...Object.entries(env).flat()].filter((text) => typeof text === 'string');
  if (Buffer.byteLength(texts.join('')) > MAX_TEXTS) {
    problems.push({
      path: `${path}.env`,
      allowed: 'must have at most 512 KiB, together with the command',
      fix: 'bring large texts as secrets, or in the image',
    });
  }
  const calls = args.calls ?? [];
  return {
    name,
    image: args.image,
    command: args.command ?? [],
    env,
    secrets: Object.fromEntries(
      Object.entries(args.secrets ?? {}).map(([file, secret]) => [
        file,
        { ...secret, path: `${path}.${formatPath(['secrets', file])}` },
      ]),
    ),
    ...amounts,
    calls: [...new Set(calls)],
    after: [...new Set(args.after ?? [])],
    internet: args.internet ?? false,
    writablePaths: writableFolders(args.writablePaths ?? [{ path: '/tmp' }], memoryLimit, path, problems),
    user: user.includes(':') ? user : `${user}:${user}`,
    readOnlyRoot: args.hardening?.readOnlyRoot ?? true,
    capabilities: args.hardening?.capabilities ?? [],
    stopGrace: args.stopGrace ?? 10_000,
  };
}

function writableFolders(
  folders: readonly { path: string; size?: number | undefined }[],
  memory: number,
  path: string,
  problems: Problem[],
): WritableFolder[] {
  folders.forEach((folder, index) => {
    const first = folders.findIndex((other) => other.path === folder.path);
    if (first < index) {
      problems.push({
        path: `${path}.writablePaths[${index}]`,
        value: folder.path,
        allowed: `is the same as writablePaths[${first}]`,
        fix: 'remove one of them',
      });
    }
    if (folder.size !== undefined && folder.size > memory) {
      problems.push({
        path: `${path}.writablePaths[${index}].size`,
        value: formatSize(folder.size),
        allowed: `must not be above the memory's limit (${formatSize(memory)}), which what is written counts towards`,
        fix: 'raise resources.memory, or lower the size',
      });
    }
  });
  return folders.map(({ path, size }) => ({ path, size: size ?? WRITABLE_SIZE }));
}

/** Whether somebody relies on another size than the default. */
export function changesEphemeralStorage({ ephemeralStorage: { request, limit } }: WorkloadSpec): boolean {
  return request !== EPHEMERAL_STORAGE.request || limit !== EPHEMERAL_STORAGE.limit;
}

/** Nothing can be mounted twice at one place. */
export function checkStoragePath(
  { writablePaths }: Pick<WorkloadSpec, 'writablePaths'>,
  storage: { path: string } | undefined,
  path: string,
  problems: Problem[],
): void {
  const index = writablePaths.findIndex((folder) => folder.path === storage?.path);
  if (index < 0) return;
  problems.push({
    path: `${path}.storage.path`,
    value: storage!.path,
    allowed: `is the same as writablePaths[${index}]`,
    fix: 'remove it from writablePaths',
  });
}
