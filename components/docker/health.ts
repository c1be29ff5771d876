import type * as docker from '@pulumi/docker';
import { requestHeaders, type CheckAction, type CheckSpec } from '../check';
import type { MicroserviceSpec } from '../microservice-spec';
import { goDuration } from '../quantity';

/** Where the probe and its marker are inside every container. */
export const PROBE = '/run/probe/probe';
export const PROBE_FOLDER = '/run/probe/state';
const MARKER = `${PROBE_FOLDER}/passed`;
/** Docker's own time-out is for a probe that hangs; the probe keeps the check's. */
const MARGIN = 500;
/** What the probe needs to kill a replica: SIGTERM, a second, SIGKILL. */
const KILL_TIME = 1_000;

type Healthcheck = docker.types.input.ServiceTaskSpecContainerSpecHealthcheck;

/**
 * The container's health check: `ready` until it has passed once, `alive` from then on. A replica that is unhealthy is
 * killed and replaced after `failures × (interval + timeout) + interval` at the most.
 *
 * Swarm would give it `stopGrace` to end, which a hung process lets pass; meanwhile the requests that it holds wait. So the
 * probe kills it a second after SIGTERM, as the kubelet does. What writes to storage keeps its `stopGrace`.
 *
 * @returns `undefined` when there is nothing to check.
 */
export function healthcheck({ alive, ready, startup, storage }: MicroserviceSpec): Healthcheck | undefined {
  const timing = alive ?? ready;
  if (!timing) return undefined;
  const timeout = Math.max(alive?.timeout ?? 0, ready?.timeout ?? 0);
  const kill = alive && !storage ? ['kill', '1', String(alive.failures)] : [];
  return {
    tests: [
      ...['CMD', PROBE, 'check', MARKER, String(timeout)],
      ...kill,
      ...section('ready', ready),
      ...section('alive', alive),
    ],
    interval: goDuration(timing.interval),
    timeout: goDuration(timeout + MARGIN + (kill.length > 0 ? KILL_TIME : 0)),
    retries: timing.failures,
    startPeriod: goDuration(startup),
  };
}

/** Health of a job: it is healthy once it has ended well. */
export function jobHealthcheck(timeout: number): Healthcheck {
  return {
    tests: ['CMD', PROBE, 'done', MARKER],
    interval: '1s',
    timeout: '2s',
    retries: 1,
    startPeriod: goDuration(timeout),
  };
}

/** Runs a job's command and keeps the container, since Swarm starts one that has ended again. */
export function jobCommand(command: readonly string[]): string[] {
  return [PROBE, 'job', MARKER, ...command];
}

/** The number of words goes before them, since a command may consist of any words. */
function section(name: 'ready' | 'alive', check: CheckSpec | undefined): string[] {
  const words = check ? actionWords(check.action) : ['none'];
  return [name, String(words.length), ...words];
}

function actionWords(action: CheckAction): string[] {
  switch (action.kind) {
    case 'http':
      return ['http', String(action.port), action.path, ...requestHeaders(action).flat()];
    case 'grpc':
      return ['grpc', String(action.port), action.service];
    case 'tcp':
      return ['tcp', String(action.port)];
    case 'exec':
      return ['exec', ...action.command];
  }
}
