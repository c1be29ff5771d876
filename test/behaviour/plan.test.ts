import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './support/command';
import { root } from './support/environment';
import { onDocker } from './support/only';
import { report } from './support/report';
import { shopStack } from './support/shop';
import { target } from './support/target';

/** A stack in a checkout of its own, whose files a test may change. */
const STACK = 'behaviour-plan';
const folder = mkdtempSync(join(tmpdir(), 'shop-'));

/** What ends a plan of a change that breaks a policy, such as of one replica in production. */
const BREAKS_POLICIES = 3;

interface Change {
  op: string;
  type: string;
  name: string;
}

const run = (program: string, ...args: string[]) => command(program, args, { cwd: folder });

async function must(program: string, ...args: string[]): Promise<string> {
  const { code, output, stdout } = await run(program, ...args);
  if (code !== 0) throw new Error(output);
  return stdout;
}

function edit(file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
  writeFileSync(path, text.replace(from, to));
}

const configure = (line: string) => {
  const path = join(folder, `Pulumi.${STACK}.yaml`);
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
  const { code, output, stdout } = await run('npm', 'run', '--silent', 'plan', '--', '--base', 'HEAD', '--json');
  if (code !== 0 && code !== BREAKS_POLICIES) throw new Error(output);
  const { environments } = JSON.parse(stdout) as {
    environments: { name: string; changes: Change[]; problem?: string }[];
  };
  const found = environments.find(({ name }) => name === STACK)!;
  if (found.problem !== undefined) throw new Error(found.problem);
  return lines(found.changes);
}

async function previewed(): Promise<string[]> {
  const text = await must('npm', 'run', '--silent', 'preview', '--', '--stack', STACK, '--json');
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
    await must('git', 'clone', '--quiet', root, '.');
    // What is tested is the files as they are.
    const changed = await command('git', ['-C', root, 'diff', '--binary', 'HEAD']);
    if (changed.stdout !== '') {
      writeFileSync(join(folder, 'changes.patch'), changed.stdout);
      await must('git', 'apply', 'changes.patch');
      rmSync(join(folder, 'changes.patch'));
    }
    copyFileSync(join(root, `Pulumi.${shopStack.name}.yaml`), join(folder, `Pulumi.${STACK}.yaml`));
    await must('git', 'add', '--all');
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    await must('git', ...author, 'commit', '--quiet', '--allow-empty', '--message', 'base');
    // Not before: Git would take a link for a file of the project.
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    if (target.name === 'kubernetes') {
      mkdirSync(join(folder, '.local'), { mode: 0o700 });
      for (const file of ['kubeconfig', 'cluster.json'])
        copyFileSync(join(root, '.local', file), join(folder, '.local', file));
    }
    await must('npm', 'run', 'up', '--', '--stack', STACK);
  });

  afterAll(async () => {
    await must('npm', 'run', 'down', '--', '--stack', STACK, '--data');
    rmSync(folder, { recursive: true });
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
      await must('git', 'checkout', '--quiet', '.');
    }
  });
});
