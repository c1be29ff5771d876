import { z } from 'zod';
import { GATEWAY, gatewaySchema, gatewaySpec, routeKey, type GatewayArgs, type GatewaySpec } from './gateway-spec';
import {
  microserviceSchema,
  microserviceSpec,
  type MicroserviceArgs,
  type MicroserviceSpec,
} from './microservice-spec';
import type { Duration } from './quantity';
import { checkDataNames, storageSchema, type StorageArgs, type StorageSpec } from './storage';
import {
  DNS_LABEL,
  DNS_LABEL_FORMAT,
  formatPath,
  isPlainObject,
  parse,
  suggest,
  throwIfAny,
  type Problem,
} from './validation';
import { checkStoragePath, workloadSpec, type WorkloadSpec } from './workload';
import type { WorkloadArgs } from './workload-args';
import { workloadShape } from './workload-shape';

/**
 * A container that runs to completion before what depends on it: a migration, a backup. It must be safe to repeat. On
 * Docker it needs a `command`.
 */
export interface JobArgs extends WorkloadArgs {
  /**
   * Time until it counts as failed. From 100ms to 1h.
   * @default "5m"
   */
  timeout?: Duration;
  /**
   * Storage that outlives the job and `destroy`.
   * @default - none
   */
  storage?: StorageArgs;
  /**
   * Whether it runs. One that does not is prepared only: its network, secrets and storage are there, so that asking for it
   * later changes nothing else. What comes after it does not wait.
   * @default true
   */
  run?: boolean;
}

/** A job after validation and defaults. The time is milliseconds. */
export interface JobSpec extends WorkloadSpec {
  timeout: number;
  storage?: StorageSpec;
  run: boolean;
}

/** Everything that an application consists of. */
export interface ApplicationDefinition {
  /** Microservices by name; the name is also the host name that callers use. */
  services: Record<string, MicroserviceArgs>;
  /**
   * Jobs by name.
   * @default {}
   */
  jobs?: Record<string, JobArgs>;
  /**
   * Public entry.
   * @default - none: nothing can be reached from outside
   */
  gateway?: GatewayArgs;
}

/** An application after validation and defaults. */
export interface ApplicationSpec {
  name: string;
  services: MicroserviceSpec[];
  jobs: JobSpec[];
  gateway?: GatewaySpec;
}

export const MAX_NAME = 40;
const jobSchema = z.strictObject(
  {
    ...workloadShape,
    timeout: microserviceSchema.shape.timeout,
    storage: storageSchema.optional(),
    run: z.boolean('must be true or false').optional(),
  },
  'must be an object with the arguments of a job',
);
const members = (what: string) => z.record(z.string(), z.unknown(), `must be an object of ${what} by name`);
const definitionSchema = z.strictObject(
  { services: members('microservices'), jobs: members('jobs').optional(), gateway: z.unknown().optional() },
  'must be an object with services, jobs and a gateway',
);

/** What can be looked at of a definition whose outline is wrong. */
function parseOutline(definition: unknown): z.output<typeof definitionSchema> {
  const { services, jobs, gateway } = isPlainObject(definition) ? definition : {};
  return { services: isPlainObject(services) ? services : {}, jobs: isPlainObject(jobs) ? jobs : {}, gateway };
}

/**
 * Validates an application and fills in every default. Pure: it creates nothing.
 *
 * @throws InvalidArgumentsError listing all that is wrong.
 */
export function applicationSpec(name: string, definition: ApplicationDefinition): ApplicationSpec {
  const problems: Problem[] = [];
  checkName([], name, problems, 'the name of the application');
  // The members are parsed one by one, so that a wrong one does not hide what is wrong with the others.
  const outline = parse(definitionSchema, definition, [], problems) ?? parseOutline(definition);
  const services: MicroserviceSpec[] = [];
  for (const [service, args] of Object.entries(outline.services)) {
    const path = ['services', service];
    checkName(path, service, problems);
    const parsed = parse(microserviceSchema, args, path, problems);
    if (parsed) services.push(microserviceSpec(service, parsed, formatPath(path), problems));
  }
  const jobs: JobSpec[] = [];
  for (const [job, args] of Object.entries(outline.jobs ?? {})) {
    const path = ['jobs', job];
    checkName(path, job, problems);
    const parsed = parse(jobSchema, args, path, problems);
    if (!parsed) continue;
    const { timeout, storage, run, ...workload } = parsed;
    const spec = workloadSpec(job, workload, formatPath(path), problems);
    checkStoragePath(spec, storage, formatPath(path), problems);
    jobs.push({
      ...spec,
      timeout: timeout ?? 300_000,
      ...(storage === undefined ? {} : { storage }),
      run: run ?? true,
    });
  }
  const names = { services: Object.keys(outline.services), jobs: Object.keys(outline.jobs ?? {}) };
  const gateway =
    outline.gateway === undefined ? undefined : parse(gatewaySchema, outline.gateway, ['gateway'], problems);
  checkNames(names, problems);
  checkReferences(services, jobs, names, problems);
  checkDataNames(
    [
      ['services', services],
      ['jobs', jobs],
    ],
    problems,
  );
  const spec: ApplicationSpec = {
    name,
    services,
    jobs,
    ...(gateway ? { gateway: gatewaySpec(gateway) } : {}),
  };
  checkOrder(
    [...services, ...jobs],
    (workload) => (jobs.includes(workload as JobSpec) ? 'jobs' : 'services'),
    problems,
  );
  if (gateway) checkRoutes(gateway.routes, spec, names.services, problems);
  throwIfAny(`application ${JSON.stringify(name)}`, problems);
  return spec;
}

function checkName(path: string[], name: string, problems: Problem[], subject = 'the name'): void {
  if (DNS_LABEL.test(name) && name.length <= MAX_NAME) return;
  const where = path.length > 0 ? formatPath(path) : 'name';
  problems.push({
    path: where,
    value: name,
    allowed: `${subject} ${DNS_LABEL_FORMAT}, at most ${MAX_NAME} characters`,
  });
}

function checkNames(names: { services: string[]; jobs: string[] }, problems: Problem[]): void {
  for (const job of names.jobs) {
    if (names.services.includes(job)) {
      problems.push({ path: `jobs.${job}`, allowed: 'has the name of a microservice', fix: 'rename one of them' });
    }
  }
  for (const [kind, list] of Object.entries(names)) {
    if (list.includes(GATEWAY)) {
      problems.push({
        path: `${kind}.${GATEWAY}`,
        allowed: 'is the name of the gateway itself',
        fix: 'choose another name',
      });
    }
  }
}

function checkReferences(
  services: MicroserviceSpec[],
  jobs: JobSpec[],
  names: { services: string[]; jobs: string[] },
  problems: Problem[],
): void {
  const ports = new Map(services.map(({ name, port }) => [name, port]));
  const all = [...services.map((spec) => ['services', spec] as const), ...jobs.map((spec) => ['jobs', spec] as const)];
  for (const [kind, spec] of all) {
    spec.calls.forEach((callee, index) => {
      const path = formatPath([kind, spec.name, 'calls', index]);
      if (callee === spec.name) problems.push({ path, value: callee, allowed: 'must not name itself' });
      else if (!names.services.includes(callee)) {
        problems.push({ path, value: callee, allowed: `must name a microservice; ${suggest(callee, names.services)}` });
      } else if (ports.has(callee) && ports.get(callee) === undefined) {
        problems.push({ path, value: callee, allowed: 'must name a microservice with a port; this one is a worker' });
      }
    });
    const candidates = [...names.services, ...names.jobs];
    spec.after.forEach((dependency, index) => {
      if (candidates.includes(dependency) || spec.calls.includes(dependency)) return;
      problems.push({
        path: formatPath([kind, spec.name, 'after', index]),
        value: dependency,
        allowed: `must name a microservice or a job; ${suggest(dependency, candidates)}`,
      });
    });
  }
}

function checkRoutes(
  routes: { path?: string | undefined; host?: string | undefined; to: string }[],
  spec: ApplicationSpec,
  serviceNames: string[],
  problems: Problem[],
): void {
  const seen = new Map<string, number>();
  routes.forEach((route, index) => {
    const [normal] = gatewaySpec({ routes: [route] }).routes;
    const key = routeKey(normal!);
    const first = seen.get(key);
    if (first !== undefined) {
      problems.push({
        path: `gateway.routes[${index}]`,
        value: key,
        allowed: `is the same as gateway.routes[${first}]`,
        fix: 'remove one of them',
      });
    } else seen.set(key, index);
    const service = spec.services.find(({ name }) => name === route.to);
    const path = `gateway.routes[${index}].to`;
    if (!serviceNames.includes(route.to)) {
      problems.push({ path, value: route.to, allowed: `must name a microservice; ${suggest(route.to, serviceNames)}` });
    } else if (service && (service.port === undefined || service.protocol === 'tcp')) {
      problems.push({
        path,
        value: route.to,
        allowed: 'must name a microservice with a port that speaks http or grpc',
      });
    }
  });
}

function checkOrder(
  workloads: readonly WorkloadSpec[],
  kindOf: (workload: WorkloadSpec) => 'jobs' | 'services',
  problems: Problem[],
): void {
  const byName = new Map(workloads.map((spec) => [spec.name, spec]));
  const done = new Set<string>();
  const visit = (spec: WorkloadSpec, trail: readonly string[]) => {
    if (done.has(spec.name)) return;
    if (trail.includes(spec.name)) {
      const cycle = [...trail.slice(trail.indexOf(spec.name)), spec.name];
      problems.push({
        path: formatPath([kindOf(spec), spec.name, 'after']),
        allowed: `there is no order to start in: ${cycle.join(' starts after ')}`,
        fix: 'remove one of these names; what only calls another need not start after it',
      });
      return;
    }
    for (const dependency of spec.after) {
      const next = byName.get(dependency);
      if (next) visit(next, [...trail, spec.name]);
    }
    done.add(spec.name);
  };
  for (const spec of workloads) visit(spec, []);
}

/** The workloads that call each microservice, in the order of definition. */
export function callersOf(spec: Pick<ApplicationSpec, 'services' | 'jobs'>, name: string): WorkloadSpec[] {
  return [...spec.services, ...spec.jobs].filter(({ calls }) => calls.includes(name));
}

/** Whether the gateway leads to a microservice. */
export function isRouted({ gateway }: Pick<ApplicationSpec, 'gateway'>, name: string): boolean {
  return gateway?.routes.some(({ to }) => to === name) ?? false;
}
