import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMonth, costsOf } from './plan-costs.mjs';

const VPC = 'awsx:ec2:Vpc';
const KEY = 'aws:kms/key:Key';
const CLAIM = 'kubernetes:core/v1:PersistentVolumeClaim';
const SERVICE = 'kubernetes:core/v1:Service';
const DEPLOYMENT = 'kubernetes:apps/v1:Deployment';

const state = (type, inputs, more = {}) => ({ type, inputs, ...more });
const step = (type, before, after, more = {}) => ({
  op: before === undefined ? 'create' : after === undefined ? 'delete' : 'update',
  ...(before === undefined ? {} : { oldState: state(type, before, more) }),
  ...(after === undefined ? {} : { newState: state(type, after, more) }),
});
const vpc = (strategy, zones = 3) => ({ natGateways: { strategy }, numberOfAvailabilityZones: zones });
const claim = (storage, storageClassName = 'encrypted') => ({
  spec: { storageClassName, resources: { requests: { storage } } },
});
const balancer = (loadBalancerClass) => ({ spec: { type: 'LoadBalancer', loadBalancerClass } });
const deployment = (replicas, requests, more = {}) => ({
  metadata: { name: 'api' },
  spec: { replicas, template: { spec: { containers: [{ resources: { requests } }], ...more } } },
});

describe('a change costs', () => {
  for (const [what, steps, lines, monthly] of [
    ['nothing where nothing changes', [step(VPC, vpc('Single'), vpc('Single'))], [], undefined],
    ['NAT gateways', [step(VPC, vpc('Single'), vpc('OnePerAz'))], ['NAT gateways 1 → 3 (+$73 a month)'], 73],
    [
      'one for each zone',
      [step(VPC, vpc('OnePerAz', 2), vpc('OnePerAz'))],
      ['NAT gateways 2 → 3 (+$36.50 a month)'],
      36.5,
    ],
    [
      'nobody knows how much, where the number of zones is left open',
      [step(VPC, vpc('Single'), { natGateways: { strategy: 'OnePerAz' } })],
      ['NAT gateways 1 → not known here'],
      undefined,
    ],
    ['a key', [step(KEY, undefined, {}), step(KEY, {}, {})], ['KMS keys 1 → 2 (+$1 a month)'], 1],
    [
      'as much for storage that another member has taken over',
      [
        step(CLAIM, { ...claim('5Gi'), metadata: { name: 'backup-data' } }, undefined, { retainOnDelete: true }),
        step(CLAIM, undefined, { ...claim('5Gi'), metadata: { name: 'backup-data' } }),
      ],
      [],
      undefined,
    ],
    [
      'as much for a job on Docker',
      [
        step('docker:index/service:Service', undefined, {
          labels: [{ label: 'app.kubernetes.io/component', value: 'job' }],
          taskSpec: { resources: { reservation: { memoryBytes: 2 ** 30 } } },
        }),
      ],
      [],
      undefined,
    ],
    ['as much for what is kept', [step(KEY, {}, undefined, { retainOnDelete: true })], [], undefined],
    [
      'storage of the class that has a price',
      [step(CLAIM, claim('5Gi'), claim('10Gi'))],
      ['storage 5 → 10 GiB (+$0.40 a month)'],
      0.4,
    ],
    [
      'storage of another class',
      [step(CLAIM, claim('5Gi', 'fast'), claim('10Gi', 'fast'))],
      ['storage 5 → 10 GiB'],
      undefined,
    ],
    [
      'a load balancer of EKS',
      [step(SERVICE, undefined, balancer('eks.amazonaws.com/nlb'))],
      ['load balancers 0 → 1 (+$20.81 a month, without its addresses)'],
      20.805,
    ],
    ['another load balancer', [step(SERVICE, balancer(undefined), undefined)], ['load balancers 1 → 0'], undefined],
    [
      'nothing for a Service in the cluster',
      [step(SERVICE, undefined, { spec: { type: 'ClusterIP' } })],
      [],
      undefined,
    ],
    [
      'the sum of what has a price',
      [step(VPC, vpc('OnePerAz'), vpc('Single')), step(KEY, undefined, {})],
      ['NAT gateways 3 → 1 (−$73 a month)', 'KMS keys 0 → 1 (+$1 a month)', 'together −$72 a month'],
      -72,
    ],
    [
      'what nodes it takes, which has no price',
      [step(DEPLOYMENT, deployment(2, { cpu: '50m', memory: '256Mi' }), deployment(3, { cpu: '1', memory: '1Gi' }))],
      ['requests 0.1 → 3 CPU, 0.5 → 3 GiB'],
      undefined,
    ],
  ]) {
    test(what, () => {
      const found = costsOf('eks', steps);
      assert.deepEqual(found.lines, lines);
      if (monthly === undefined) assert.equal(found.monthly, undefined);
      else assert.ok(Math.abs(found.monthly - monthly) < 1e-9, String(found.monthly));
    });
  }
});

test('storage of another cluster has no price, whatever its class is called', () =>
  assert.deepEqual(costsOf('kubernetes', [step(CLAIM, claim('5Gi'), claim('10Gi'))]), {
    lines: ['storage 5 → 10 GiB'],
    monthly: undefined,
  }));

test('a bound of the nodes is no price', () => {
  const pool = (cpu) => ({ spec: { limits: { cpu } } });
  const { lines, monthly } = costsOf('aws-cluster', [
    step('kubernetes:karpenter.sh/v1:NodePool', pool('32'), pool('64')),
  ]);
  assert.deepEqual([lines, monthly], [['limit of the nodes 32 → 64 CPU'], undefined]);
});

describe('requests', () => {
  const lines = (...steps) => costsOf('eks', steps).lines;

  test('of little memory are said in MiB', () =>
    assert.deepEqual(lines(step(DEPLOYMENT, deployment(2, { memory: '1Gi' }), deployment(2, { memory: '1034Mi' }))), [
      'requests 2048 → 2068 MiB',
    ]));

  test('are those of reservations on Docker', () => {
    const service = (replicas) => ({
      mode: { replicated: { replicas } },
      taskSpec: { resources: { reservation: { nanoCpus: 5e8, memoryBytes: 2 ** 30 } } },
    });
    assert.deepEqual(lines(step('docker:index/service:Service', service(2), service(3))), [
      'requests 1 → 1.5 CPU, 2 → 3 GiB',
    ]);
  });

  test('count the fewest replicas where their number follows the load', () => {
    const scaler = (minReplicas) => ({
      metadata: { name: 'api' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'api' }, minReplicas, maxReplicas: 9 },
    });
    const api = deployment(undefined, { cpu: '1' });
    assert.deepEqual(
      lines(
        step(DEPLOYMENT, api, api),
        step('kubernetes:autoscaling/v2:HorizontalPodAutoscaler', scaler(2), scaler(4)),
      ),
      ['requests 2 → 4 CPU with the fewest replicas'],
    );
  });

  test('of a pod are at least those of each init container', () => {
    const pod = (initContainers) => deployment(1, { cpu: '100m' }, { initContainers });
    const init = (cpu, more = {}) => ({ resources: { requests: { cpu } }, ...more });
    const of = (initContainers) => lines(step(DEPLOYMENT, undefined, pod(initContainers)));
    assert.deepEqual(of([init('50m')]), ['requests 0 → 0.1 CPU']);
    assert.deepEqual(of([init('50m'), init('2')]), ['requests 0 → 2 CPU']);
    assert.deepEqual(of([init('50m', { restartPolicy: 'Always' })]), ['requests 0 → 0.15 CPU']);
  });
});

test('an amount is said to the cent, and without where there are none', () => {
  assert.equal(aMonth(73), '+$73 a month');
  assert.equal(aMonth(-36.5), '−$36.50 a month');
  assert.equal(aMonth(0.001), '±$0 a month');
});
