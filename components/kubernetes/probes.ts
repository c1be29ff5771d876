import type { types } from '@pulumi/kubernetes';
import { requestHeaders, type CheckAction, type CheckSpec } from '../check';
import type { MicroserviceSpec } from '../microservice-spec';
import { literal } from './literal';
import { wholeSeconds } from './quantities';

type Probe = types.input.core.v1.Probe;
type Probes = Pick<types.input.core.v1.Container, 'startupProbe' | 'livenessProbe' | 'readinessProbe'>;

/** How often a new replica is asked whether it is up. */
const STARTUP_PERIOD = 1;
/**
 * A replica that fails `alive` is restarted in its place: the sleep before its end, which lets others take over, would only
 * hold up the next start.
 */
const KILL_GRACE = 1;

/** `alive` as startup and liveness probes, `ready` as readiness probe. */
export function probes({ alive, ready, startup, storage, stopGrace }: MicroserviceSpec): Probes {
  // What writes to storage gets the time it has asked for, and has no such sleep.
  const terminationGracePeriodSeconds = storage ? wholeSeconds(stopGrace, 1) : KILL_GRACE;
  return {
    ...(alive
      ? {
          startupProbe: {
            ...probe(alive),
            periodSeconds: STARTUP_PERIOD,
            failureThreshold: Math.ceil(wholeSeconds(startup) / STARTUP_PERIOD),
            terminationGracePeriodSeconds,
          },
          livenessProbe: { ...probe(alive), terminationGracePeriodSeconds },
        }
      : {}),
    ...(ready ? { readinessProbe: probe(ready) } : {}),
  };
}

function probe({ action, interval, timeout, failures }: CheckSpec): Probe {
  return {
    ...handler(action),
    periodSeconds: wholeSeconds(interval, 1),
    timeoutSeconds: wholeSeconds(timeout, 1),
    failureThreshold: failures,
    successThreshold: 1,
  };
}

function handler(action: CheckAction): Pick<Probe, 'httpGet' | 'grpc' | 'tcpSocket' | 'exec'> {
  switch (action.kind) {
    case 'http':
      return {
        httpGet: {
          path: action.path,
          port: action.port,
          scheme: 'HTTP',
          // The kubelet's own `Host` is the pod's address, which a service that knows its names refuses.
          httpHeaders: requestHeaders(action).map(([name, value]) => ({ name, value })),
        },
      };
    case 'grpc':
      return { grpc: { port: action.port, service: action.service } };
    case 'tcp':
      return { tcpSocket: { port: action.port } };
    case 'exec':
      return { exec: { command: action.command.map(literal) } };
  }
}
