import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checkout } from './support/checkout';
import { command } from './support/command';
import { root } from './support/environment';
import { onDocker } from './support/only';
import { report } from './support/report';
import { shopStack } from './support/shop';
import { target } from './support/target';

/** A stack in a checkout of its own, whose files a test may change. */
const STACK = 'behaviour-plan';
let checkout: Checkout;

/** What ends a plan of a change that breaks a policy, such as of one replica in production. */
const BREAKS_POLICIES = 3;

interface Change {
  op: string;
  type: string;
  name: string;
}

const edit = (...args: [file: string, from: string, to: string]) => checkout.edit(...args);
const configure = (line: string) => {
  const path = checkout.path(`Pulumi.${STACK}.yaml`);
  writeFileSync(path, `${readFileSync(path, 'utf8').trimEnd()}\n  ${line}\n`);
};

/** A resource is known by its type and its name, but for what follows from content, which has another installation's names in it. */
const nameOf = (type: string, name: string) =>
  `${type} ${name.replace(/-[0-9a-f]{10}$/, '-CONTENT').replace(/-[0-9a-f]{12}$/, '-TAG')}`;

const OPS: Record<string, string> = { 'create-replacement': 'replace', 'delete-replaced': 'replace' };

/** Sorted, each once. */
const lines = (changes: readonly Change[]) =>
  [...new Set(changes.map(({ op, type, name }) => `${OPS[op] ?? op} ${nameOf(type, name)}`))].sort();

async function planned(): Promise<string[]> {
  const { code, output, stdout } = await checkout.run('npm', [
    'run',
    '--silent',
    'plan',
    '--',
    '--base',
    'HEAD',
    '--json',
  ]);
  if (code !== 0 && code !== BREAKS_POLICIES) throw new Error(output);
  const { environments } = JSON.parse(stdout) as {
    environments: { name: string; changes: Change[]; problem?: string }[];
  };
  const found = environments.find(({ name }) => name === STACK)!;
  if (found.problem !== undefined) throw new Error(found.problem);
  return lines(found.changes);
}

async function previewed(): Promise<string[]> {
  const text = await checkout.must('npm', ['run', '--silent', 'preview', '--', '--stack', STACK, '--json']);
  const { steps } = JSON.parse(text.slice(text.indexOf('{'))) as { steps: { op: string; urn: string }[] };
  return lines(
    steps
      .filter(({ op }) => !['same', 'read', 'refresh'].includes(op))
      .map(({ op, urn }) => {
        const [, , types, ...name] = urn.split('::');
        return { op, type: types!.split('$').at(-1)!, name: name.join('::') };
      })
      .filter(({ type }) => type !== 'pulumi:pulumi:Stack'),
  );
}

const SERVICE = `
      extra: {
        image: images.frontend,
        port: 8080,
        replicas: 1,
        resources: { memory: '64Mi' },
      },`;

onDocker('what replaces a resource', () => {
  it('is what the schema of the provider says', async () => {
    const schema = await command('npx', ['pulumi', 'package', 'get-schema', 'docker']);
    const file = join(root, 'scripts', 'plan', 'docker-replacements.ts');
    const printed = execFileSync('npx', ['tsx', file], { cwd: root, input: schema.stdout, encoding: 'utf8' });
    const known = readFileSync(join(root, 'scripts', 'plan', 'replacements-docker.json'), 'utf8');
    expect(JSON.parse(printed)).toEqual(JSON.parse(known));
  });
});

describe('a plan agrees with the preview of what is deployed', () => {
  beforeAll(async () => {
    checkout = await Checkout.create((created) =>
      copyFileSync(join(root, `Pulumi.${shopStack.name}.yaml`), created.path(`Pulumi.${STACK}.yaml`)),
    );
    if (target.name === 'kubernetes') checkout.shareLocal('kubeconfig', 'cluster.json');
    await checkout.must('npm', ['run', 'up', '--', '--stack', STACK]);
  });

  afterAll(async () => {
    await checkout.must('npm', ['run', 'down', '--', '--stack', STACK, '--data']);
    checkout.remove();
  });

  it.each<[string, () => void]>([
    ['nothing', () => {}],
    ['a number of replicas', () => configure('shop:replicas: { product: 3 }')],
    [
      'a memory limit',
      () => edit('stacks/shop.ts', "resources: { memory: '384Mi' }", "resources: { memory: '400Mi' }"),
    ],
    ['a source file of a service', () => edit('app/order-service/Dockerfile', 'FROM', '# planned\nFROM')],
    [
      'a route',
      () => edit('stacks/shop.ts', "{ path: '/api/orders', to: 'order' }", "{ path: '/api/baskets', to: 'order' }"),
    ],
    ['other passwords', () => configure('shop:passwordGeneration: 2')],
    ['a microservice more', () => edit('stacks/shop.ts', '\n      order: {', `${SERVICE}\n      order: {`)],
    [
      'a microservice of another name',
      () => {
        edit('stacks/shop.ts', '\n      order: {', '\n      orders: {');
        edit('stacks/shop.ts', "to: 'order'", "to: 'orders'");
      },
    ],
    [
      'a way to the internet',
      () => edit('stacks/shop.ts', '\n      order: {', '\n      order: {\n        internet: true,'),
    ],
    ['a check', () => edit('stacks/shop.ts', "path: '/readyz'", "path: '/readyz?planned'")],
    ['a revision', () => configure('shop:revision: planned')],
    ['a backup', () => configure('shop:backup: planned')],
  ])('%s', async (what, change) => {
    change();
    try {
      const [plan, preview] = [await planned(), await previewed()];
      report({ name: `plan of ${what}`, note: `${plan.length} resources` });
      expect(plan).toEqual(preview);
      expect(plan.length > 0).toBe(what !== 'nothing');
    } finally {
      await checkout.reset();
    }
  });
});
