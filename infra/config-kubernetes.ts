import { z } from 'zod';
import { cidrSchema } from '../components/traffic';
import { shopKeys } from './config-shop';
import { AUTO, flag, text, unlessAuto, wholeNumber } from './config-values';

const auto = text.default(AUTO).transform(unlessAuto);
const texts = (rule: string) => z.record(z.string(), text, rule).default({});

/** Keys of the target `kubernetes`. What a cluster must have for a value is checked where the cluster is asked. */
export const kubernetesKeys = {
  ...shopKeys,
  kubeconfig: z.string('must be the path of a kubeconfig'),
  context: z.string('must be a context of the kubeconfig'),
  namespace: auto,
  registry: z
    .string('must be a registry, "host" or "host:port"')
    .regex(/^[a-z0-9.-]+(:\d+)?$/, 'must be a registry, "host" or "host:port", in lower case'),
  exposure: z.enum(['LoadBalancer', 'NodePort', 'Ingress'], 'must be "LoadBalancer", "NodePort" or "Ingress"'),
  nodePort: wholeNumber(0, 65535, 'must be a port of the nodes, or 0 for one that the cluster chooses')
    .default(0)
    .transform((port) => (port === 0 ? undefined : port)),
  externalTrafficPolicy: z
    .enum([AUTO, 'Local', 'Cluster'], 'must be "Local", "Cluster" or "auto"')
    .default(AUTO)
    .transform((policy) => (policy === AUTO ? undefined : policy)),
  trustedProxies: z.array(cidrSchema, 'must be a list of CIDRs').default([]),
  serviceProxies: z.array(text, 'must be a list of services').default([]),
  ingressClass: auto,
  loadBalancerClass: auto,
  loadBalancerAnnotations: texts('must be an object of annotations'),
  certificate: auto,
  tlsSecret: auto,
  host: auto,
  storageClass: auto,
  pullSecrets: z.array(text, 'must be a list of names').default([]),
  namespaceLabels: texts('must be an object of labels'),
  dnsCidrs: z.array(z.cidrv4('must be a list of IPv4 blocks'), 'must be a list of IPv4 blocks').default([]),
  nodesOnDemand: flag.default(false),
  architecture: z.enum(['amd64', 'arm64'], 'must be "amd64" or "arm64"').default('amd64'),
};

/** Keys whose values are structured, and so written as JSON in the stack's file. */
export const STRUCTURED_KUBERNETES = [
  'loadBalancerAnnotations',
  'namespaceLabels',
  'pullSecrets',
  'dnsCidrs',
  'trustedProxies',
  'serviceProxies',
];
/** Keys that Pulumi.yaml can give no value that means something. */
export const WITHOUT_DEFAULT_KUBERNETES = ['kubeconfig', 'context', 'registry', 'exposure'];
