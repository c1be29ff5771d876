import { isDeepStrictEqual } from 'node:util';
import { GATEWAY } from '../gateway-spec';
import { callersOf, isRouted, type ApplicationSpec } from '../application-spec';
import type { CheckSpec } from '../check';
import { formatCpu, formatSize } from '../quantity';
import { changedTraffic, type MicroserviceSpec } from '../microservice-spec';
import { dataName } from '../storage';
import { DNS_LABEL, formatPath, suggest, type Problem, type Report } from '../validation';
import { isHostName, isLabel } from './names';
import type { WorkloadSpec } from '../workload';
import type { Exposure } from './exposure';
import { RESERVED } from './namespace';
import type { KubernetesPlatformArgs } from './platform';
import type { GatewayServiceFacts } from './preflight';
import { MAX_PROXIED_REPLICAS } from './replicas';
import { replicasService, serviceProxy } from './service';
import { checkStorage, kubectl } from './validate-storage';

type Options = Pick<
  KubernetesPlatformArgs,
  | 'architecture'
  | 'exposure'
  | 'facts'
  | 'namespace'
  | 'namespaceLabels'
  | 'nodesOnDemand'
  | 'pullSecrets'
  | 'serviceProxies'
  | 'storageClass'
  | 'tls'
>;

/** Ports that Kubernetes gives out for NodePort Services unless it is told otherwise. */
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** Whoever renews certificates by itself has done so by then. */
const RENEW_DAYS = 14;
/** The one capability that restricted Pod Security lets a container add. */
const ALLOWED_CAPABILITY = 'CAP_NET_BIND_SERVICE';

/** What Kubernetes, or this cluster, cannot honour: errors, and warnings where something weaker is done instead. */
export function validateForKubernetes(
  spec: ApplicationSpec,
  options: Options,
): { problems: Problem[]; warnings: Problem[] } {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const error: Report = (problem) => {
    // One storage class may be missed by several members.
    if (!problems.some((other) => isDeepStrictEqual(other, problem))) problems.push(problem);
  };
  const warn: Report = (problem) => warnings.push(problem);
  checkPlatform(options, error);
  checkServiceProxies(spec, options, error);
  if (spec.gateway) checkTls(options, error, warn);
  if (spec.gateway?.port !== undefined) {
    warn({ path: 'gateway.port', allowed: "does not apply to Kubernetes; the platform's exposure decides" });
  }
  for (const service of spec.services) {
    const path = `services.${service.name}`;
    checkWorkload(path, service, options, error);
    checkService(path, service, spec, options, error, warn);
  }
  for (const job of spec.jobs) {
    const path = `jobs.${job.name}`;
    checkWorkload(path, job, options, error);
    if (job.storage) {
      checkStorage(`${path}.storage`, dataName(job), job.storage.size, options, error);
    }
  }
  return { problems, warnings };
}

function checkPlatform(
  { architecture, exposure, facts, namespace, namespaceLabels = {}, nodesOnDemand, pullSecrets = [], tls }: Options,
  error: Report,
): void {
  const nodes = facts?.nodes ?? [];
  if (nodesOnDemand !== true && nodes.length > 0 && !nodes.some((node) => node.architecture === architecture)) {
    error({
      path: 'architecture',
      value: architecture,
      allowed: `the cluster's nodes are ${[...new Set(nodes.map((node) => node.architecture))].sort().join(', ')}`,
    });
  }
  if (namespace !== undefined && (!DNS_LABEL.test(namespace) || namespace.length > 63 || RESERVED.test(namespace))) {
    error({
      path: 'namespace',
      value: namespace,
      allowed: "must be a DNS label of at most 63 characters, and none of the cluster's own namespaces",
    });
  }
  if (exposure.kind === 'NodePort' && exposure.port !== undefined) {
    const { first, last } = NODE_PORTS;
    if (exposure.port < first || exposure.port > last) {
      error({
        path: 'exposure.port',
        value: exposure.port,
        allowed: `must be from ${first} to ${last}, the ports of nodes`,
      });
    }
  }
  if (exposure.kind === 'Ingress' && facts?.ingressClasses && !facts.ingressClasses.includes(exposure.className)) {
    error({
      path: 'exposure.className',
      value: exposure.className,
      allowed: `the cluster has no such ingress class; ${suggest(exposure.className, facts.ingressClasses)}`,
    });
  }
  if (exposure.kind === 'Ingress' && exposure.host !== undefined && !isHostName(exposure.host)) {
    error({ path: 'exposure.host', value: exposure.host, allowed: 'must be a host name in lower case, without port' });
  }
  for (const [key, value] of Object.entries(namespaceLabels)) {
    if (isLabel(key, value)) continue;
    error({
      path: formatPath(['namespaceLabels', key]),
      value,
      allowed:
        'must be a label of Kubernetes: a prefix and a name, and a value of at most 63 letters, digits, ".", "_", "-"',
    });
  }
  for (const [index, secret] of pullSecrets.entries()) {
    if (!facts?.pullSecrets || facts.pullSecrets.includes(secret)) continue;
    error({
      path: `pullSecrets[${index}]`,
      value: secret,
      allowed: `the namespace has no such Secret of type kubernetes.io/dockerconfigjson; ${suggest(secret, facts.pullSecrets)}`,
      fix: 'make it with `kubectl create secret docker-registry`',
    });
  }
  checkLoadBalancerClass(exposure, facts?.gatewayService, namespace, error);
  if (exposure.kind === 'LoadBalancer' && exposure.endsTls === true && tls) {
    error({
      path: 'tls',
      allowed: 'would be terminated at both the load balancer and the gateway',
      fix: 'set only one of `tls` and `exposure.endsTls`',
    });
  }
}

function checkLoadBalancerClass(
  exposure: Exposure,
  service: GatewayServiceFacts | undefined,
  namespace: string | undefined,
  error: Report,
): void {
  if (exposure.kind !== 'LoadBalancer' || service?.type !== 'LoadBalancer') return;
  const { loadBalancerClass: current, choseClass } = service;
  const wanted = exposure.loadBalancerClass;
  // Without an argument a controller may have set its own.
  if (wanted === undefined ? !choseClass : wanted === current) return;
  error({
    path: 'exposure.loadBalancerClass',
    value: wanted ?? "the cluster's own",
    allowed: `the gateway's Service has ${current === undefined ? "the cluster's own" : JSON.stringify(current)}, which cannot change`,
    fix: `${current === undefined ? 'remove the argument' : `keep ${JSON.stringify(current)}`}, or delete the Service first with \`${kubectl(namespace)} delete service ${GATEWAY}\` and \`pulumi refresh\`: the address changes, and nothing answers until the next deployment`,
  });
}

function checkServiceProxies(application: ApplicationSpec, { serviceProxies = [] }: Options, error: Report): void {
  const names = application.services.map(({ name }) => name);
  for (const [index, name] of serviceProxies.entries()) {
    const path = `serviceProxies[${index}]`;
    if (!names.includes(name)) {
      error({ path, value: name, allowed: `there is no such service; ${suggest(name, names)}` });
    } else if (callersOf(application, name).length === 0) {
      error({ path, value: name, allowed: 'is called by no service or job', fix: 'remove it' });
    }
  }
}

function checkTls({ exposure, facts, tls }: Options, error: Report, warn: Report): void {
  const secret = tls?.secret ?? (exposure.kind === 'Ingress' ? exposure.tlsSecret : undefined);
  if (secret === undefined || !facts?.tlsSecrets) return;
  const certificate = facts.tlsSecrets.get(secret);
  const path = tls ? 'tls.secret' : 'exposure.tlsSecret';
  if (!certificate) {
    error({
      path,
      value: secret,
      allowed: `the namespace has no such Secret of type kubernetes.io/tls; ${suggest(secret, [...facts.tlsSecrets.keys()])}`,
      fix: 'make it with `kubectl create secret tls`, or have cert-manager make it',
    });
  } else if (certificate.daysLeft === undefined) {
    error({ path, value: secret, allowed: 'holds no certificate that can be read', fix: 'make the Secret again' });
  } else if (certificate.daysLeft < RENEW_DAYS) {
    const days = certificate.daysLeft;
    const ends = days < 0 ? 'has expired: browsers refuse it' : `expires in ${days} day${days === 1 ? '' : 's'}`;
    warn({ path, allowed: `the certificate ${ends}; renew it and run \`up\` again` });
  }
}

function checkWorkload(path: string, spec: WorkloadSpec, { facts, nodesOnDemand }: Options, error: Report): void {
  if (spec.user.split(':').some((id) => Number(id) === 0)) {
    error({
      path: `${path}.hardening.user`,
      value: spec.user,
      allowed: 'must not be root: the namespace is under restricted Pod Security',
    });
  }
  const refused = spec.capabilities.filter((name) => name !== ALLOWED_CAPABILITY);
  if (refused.length > 0) {
    error({
      path: `${path}.hardening.capabilities`,
      value: refused,
      allowed: `only ${ALLOWED_CAPABILITY} may be added: the namespace is under restricted Pod Security`,
    });
  }
  if (!facts?.nodes || facts.nodes.length === 0 || nodesOnDemand === true) return;
  const { nodes } = facts;
  const largestOf = (kind: 'cpu' | 'memory' | 'ephemeralStorage') => Math.max(...nodes.map((node) => node[kind]));
  const largest = largestOf('cpu');
  if (spec.cpu.request > largest) {
    error({
      path: `${path}.resources.cpu.request`,
      value: formatCpu(spec.cpu.request),
      allowed: `no node has more processor time than ${formatCpu(largest)}`,
    });
  }
  for (const [kind, what] of [
    ['memory', 'memory'],
    ['ephemeralStorage', 'disk for the files of pods'],
  ] as const) {
    const size = largestOf(kind);
    if (spec[kind].request <= size) continue;
    error({
      path: `${path}.resources.${kind}.request`,
      value: formatSize(spec[kind].request),
      allowed: `no node has more than ${formatSize(size)} of ${what}`,
    });
  }
}

function checkService(
  path: string,
  service: MicroserviceSpec,
  application: ApplicationSpec,
  options: Options,
  error: Report,
  warn: Report,
): void {
  const { facts, serviceProxies = [] } = options;
  const routed = isRouted(application, service.name);
  const proxied = serviceProxies.includes(service.name);
  if ((routed || proxied) && service.replicas.max > MAX_PROXIED_REPLICAS) {
    error({
      path: `${path}.replicas`,
      value: service.replicas.max,
      allowed: `at most ${MAX_PROXIED_REPLICAS} behind a proxy, as many as an answer of the cluster's DNS lists`,
    });
  }
  const reserved = [
    ...(routed || proxied ? [[replicasService(service.name), 'the name by which proxies find the replicas']] : []),
    ...(proxied ? [[serviceProxy(service.name), 'the name of the proxy']] : []),
  ];
  for (const [name, use] of reserved) {
    if (![...application.services, ...application.jobs].some((member) => member.name === name)) continue;
    const path = `${application.jobs.some((job) => job.name === name) ? 'jobs' : 'services'}.${name}`;
    error({ path, allowed: `is ${use} of ${service.name}`, fix: 'choose another name' });
  }
  if (service.replicas.cpu !== undefined && facts?.metrics === false) {
    error({
      path: `${path}.replicas`,
      allowed: 'requires the metrics API (metrics.k8s.io), which this cluster does not serve',
      fix: 'install metrics-server, or give a fixed number',
    });
  }
  for (const name of routed || proxied ? [] : changedTraffic(service)) {
    warn({
      path: `${path}.${name}`,
      allowed: 'has an effect on Kubernetes only behind a gateway or a proxy',
      fix: 'add a route, or name the service in serviceProxies',
    });
  }
  for (const name of ['alive', 'ready'] as const) checkSeconds(`${path}.${name}`, service[name], warn);
  if (service.storage) checkStorage(`${path}.storage`, dataName(service), service.storage.size, options, error);
}

function checkSeconds(path: string, check: CheckSpec | undefined, warn: Report): void {
  for (const part of ['interval', 'timeout'] as const) {
    const value = check?.[part];
    if (value === undefined || value % 1_000 === 0) continue;
    warn({
      path: `${path}.${part}`,
      allowed: `Kubernetes counts in whole seconds; ${value}ms becomes ${Math.ceil(value / 1_000)}s`,
    });
  }
}
