import type { Identity } from '../../../components';
import { dockerTarget } from './docker-target';
import { kubernetesTarget } from './kubernetes-target';
import type { StackConfig } from './stack-config';
import { sleep, waitFor } from './wait';

/** One running replica, whatever it runs on. */
export interface Replica {
  /** Of the container: another one after a restart. */
  id: string;
  name: string;
  /** What it calls itself. */
  hostname: string;
  service: string;
  health: 'healthy' | 'unhealthy' | 'starting' | 'none';
}

/** One container of an application: a replica, a proxy or a job. */
export interface Container {
  id: string;
  name: string;
  /** Member of the application that it is of. */
  service: string;
  component: 'microservice' | 'job' | 'gateway' | 'load-balancer' | 'proxy-config';
  running: boolean;
}

export interface Ended {
  code: number;
  output: string;
}

export interface Memory {
  used: number;
  limit: number;
}

/** A TCP connection that is tried. */
export interface Attempt {
  label: string;
  host: string;
  port: number;
}

/** Something of an application that may listen. */
export interface Address {
  label: string;
  host: string;
  /** Member that it belongs to. */
  service: string;
  /** Whether it is there for those who may call the member. */
  forCallers: boolean;
}

/** What the kernel grants the main process of a container, as it runs. */
export interface Confinement {
  root: boolean;
  effective: string;
  bounding: string;
  readOnly: boolean;
  noNewPrivileges: boolean;
}

/** What is left of an application, by kind and name; what holds data apart. */
export interface Belongings {
  objects: string[];
  data: string[];
}

/** What the tests see and do of the machine, or cluster, that an application runs on. The same tests run on each. */
export interface Target {
  readonly name: 'docker' | 'kubernetes';
  /** The stack of the shop that the tests use: the one that `npm run up` makes. */
  readonly shopStack: string;
  /** Whether something between services repeats the requests that a killed replica takes along. */
  readonly repeatsBetweenServices: boolean;
  /** Configuration that the fixture needs here. */
  fixtureConfig(): Promise<StackConfig>;
  /** Makes an image of this machine's engine one that can be run here; returns its name. */
  published(image: string): Promise<string>;
  /** Name that all of an application has here: the prefix of its names, or its namespace. */
  scopeOf(identity: Identity, application: string): string;
  /** Running replicas of a microservice, without those that are leaving. */
  replicas(scope: string, service: string): Promise<Replica[]>;
  /** Kills the main process of a container, so that nobody takes it for a wish. */
  kill(id: string): Promise<void>;
  /** Stops every process of a container, as if it hung. */
  freeze(id: string): Promise<void>;
  /** Runs a command in a container, bounded by `timeout` milliseconds. */
  exec(id: string, command: string[], options?: { timeout?: number }): Promise<Ended>;
  /** Processor time that a container has used so far, in seconds. */
  cpuSeconds(id: string): Promise<number>;
  /** What a container has of its memory, in bytes, as its control group counts. */
  memory(id: string): Promise<Memory>;
  /** Whether a container ended because it took more memory than it may. */
  outOfMemory(id: string): Promise<boolean>;
  /** Starts a replica's update with nothing changed, as an operator would. */
  restart(scope: string, service: string): Promise<void>;
  /** Containers of an application, those that have ended included. */
  containers(scope: string): Promise<Container[]>;
  /** All that a container has written. */
  logs(id: string): Promise<string>;
  /** Values that a member reads from files in /run/secrets, by file name. */
  secretsOf(scope: string, service: string): Promise<Map<string, string>>;
  /** Everything that the engine says of an application's objects, but not what it keeps as a secret. */
  described(scope: string): Promise<string>;
  confinement(container: Container): Promise<Confinement>;
  /** Tries TCP connections from the network of a container; returns the labels of those that worked. */
  connections(id: string, attempts: Attempt[]): Promise<string[]>;
  /** Names at which somebody might look for a microservice. */
  namesOf(scope: string, service: string): string[];
  /** Where the containers of an application, and what stands before them, may listen. */
  addresses(scope: string): Promise<Address[]>;
  /** How an error of a deployment names a member, or the gateway's rules. */
  nameInErrors(scope: string, member: string): string;
  belongings(scope: string): Promise<Belongings>;
  /** Names of what outlives `destroy` for the storage of a microservice. */
  dataOf(scope: string, ...services: string[]): string[];
  deleteData(scope: string): Promise<void>;
}

const TARGETS: Partial<Record<string, () => Target>> = { docker: () => dockerTarget, kubernetes: kubernetesTarget };

/** A target by its name. */
export function targetNamed(name = process.env['E2E_TARGET'] ?? 'docker'): Target {
  const make = TARGETS[name];
  if (!make) throw new Error(`there is no target ${name}; there are ${Object.keys(TARGETS).join(', ')}`);
  return make();
}

export const target = targetNamed();

/**
 * Waits until exactly `count` replicas run and are healthy, none of them in `without`.
 *
 * @returns the milliseconds that it took.
 */
export async function fullStrength(
  scope: string,
  service: string,
  count: number,
  { without = [], timeout = 60_000 }: { without?: string[]; timeout?: number } = {},
): Promise<number> {
  const start = performance.now();
  await waitFor(
    `${count} healthy replicas of ${scope}-${service}`,
    async () => {
      const running = await target.replicas(scope, service);
      return (
        running.length === count && running.every(({ id, health }) => health === 'healthy' && !without.includes(id))
      );
    },
    { timeout, every: 50 },
  );
  return Math.round(performance.now() - start);
}

/** What is left of an application once everything that is only leaving has left, at the latest after `timeout`. */
export async function leftOf(scope: string, timeout = 30_000): Promise<Belongings> {
  const end = performance.now() + timeout;
  for (;;) {
    const left = await target.belongings(scope);
    if (left.objects.length === 0 || performance.now() > end) return left;
    await sleep(250);
  }
}
