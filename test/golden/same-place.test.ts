import type * as shopModule from '../../stacks/shop';
import { devDump } from '../support/dev-dump';
import { prodDump } from '../support/prod-dump';
import { stagingDump } from '../support/staging-dump';

/** Memory of `product`, which it would hardly have; the shop itself stays as it is. */
const mockChange: { memory?: '333Mi' } = {};
jest.mock('../../stacks/shop', () => {
  const actual = jest.requireActual<typeof shopModule>('../../stacks/shop');
  return {
    ...actual,
    shop: (...args: Parameters<typeof actual.shop>) => {
      const definition = actual.shop(...args);
      if (mockChange.memory) definition.services['product']!.resources = { memory: mockChange.memory };
      return definition;
    },
  };
});

interface Resource {
  name: string;
  inputs: unknown;
}

/** Where two dumps differ: the resource's name and the path of its argument, with what stands there afterwards. */
function differences(before: string, after: string): string[] {
  const later = new Map((JSON.parse(after) as Resource[]).map((resource) => [resource.name, resource]));
  return (JSON.parse(before) as Resource[]).flatMap(({ name, inputs }) =>
    changes(inputs, later.get(name)?.inputs, []).map((change) => `${name} ${change}`),
  );
}

function changes(before: unknown, after: unknown, path: string[]): string[] {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) {
    return before === after ? [] : [`${path.join('.')}: ${JSON.stringify(after)}`];
  }
  const [one, other] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys.flatMap((key) => changes(one[key], other[key], [...path, key]));
}

const ON_A_CLUSTER = [
  'shop-product-deployment spec.template.spec.containers.0.resources.limits.memory: "333Mi"',
  'shop-product-deployment spec.template.spec.containers.0.resources.requests.memory: "333Mi"',
];

/** The names of volumes are derived from the task: two versions of a service have no writable folder in common. */
const DERIVED = /^shop-product-service taskSpec\.containerSpec\.mounts\.\d\.source: "[^"]*-[0-9a-f]{6}-\d-\{\{\.Task\.Slot\}\}"$/;

it.each([
  [
    'dev',
    devDump,
    [
      'shop-product-service taskSpec.resources.limits.memoryBytes: 349175808',
      'shop-product-service taskSpec.resources.reservation.memoryBytes: 349175808',
    ],
  ],
  ['staging', stagingDump, ON_A_CLUSTER],
  ['prod', prodDump, ON_A_CLUSTER],
])('a limit that changes in the shop changes the stack `%s` in its one place', async (_, dump, expected) => {
  delete mockChange.memory;
  const before = await dump();
  mockChange.memory = '333Mi';
  expect(differences(before, await dump()).filter((line) => !DERIVED.test(line))).toEqual(expected);
});
