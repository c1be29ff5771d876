import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { marksOf } from './plan-marks.mjs';

const change = (more) => ({
  op: 'update',
  type: 'docker:index/service:Service',
  name: 'shop-a-service',
  fields: [],
  ...more,
});
const field = (path, before, after) => ({ path: path.split('.'), before, after });
const rules = (text) => ({ data: Buffer.from(text).toString('base64') });

describe('a change is marked', () => {
  for (const [what, more, marks] of [
    ['of replicas', { fields: [field('mode.replicated.replicas', 2, 3)] }, ['cost']],
    ['of a memory limit', { fields: [field('taskSpec.resources.limits.memoryBytes', 1, 2)] }, []],
    ['of a memory request', { fields: [field('taskSpec.resources.reservation.memoryBytes', 1, 2)] }, ['cost']],
    ['of a capability', { fields: [field('taskSpec.containerSpec.capAdds', [], ['CAP_KILL'])] }, ['rights']],
    ['of the user', { fields: [field('taskSpec.containerSpec.user', '1', '0')] }, ['rights']],
    ['of an image', { fields: [field('taskSpec.containerSpec.image', 'a:1', 'a:2')] }, []],
    ['of a variable called like a right', { fields: [field('taskSpec.containerSpec.env.user', 'a', 'b')] }, []],
    [
      'of a container called like a right',
      {
        type: 'kubernetes:apps/v1:Deployment',
        fields: [field('spec.template.spec.containers.user.resources.limits.memory', '1Gi', '2Gi')],
      },
      [],
    ],
    [
      'of what a pod may do',
      {
        type: 'kubernetes:apps/v1:Deployment',
        fields: [field('spec.template.spec.containers.user.securityContext.runAsUser', 1, 0)],
      },
      ['rights'],
    ],
    [
      'of a published port of a Swarm service',
      {
        fields: [field('endpointSpec.ports', undefined, [{ publishedPort: 80 }])],
        after: { endpointSpec: { ports: [{ publishedPort: 80 }] } },
      },
      ['exposure'],
    ],
    [
      'of an init container more',
      {
        type: 'kubernetes:apps/v1:Deployment',
        fields: [field('spec.template.spec.initContainers', undefined, [{ name: 'init' }])],
      },
      ['rights'],
    ],
    [
      'of a container more',
      {
        type: 'kubernetes:apps/v1:Deployment',
        fields: [field('spec.template.spec.containers.sidecar', undefined, { name: 'sidecar' })],
      },
      ['rights'],
    ],
    [
      'of callers of a load balancer',
      {
        type: 'docker:index/serviceConfig:ServiceConfig',
        name: 'shop-api-lb-configuration-0123456789',
        before: rules('  bind 10.0.0.1:80\n'),
        after: rules('  bind 10.0.0.1:80\n  bind 10.0.1.1:80\n'),
      },
      ['exposure'],
    ],
    ['that creates a service', { op: 'create', after: {} }, ['cost']],
    ['that deletes a service', { op: 'delete', before: {} }, ['deletes', 'cost']],
    ['that replaces a service', { op: 'replace', fields: [field('name', 'a', 'b')] }, ['replaces', 'cost']],
    ['of data', { op: 'create', type: 'docker:index/volume:Volume', name: 'shop-db-data' }, ['data']],
    [
      'of data that is kept',
      { op: 'delete', type: 'docker:index/volume:Volume', name: 'shop-db-data', kept: true },
      ['data'],
    ],
    [
      'of a volume of a proxy',
      { op: 'delete', type: 'docker:index/volume:Volume', name: 'shop-a-volume' },
      ['deletes'],
    ],
    [
      'of the size of storage',
      {
        type: 'kubernetes:core/v1:PersistentVolumeClaim',
        name: 'shop-db-data',
        fields: [field('spec.resources.requests.storage', '1Gi', '2Gi')],
      },
      ['data', 'cost'],
    ],
    [
      'of routes',
      {
        type: 'docker:index/serviceConfig:ServiceConfig',
        name: 'shop-gateway-configuration-0123456789',
        before: rules('  use_backend a if x\n'),
        after: rules('  use_backend b if x\n'),
      },
      ['exposure'],
    ],
    [
      'of rules that are no routes',
      {
        type: 'docker:index/serviceConfig:ServiceConfig',
        name: 'shop-gateway-configuration-0123456789',
        before: rules('  use_backend a if x\n  timeout 1\n'),
        after: rules('  use_backend a if x\n  timeout 2\n'),
      },
      [],
    ],
    [
      'of a network policy',
      { type: 'kubernetes:networking.k8s.io/v1:NetworkPolicy', name: 'shop-a-policy-0123456789' },
      ['exposure'],
    ],
    [
      'of a Service in the cluster',
      { type: 'kubernetes:core/v1:Service', op: 'create', after: { spec: { type: 'ClusterIP' } } },
      [],
    ],
    [
      'of a load balancer',
      { type: 'kubernetes:core/v1:Service', op: 'create', after: { spec: { type: 'LoadBalancer' } } },
      ['exposure', 'cost'],
    ],
    [
      'of a published port',
      {
        type: 'docker:index/container:Container',
        op: 'replace',
        before: { ports: [{ external: 1 }] },
        fields: [field('ports', [{ external: 1 }], [{ external: 2 }])],
      },
      ['replaces', 'exposure'],
    ],
    ['of an IAM policy', { type: 'aws:iam/policy:Policy', fields: [field('policy', 'a', 'b')] }, ['rights']],
    [
      'of NAT gateways',
      { type: 'awsx:ec2:Vpc', fields: [field('natGateways.strategy', 'Single', 'OnePerAz')] },
      ['cost'],
    ],
    ['of an alarm', { type: 'aws:cloudwatch/metricAlarm:MetricAlarm', fields: [field('threshold', 1, 2)] }, []],
    ['that creates an alarm', { op: 'create', type: 'aws:cloudwatch/metricAlarm:MetricAlarm' }, ['cost']],
    [
      'that may replace something',
      { type: 'aws:eks/addon:Addon', fields: [field('namespaceConfig', 1, 2)], mayReplace: ['namespaceConfig'] },
      ['unknown'],
    ],
    ['of a secret', { op: 'create', type: 'docker:index/secret:Secret', name: 'shop-a-secret-token-2' }, []],
    [
      'of a version of a secret that goes',
      { op: 'delete', type: 'docker:index/secret:Secret', name: 'shop-a-secret-token-1' },
      [],
    ],
    [
      'of an image that is no longer used',
      { op: 'delete', type: 'docker:index/remoteImage:RemoteImage', name: 'a-build' },
      [],
    ],
  ]) {
    test(`${what}: ${marks.join(', ') || 'not at all'}`, () => assert.deepEqual(marksOf(change(more)), marks));
  }
});
