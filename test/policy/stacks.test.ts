import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hello } from '../../examples/hello';
import { CONFIG } from '../../policy/config';
import { judge, type PackConfig, type Violation } from '../../policy/judge';
import { RULES } from '../../policy/rules';
import { asResources, policiesOf } from '../../scripts/plan/policies';
import type { PlannedResource } from '../../scripts/plan/planned';
import { withoutSecrets } from '../../scripts/plan/secrets';
import { bootstrapDeployment, clusterDeployment } from '../support/aws-dump';
import { deploy, type Registration } from '../support/deployment';
import { devDeployment } from '../support/dev-dump';
import { prodDeployment } from '../support/prod-dump';
import { platform } from '../support/sample';
import { stagingDeployment } from '../support/staging-dump';

const planned = (registrations: readonly Registration[]) => registrations.map((one) => withoutSecrets(one, 'key'));
const judged = (registrations: readonly Registration[], stack: string, config: PackConfig = CONFIG) =>
  judge(asResources(planned(registrations), { project: 'shop', stack }), config);
const told = ({ rule, name, message }: Violation) => `${rule} ${name}: ${message}`;
const standing = (found: readonly Violation[]) => found.filter(({ exemption }) => exemption === undefined);

const STACKS = {
  dev: devDeployment,
  staging: stagingDeployment,
  prod: prodDeployment,
  'prod-cluster': clusterDeployment,
  bootstrap: bootstrapDeployment,
};
type Stack = keyof typeof STACKS;
const stacks = Object.keys(STACKS) as Stack[];

/** Each is rendered once. */
const rendered = new Map<Stack, Promise<{ registrations: Registration[] }>>();
async function registrationsOf(stack: Stack): Promise<Registration[]> {
  const deployment = rendered.get(stack) ?? STACKS[stack]();
  rendered.set(stack, deployment);
  return (await deployment).registrations;
}

const COSTS: Partial<Record<Stack, string>> = {
  prod: '1 load balancer',
  'prod-cluster': '1 EKS cluster, 2 KMS keys, 3 NAT gateways, 1 node pool',
  bootstrap: '2 KMS keys',
};

it.each(stacks)('the stack %s breaks no rule, and lists what it costs', async (stack) => {
  const found = standing(judged(await registrationsOf(stack), stack));
  expect(found.filter(({ rule }) => rule !== 'cost-bearing-resources').map(told)).toEqual([]);
  expect(found.map(({ message }) => message.split('. ')[0])).toEqual([COSTS[stack] ?? []].flat());
});

const examples = readdirSync(join(__dirname, '..', '..', 'examples'));

const helloRegistrations = async () => (await deploy(() => hello(platform(), 'python:3.13-slim-trixie'))).registrations;

it('every example is judged', () => expect(examples).toEqual(['hello']));

it('the example breaks no rule', async () =>
  expect(standing(judged(await helloRegistrations(), 'dev')).map(told)).toEqual([]));

it('in production, the only replica of its worker is found', async () => {
  const found = standing(judged(await helloRegistrations(), 'prod')).filter(({ level }) => level === 'mandatory');
  expect(found.map(({ rule, name }) => `${rule} ${name}`)).toEqual(['production-replicas hello-watcher-service']);
});

it('every exemption of the pack is needed', async () => {
  const exemptions = Object.entries(CONFIG).flatMap(([rule, config]) =>
    typeof config === 'string' ? [] : (config.exemptions ?? []).map(({ reason }) => `${rule}: ${reason}`),
  );
  const used = new Set<string>();
  for (const stack of stacks)
    for (const { rule, exemption } of judged(await registrationsOf(stack), stack))
      used.add(`${rule}: ${exemption ?? ''}`);
  for (const { rule, exemption } of judged(await helloRegistrations(), 'prod')) used.add(`${rule}: ${exemption ?? ''}`);
  expect([...new Set(exemptions)].filter((one) => !used.has(one))).toEqual([]);
});

it('the pack configures no rule and no setting that there is not', () => {
  for (const [name, config] of Object.entries(CONFIG)) {
    const rule = RULES.find((one) => one.name === name);
    const known = ['enforcementLevel', 'exemptions', ...Object.keys(rule?.settings ?? {})];
    expect([name, rule !== undefined, Object.keys(config).filter((key) => !known.includes(key))]).toEqual([
      name,
      true,
      [],
    ]);
  }
});

describe('the properties that keep the shop within the rules', () => {
  /** What is found once something of a stack is changed. */
  async function after(stack: Stack, name: string, change: (one: PlannedResource) => void): Promise<string[]> {
    const before = planned(await registrationsOf(stack));
    const changed = structuredClone(before);
    change(changed.find((one) => one.name === name)!);
    const { introduced } = policiesOf(before, changed, { project: 'shop', stack }, CONFIG);
    return introduced.map(({ rule, path }) => `${rule} ${path}`);
  }
  const at = (value: unknown, path: string) =>
    path
      .split('.')
      .reduce<Record<string, unknown>>(
        (inner, key) => inner[key] as Record<string, unknown>,
        value as Record<string, unknown>,
      );

  it.each<[string, Stack, string, (one: PlannedResource) => void]>([
    ['data-protected protect', 'dev', 'shop-database-data', (one) => (one.retainOnDelete = false)],
    ['data-protected protect', 'prod', 'shop-database-data', (one) => (one.retainOnDelete = false)],
    [
      'only-gateway-is-public spec.type',
      'prod',
      'shop-order-service',
      ({ inputs }) => (at(inputs, 'spec')['type'] = 'NodePort'),
    ],
    [
      'no-root-containers taskSpec.containerSpec.user',
      'dev',
      'shop-order-service',
      ({ inputs }) => (at(inputs, 'taskSpec.containerSpec')['user'] = 'root'),
    ],
    [
      'production-replicas spec.replicas',
      'prod',
      'shop-order-deployment',
      ({ inputs }) => (at(inputs, 'spec')['replicas'] = 1),
    ],
    [
      'production-disruption-budgets spec.template.metadata.labels',
      'prod',
      'shop-order-disruption-budget',
      ({ inputs }) => (at(inputs, 'spec.selector')['matchLabels'] = { app: 'another' }),
    ],
    [
      'no-public-aws-endpoints publicAccessCidrs',
      'prod-cluster',
      'cluster-eks',
      ({ inputs }) => (inputs['endpointPublicAccess'] = true),
    ],
    [
      'data-encrypted encryptionConfigKeyArn',
      'prod-cluster',
      'cluster-eks',
      ({ inputs }) => delete inputs['encryptionConfigKeyArn'],
    ],
    ['required-tags tags', 'bootstrap', 'state-key', (one) => (one.provider = '')],
    [
      'no-secrets-in-environment taskSpec.containerSpec.env.REVISION',
      'dev',
      'shop-order-service',
      (one) => (one.secrets['taskSpec.containerSpec.env.REVISION'] = 'digest'),
    ],
  ])('%s', async (expected, stack, name, change) => {
    expect(await after(stack, name, change)).toEqual([expected]);
  });
});
