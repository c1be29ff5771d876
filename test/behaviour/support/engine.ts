import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import Docker from 'dockerode';
import { pythonImage } from './environment';
import type { Ended, Memory } from './target';

export const engine = new Docker();

const LABEL = {
  partOf: 'app.kubernetes.io/part-of',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
};
/** What the tests start themselves carries this label, so that they can remove it and nothing else. */
export const TEST_LABEL = 'shop.behaviour-test';

export type Component = 'microservice' | 'load-balancer' | 'gateway' | 'job' | 'proxy-config';

export interface Running {
  id: string;
  name: string;
  service: string;
  component: Component;
  state: string;
  /** What the engine's health check says; `none` without one. */
  health: 'healthy' | 'unhealthy' | 'starting' | 'none';
  networks: string[];
}

/** Containers of a stack; `service` and `component` narrow the choice. Only running ones unless `all`. */
export async function containers(
  prefix: string,
  { service, component, all = false }: { service?: string; component?: Component; all?: boolean } = {},
): Promise<Running[]> {
  const label = [`${LABEL.partOf}=${prefix}`];
  if (service !== undefined) label.push(`${LABEL.name}=${service}`);
  if (component !== undefined) label.push(`${LABEL.component}=${component}`);
  const found = await engine.listContainers({ all, filters: { label } });
  return found.map((one) => ({
    id: one.Id,
    name: one.Names[0]!.slice(1),
    service: one.Labels[LABEL.name] ?? '',
    component: one.Labels[LABEL.component] as Component,
    state: one.State,
    health: healthOf(one.Status),
    networks: Object.keys(one.NetworkSettings?.Networks ?? {}),
  }));
}

function healthOf(status: string): Running['health'] {
  const match = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status);
  return (match?.[1] as Running['health'] | undefined) ?? 'none';
}

/** Running replicas of a microservice. */
export function replicas(prefix: string, service: string): Promise<Running[]> {
  return containers(prefix, { service, component: 'microservice' });
}

/** Kills the main process of a container. Not `docker kill`: the engine takes that for a wish and restarts nothing. */
export async function kill(id: string): Promise<void> {
  const { State } = await engine.getContainer(id).inspect();
  await signal(id, 'KILL', [State.Pid]);
}

/**
 * Stops (`STOP`) or continues (`CONT`) every process of a container, as if it hung. Not `docker pause`: the engine
 * would know of that.
 */
export async function freeze(id: string, name: 'STOP' | 'CONT'): Promise<void> {
  const top = (await engine.getContainer(id).top({ ps_args: '-eo pid' })) as { Processes: string[][] };
  await signal(
    id,
    name,
    top.Processes.map(([pid]) => Number(pid)),
  );
}

/** From the engine's own machine: nobody can stop or kill the main process from inside its process namespace. */
async function signal(id: string, name: 'KILL' | 'STOP' | 'CONT', pids: number[]): Promise<void> {
  const valid = pids.filter((pid) => pid > 1);
  if (valid.length === 0) throw new Error(`no process in container ${id}`);
  if (process.getuid?.() === 0 && valid.every((pid) => isProcessOf(pid, id))) {
    for (const pid of valid) process.kill(pid, `SIG${name}`);
    return;
  }
  const result = await helper(['sh', '-c', `kill -${name} ${valid.join(' ')}`], { PidMode: 'host', CapAdd: ['KILL'] });
  if (result.code !== 0) throw new Error(`cannot signal the processes of ${id}: ${result.output}`);
}

/** The engine may be in another machine, where the same number is somebody else's process. */
function isProcessOf(pid: number, id: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
  } catch {
    return false;
  }
}

/** Runs a command in a container, bounded by `timeout`. */
export async function exec(
  id: string,
  command: string[],
  { user, timeout = 20_000 }: { user?: string; timeout?: number } = {},
): Promise<Ended> {
  const process_ = await engine.getContainer(id).exec({
    Cmd: command,
    AttachStdout: true,
    AttachStderr: true,
    ...(user === undefined ? {} : { User: user }),
  });
  const stream = await process_.start({});
  const sink = new PassThrough();
  const chunks: Buffer[] = [];
  sink.on('data', (chunk: Buffer) => chunks.push(chunk));
  engine.modem.demuxStream(stream, sink, sink);
  const timer = setTimeout(() => stream.destroy(new Error(`${command[0]} took longer than ${timeout} ms`)), timeout);
  try {
    await once(stream, 'end');
  } finally {
    clearTimeout(timer);
  }
  const { ExitCode } = await process_.inspect();
  return { code: ExitCode ?? -1, output: Buffer.concat(chunks).toString('utf8') };
}

/** Runs a command in a container of its own, which is removed afterwards. */
export async function helper(
  command: string[],
  host: Docker.HostConfig = {},
  { image = pythonImage(), user = '0', timeout = 60_000 }: { image?: string; user?: string; timeout?: number } = {},
): Promise<Ended> {
  const container = await engine.createContainer({
    Image: image,
    Entrypoint: command.slice(0, 1),
    Cmd: command.slice(1),
    User: user,
    Labels: { [TEST_LABEL]: 'helper' },
    HostConfig: { ...host, LogConfig: { Type: 'json-file', Config: {} } },
  });
  try {
    await container.start();
    const { StatusCode } = (await Promise.race([
      container.wait(),
      new Promise((_, reject) =>
        setTimeout(() => reject(new Error(`a helper took longer than ${timeout} ms`)), timeout).unref(),
      ),
    ])) as { StatusCode: number };
    return { code: StatusCode, output: await logs(container.id) };
  } finally {
    await container.remove({ force: true });
  }
}

/** What a container has written, without the frame bytes of the engine's stream. */
export async function logs(id: string, tail?: number): Promise<string> {
  const raw = await engine
    .getContainer(id)
    .logs({ stdout: true, stderr: true, ...(tail === undefined ? {} : { tail }) });
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Processor time used so far, in seconds, and memory in bytes, from the engine's statistics. */
export async function usage(id: string): Promise<{ cpuSeconds: number; memory: Memory }> {
  const stats = await engine.getContainer(id).stats({ stream: false, 'one-shot': true });
  const { usage: used, limit } = stats.memory_stats;
  return { cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / 1e9, memory: { used, limit } };
}

/** Everything on the engine that belongs to a stack, by label or by name; volumes apart. */
export async function belongings(prefix: string): Promise<{ objects: string[]; volumes: string[] }> {
  const ours = (labels: Record<string, string> | undefined, name: string) =>
    labels?.[LABEL.partOf] === prefix || name.startsWith(`${prefix}-`) || name === prefix;
  const [allContainers, services, networks, secrets, configs, volumes] = await Promise.all([
    engine.listContainers({ all: true }),
    engine.listServices(),
    engine.listNetworks(),
    engine.listSecrets(),
    engine.listConfigs(),
    engine.listVolumes(),
  ]);
  const spec = (kind: string, items: { Spec?: { Name?: string; Labels?: Record<string, string> } }[]) =>
    items.filter(({ Spec }) => ours(Spec?.Labels, Spec?.Name ?? '')).map(({ Spec }) => `${kind} ${Spec?.Name}`);
  return {
    objects: [
      ...allContainers
        .filter((one) => ours(one.Labels, one.Names[0]?.slice(1) ?? ''))
        .map((one) => `container ${one.Names[0]?.slice(1)}`),
      ...spec('service', services as never),
      ...networks.filter((one) => ours(one.Labels, one.Name)).map((one) => `network ${one.Name}`),
      ...spec('secret', secrets as never),
      ...spec('config', configs as never),
    ].sort(),
    // Volumes of writable folders are empty names; see components/docker/unused-folders.ts.
    volumes: volumes.Volumes.filter((one) => ours(one.Labels, one.Name))
      .filter(({ Labels }) => Labels?.[LABEL.component] !== 'writable-folder')
      .map((one) => one.Name)
      .sort(),
  };
}
