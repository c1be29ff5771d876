import { callersOf, isRouted, type ApplicationSpec } from '../application-spec';
import { changedTraffic } from '../microservice-spec';
import { formatCpu, formatSize } from '../quantity';
import type { Problem } from '../validation';
import { changesEphemeralStorage } from '../workload';
import type { Identity } from '../platform';
import {
  ADDRESS_RANGE_FORMAT,
  inBlock,
  MAX_NETWORKS,
  NO_ADDRESSES,
  parseAddressRange,
  type DeployedAddresses,
} from './addresses';
import { DockerPlan, MAX_DOCKER_REPLICAS, SLOTS } from './plan';
import type { EngineInfo } from './preflight';

/** What Docker cannot honour of an application: errors, and warnings where something weaker is done instead. */
export function validateForDocker(
  spec: ApplicationSpec,
  options: {
    addressRange?: string | undefined;
    engine?: EngineInfo | undefined;
    identity?: Identity;
    addresses?: DeployedAddresses;
  },
): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  if (options.addressRange !== undefined && parseAddressRange(options.addressRange) === undefined) {
    problems.push({ path: 'addressRange', value: options.addressRange, allowed: `must be ${ADDRESS_RANGE_FORMAT}` });
  }
  const networks = [...spec.services, ...spec.jobs].reduce((sum, { internet }) => sum + (internet ? 2 : 1), 1);
  if (networks > MAX_NETWORKS) {
    problems.push({
      path: 'services',
      allowed: `at most ${MAX_NETWORKS - 1} services and jobs on Docker, where one with \`internet\` counts twice, not ${networks - 1}`,
      fix: 'split the application',
    });
  }
  if (problems.length === 0) addressProblems(spec, options, problems, warnings);
  for (const { name } of [...spec.services, ...spec.jobs]) {
    // Names of the proxies' own services: see DockerPlan.
    if (name === 'gateway-config' || name.endsWith('-lb-config')) {
      problems.push({
        path: `${spec.jobs.some((job) => job.name === name) ? 'jobs' : 'services'}.${name}`,
        allowed: 'the names gateway-config and those that end in -lb-config are reserved on Docker',
        fix: 'choose another name',
      });
    }
  }
  for (const service of spec.services) {
    const path = `services.${service.name}`;
    if (service.replicas.max > MAX_DOCKER_REPLICAS) {
      problems.push({
        path: `${path}.replicas`,
        value: service.replicas.max,
        allowed: `at most ${MAX_DOCKER_REPLICAS} on Docker, also as \`max\`: a load balancer has room for ${SLOTS}, and an update needs two of them`,
      });
    }
    if (service.replicas.cpu !== undefined) {
      warnings.push({
        path: `${path}.replicas`,
        allowed: `Docker does not scale by itself; ${service.replicas.min} replicas run`,
      });
    }
    if (service.ready?.action.kind === 'exec' && service.port !== undefined) {
      warnings.push({
        path: `${path}.ready.exec`,
        allowed:
          'on Docker the command decides when a new replica is ready; from then on the load balancer checks that the port accepts connections',
      });
    }
    const proxied = isRouted(spec, service.name) || callersOf(spec, service.name).length > 0;
    for (const name of proxied ? [] : changedTraffic(service)) {
      warnings.push({
        path: `${path}.${name}`,
        allowed: 'has no effect: no route leads to the service, and nothing calls it',
      });
    }
    if (service.storage) warnings.push(unlimited(path));
    if (changesEphemeralStorage(service)) warnings.push(unlimitedFiles(path));
  }
  for (const job of spec.jobs) {
    if (job.storage) warnings.push(unlimited(`jobs.${job.name}`));
    if (changesEphemeralStorage(job)) warnings.push(unlimitedFiles(`jobs.${job.name}`));
  }
  for (const { name, command } of spec.jobs) {
    if (command.length > 0) continue;
    problems.push({
      path: `jobs.${name}.command`,
      allowed: "is required on Docker, which cannot use the image's default command for jobs",
      fix: 'set `command`',
    });
  }
  const cpus = options.engine?.NCPU;
  const memory = options.engine?.MemTotal;
  for (const [kind, list] of [
    ['services', spec.services],
    ['jobs', spec.jobs],
  ] as const) {
    for (const workload of list) {
      if (cpus !== undefined && workload.cpu.limit > cpus * 1000) {
        problems.push({
          path: `${kind}.${workload.name}.resources.cpu.limit`,
          value: formatCpu(workload.cpu.limit),
          allowed: `must be at most ${cpus}, the CPUs of the engine`,
        });
      }
      if (memory !== undefined && workload.memory.request > memory) {
        problems.push({
          path: `${kind}.${workload.name}.resources.memory.request`,
          value: formatSize(workload.memory.request),
          allowed: `must be at most ${formatSize(memory - (memory % 2 ** 20))}, the memory of the engine`,
        });
      }
    }
  }
  return { problems, warnings };
}

function unlimited(path: string): Problem {
  return { path: `${path}.storage.size`, allowed: "Docker's local volumes have no size limit" };
}

function unlimitedFiles(path: string): Problem {
  return {
    path: `${path}.resources.ephemeralStorage`,
    allowed: 'does not apply to Docker, which limits no files of a container',
  };
}

function addressProblems(
  spec: ApplicationSpec,
  {
    identity = { project: '', stack: '' },
    addressRange,
    addresses = NO_ADDRESSES,
  }: Parameters<typeof validateForDocker>[1],
  problems: Problem[],
  warnings: Problem[],
): void {
  let plan: DockerPlan;
  try {
    plan = new DockerPlan(spec, identity, addressRange, addresses);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.push({
      path: 'addressRange',
      value: addressRange,
      allowed: 'has too few free addresses: other networks of the engine overlap it',
      fix: 'choose another range; `docker network ls` and `docker network inspect` show what is taken',
    });
    return;
  }
  for (const member of [...spec.services, ...spec.jobs]) {
    const { name } = member;
    if (addresses.networks.get(plan.network(name).name)?.internal !== false) continue;
    problems.push({
      path: `${'run' in member ? 'jobs' : 'services'}.${name}`,
      allowed: 'its network allows internet access (it was created by an earlier version)',
      fix: 'destroy the stack, which keeps the data, and deploy it again',
    });
  }
  const elsewhere = [...addresses.networks.values()].filter(({ subnet }) => !inBlock(plan.start, subnet)).length;
  if (addressRange !== undefined && elsewhere > 0) {
    warnings.push({
      path: 'addressRange',
      allowed: `${elsewhere} of the networks exist already and keep their addresses until the stack is destroyed; ${addressRange} holds for new ones`,
    });
  }
}
