import type * as kubernetes from '@pulumi/kubernetes';
import type { ApplicationDefinition } from '../../../components/application-spec';
import type { Transform } from '../../../components/transform';

/** An application on Docker has 63 services at most; more are several applications. */
const PER_APPLICATION = 50;
/** So many services call each other in a row: applications have several short chains, not a long one. */
const CHAIN = 5;
/** What marks a node that runs nothing; see scripts/setup/cluster/fake-nodes.mjs. */
export const FAKE_NODE = 'kwok.x-k8s.io/node';

export interface ManySettings {
  image: string;
  services: number;
  replicas: number;
  nodes: 'real' | 'fake';
}

/** So many alike services, in as many applications as that takes. */
export function definitions({ services, ...settings }: ManySettings): ApplicationDefinition[] {
  const applications: ApplicationDefinition[] = [];
  for (let first = 0; first < services; first += PER_APPLICATION) {
    applications.push(definition(Math.min(PER_APPLICATION, services - first), settings));
  }
  return applications;
}

function definition(count: number, { image, replicas, nodes }: Omit<ManySettings, 'services'>): ApplicationDefinition {
  const services: ApplicationDefinition['services'] = {};
  for (let n = 0; n < count; n++) {
    services[`service-${n}`] = {
      image,
      port: 8080,
      replicas,
      resources: { cpu: { request: 0.05, limit: 0.5 }, memory: '96Mi' },
      alive: { http: { path: '/healthz' } },
      ready: { http: { path: '/readyz' } },
      env: { NUMBER: String(n) },
      calls: n % CHAIN === 0 ? [] : [`service-${n - 1}`],
      ...(nodes === 'fake' ? { transform: { kubernetes: { deployment: onFakeNodes } } } : {}),
    };
  }
  return { services };
}

/** The escape hatch: nothing in the arguments says on which nodes a service runs. */
const onFakeNodes: NonNullable<NonNullable<Transform['kubernetes']>['deployment']> = (args) => {
  const spec = args.spec as kubernetes.types.input.apps.v1.DeploymentSpec;
  const template = spec.template as kubernetes.types.input.core.v1.PodTemplateSpec;
  const pod = template.spec as kubernetes.types.input.core.v1.PodSpec;
  const tolerations = (pod.tolerations ?? []) as kubernetes.types.input.core.v1.Toleration[];
  return {
    ...args,
    spec: {
      ...spec,
      template: {
        ...template,
        spec: {
          ...pod,
          nodeSelector: { ...(pod.nodeSelector as Record<string, string>), [FAKE_NODE]: 'fake' },
          tolerations: [...tolerations, { key: FAKE_NODE, operator: 'Exists', effect: 'NoSchedule' }],
        },
      },
    },
  };
};
