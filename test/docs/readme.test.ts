import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hello } from '../../examples/hello';
import type { ApplicationSpec, Platform } from '../../components';
import { gatewaySchema } from '../../components/gateway-spec';
import { microserviceSchema } from '../../components/microservice-spec';
import { renderReference } from '../../scripts/reference';
import { deploy } from '../support/deployment';

const ROOT = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const README = read('README.md');
const PAGES = ['README.md', 'docs/commands.md', 'docs/arguments.md', 'docs/operations.md', 'docs/promises.md'];
const TEXT = PAGES.map(read).join('\n');
const MAX_EXAMPLE_LINES = 25;

/** Notes what an application hands to its platform, and creates nothing. */
function recorder(): { platform: Platform; specs: ApplicationSpec[] } {
  const specs: ApplicationSpec[] = [];
  const platform: Platform = {
    target: 'paper',
    identityOf: () => ({}),
    validate: () => ({ problems: [], warnings: [] }),
    application: (spec) => {
      specs.push(spec);
      return {
        isDeployed: () => false,
        microservice: () => undefined,
        job: () => undefined,
        gateway: () => Promise.resolve('http://paper') as never,
      };
    },
  };
  return { platform, specs };
}

describe('the example of the README', () => {
  const block = /```ts\n([\s\S]*?)```/.exec(README)?.[1];

  it('is the file that it names', () => {
    expect(README).toContain('examples/hello/index.ts');
    expect(block).toBe(read('examples/hello/index.ts'));
  });

  it(`has at most ${MAX_EXAMPLE_LINES} lines`, () => {
    expect(block!.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_EXAMPLE_LINES);
  });

  it('is a valid application, complete with every default', async () => {
    const { platform, specs } = recorder();
    const { result, registrations } = await deploy(() => hello(platform, 'python:3.13-slim-trixie'));
    expect(Object.keys(result.services)).toEqual(['web', 'watcher']);
    expect(registrations.map(({ type, name }) => `${type.split(':').at(-1)} ${name}`)).toEqual([
      'Application hello',
      'Microservice hello-web',
      'Microservice hello-watcher',
      'Gateway hello-gateway',
    ]);
    const [spec] = specs;
    expect(spec).toMatchObject({
      name: 'hello',
      gateway: { routes: [{ path: '/', to: 'web' }] },
      services: [
        {
          name: 'web',
          port: 8080,
          replicas: { min: 3, max: 3 },
          cpu: { limit: 250 },
          memory: { request: 64 * 2 ** 20, limit: 64 * 2 ** 20 },
          alive: { action: { kind: 'tcp', port: 8080 } },
          ready: { action: { kind: 'http', path: '/', port: 8080 } },
          calls: [],
        },
        { name: 'watcher', replicas: { min: 1, max: 1 }, calls: ['web'], after: [] },
      ],
    });
    expect(spec!.services[1]).not.toHaveProperty('port');
  });
});

describe('the documents for users', () => {
  const rows = read('docs/arguments.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const names = rows.flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`?/g)].map(([, name]) => name));

  it.each(Object.keys(microserviceSchema.shape))('says what the argument %s becomes', (argument) => {
    expect(names).toContain(argument);
  });

  it.each(Object.keys(gatewaySchema.shape))("says what the gateway's argument %s becomes", (argument) => {
    expect(names).toContain(argument);
  });

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...TEXT.matchAll(/npm run ([\w-]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(Object.keys(scripts).filter((name) => !named.includes(name) && name !== 'test')).toEqual([]);
  });

  it('names only configuration keys that exist', () => {
    const keys = [...read('Pulumi.yaml').matchAll(/^ {2}(\w+):\n {4}type:/gm)].map(([, key]) => key!);
    const set = [...TEXT.matchAll(/pulumi config set (?:--path ['"]?)?(\w+)/g)].map(([, key]) => key!);
    expect(keys.length).toBeGreaterThan(0);
    expect(set.filter((key) => !keys.includes(key))).toEqual([]);
  });
});

describe('the behaviour suites', () => {
  it('each stand beside a promise', () => {
    const suites = readdirSync(join(ROOT, 'test', 'behaviour'))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => name.replace('.test.ts', ''));
    const named = [...read('docs/promises.md').matchAll(/^\|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].join(' ');
    expect(suites.filter((suite) => !named.includes(`\`${suite}\``))).toEqual([]);
  });
});

describe('the suites that CI runs', () => {
  const sorted = (lists: string[]) => lists.flatMap((names) => names.split('|')).sort();

  it('are those that docs/promises.md names', () => {
    const [, docker, cluster] = /edits: on Docker([^.]*), on the cluster([^.]*)\./.exec(read('docs/promises.md'))!;
    const runs = [...read('.ci/run').matchAll(/npm run e2e -- (--target kubernetes )?"behaviour\/\(?([a-z|-]+)/g)];
    const suites = (onCluster: boolean) =>
      sorted(runs.filter(([, target]) => onCluster === (target !== undefined)).map(([, , names]) => names!));
    const named = (text: string) => sorted([...text.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!));
    expect(suites(false)).toEqual(named(docker!));
    expect(suites(true)).toEqual(named(cluster!));
  });
});

describe('the documents', () => {
  const decisions = readdirSync(join(ROOT, 'docs', 'decisions')).map((name) => `docs/decisions/${name}`);
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages.map((name) => `docs/${name}`)];

  it.each([...documents, ...decisions])('%s leads nowhere that is not there', (document) => {
    const text = read(document);
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      ([, link, image]) => link ?? image!,
    );
    const broken = targets
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split('#') as [string, string?];
        const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path);
        if (!existsSync(file)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).has(anchor);
      });
    expect(broken).toEqual([]);
  });

  it('has a reference that says what the doc comments say; if not: npm run reference', () => {
    expect(read('docs/reference.md')).toBe(renderReference());
  });
});

/** Names of the headings, as GitHub makes them. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}
