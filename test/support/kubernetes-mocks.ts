import type { Computed } from './deployment';

interface Inputs {
  metadata?: { name?: string };
  spec?: { type?: string; ports?: { nodePort?: number }[] };
}

/** The name that the provider would give. */
const named = (name: string, inputs: Inputs) => ({
  metadata: { ...inputs.metadata, name: inputs.metadata?.name ?? `${name}-0123456` },
});

function service(name: string, inputs: Inputs) {
  const { spec = {} } = inputs;
  const ports = (spec.ports ?? []).map((port) => (spec.type === 'NodePort' ? { nodePort: 30123, ...port } : port));
  return {
    ...named(name, inputs),
    spec: { ...spec, ports },
    status: { loadBalancer: spec.type === 'LoadBalancer' ? { ingress: [{ hostname: 'lb.example.com' }] } : {} },
  };
}

const NAMED = [
  'apps/v1:Deployment',
  'autoscaling/v2:HorizontalPodAutoscaler',
  'batch/v1:Job',
  'core/v1:ConfigMap',
  'core/v1:Namespace',
  'core/v1:PersistentVolumeClaim',
  'core/v1:Secret',
  'core/v1:ServiceAccount',
  'networking.k8s.io/v1:Ingress',
  'networking.k8s.io/v1:NetworkPolicy',
  'policy/v1:PodDisruptionBudget',
];

/** What the Kubernetes provider would compute. */
export const KUBERNETES: Computed = {
  ...Object.fromEntries(NAMED.map((type) => [`kubernetes:${type}`, named])),
  'kubernetes:core/v1:Service': service,
  'pulumi:providers:kubernetes': () => ({}),
};
