import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RULES } from '../../policy/rules';
import { EXAMPLES } from '../policy/examples';
import type { Given } from '../policy/resource';
import type { CommandResult } from './support/command';
import { root } from './support/environment';
import { onDocker, onKubernetes } from './support/only';
import { report } from './support/report';
import { shopStack } from './support/shop';
import { Stack } from './support/stack';

const PACK = ['--policy-pack', join(root, 'policy')];

/** A project of others, with a state of its own. */
const folder = mkdtempSync(join(tmpdir(), 'others-'));
const others = (stack: string) =>
  new Stack(
    'others',
    stack,
    folder,
    {},
    {
      PULUMI_BACKEND_URL: `file://${join(folder, 'state')}`,
      PULUMI_CONFIG_PASSPHRASE: 'none',
    },
  );

/**
 * Registers what `resources.json` says. A resource that is not custom reaches the engine, and so the pack, with its real type and inputs
 * but needs no provider: that of AWS cannot be had everywhere.
 */
const PROGRAM = `
const pulumi = require('@pulumi/pulumi');
class Plain extends pulumi.Resource {
  constructor({ type, name, props, protect }) { super(type, name, false, props, { protect }); }
}
for (const one of require('./resources.json')) new Plain(one);
`;
/** Only an update knows what a dynamic provider computes. */
const LATER = `
const pulumi = require('@pulumi/pulumi');
class Later extends pulumi.dynamic.Resource {
  constructor(name) {
    super({ create: async () => ({ id: '1', outs: { user: 'root' } }) }, name, { user: undefined });
  }
}
class Plain extends pulumi.Resource {
  constructor(type, name, props) { super(type, name, false, props, {}); }
}
const { user } = new Later('later');
new Plain('docker:index/container:Container', 'web', { image: 'a/b:1', memory: 64, user });
`;

/** Through the provider itself, which fills in defaults and changes the form of some inputs. */
const ON_DOCKER = `
const docker = require('@pulumi/docker');
new docker.Container('web', {
  image: 'nginx:latest',
  envs: ['DB_PASSWORD=hunter2'],
  ports: [{ internal: 80, external: 8080 }],
  capabilities: { adds: ['NET_ADMIN'] },
  privileged: true,
  volumes: [{ hostPath: '/var/run/docker.sock', containerPath: '/docker.sock' }],
});
new docker.Service('api', {
  name: 'api',
  taskSpec: { containerSpec: { image: 'a/b:1', user: '1', env: { API_KEY: 'abc-def' } }, resources: { limits: { memoryBytes: 67108864 } } },
  endpointSpec: { ports: [{ targetPort: 80, publishedPort: 80 }] },
});
new docker.Volume('data', {});
`;
/** What a cluster would be asked for is written to a folder, so that no cluster is needed. */
const ON_KUBERNETES = `
const k8s = require('@pulumi/kubernetes');
const provider = new k8s.Provider('files', { renderYamlToDirectory: 'rendered' });
const labels = { app: 'api' };
const container = { name: 'api', image: 'a/b', env: [{ name: 'DB_PASSWORD', value: 'hunter2' }], securityContext: { privileged: true } };
const template = { metadata: { labels }, spec: { hostNetwork: true, containers: [container] } };
new k8s.apps.v1.Deployment('api', { spec: { selector: { matchLabels: labels }, template } }, { provider });
new k8s.core.v1.Service('api', { spec: { type: 'LoadBalancer', selector: labels, ports: [{ port: 80 }] } }, { provider });
`;

const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
const named = (given: Given | Given[]) => [given].flat().map((one, index) => ({ name: `it-${index}`, ...one }));

/** Previews plain resources; on the stack `prod`, since some rules are for production. */
async function previewed(given: Given | Given[]): Promise<CommandResult> {
  write('index.js', PROGRAM);
  write('resources.json', JSON.stringify(named(given)));
  return others('prod').preview({}, PACK);
}

/** Names of rules that a preview shows as broken. */
const brokenIn = ({ output }: CommandResult, level = 'mandatory') =>
  [...output.matchAll(new RegExp(`\\[${level}\\]\\s+([\\w-]+)`, 'g'))].map(([, rule]) => rule);

beforeAll(() => {
  mkdirSync(join(folder, 'state'));
  write('Pulumi.yaml', 'name: others\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n');
  write('package.json', '{"name": "others", "version": "0.0.0", "main": "index.js"}\n');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

onDocker('the policy pack', () => {
  it.each(RULES.map(({ name, level, remedy }) => [name, level, remedy] as const))(
    '%s (%s) is shown for the first example that breaks it',
    async (rule, level, remedy) => {
      const [given, path = ''] = EXAMPLES[rule]!.breaks[0]!;
      const result = await previewed(given);
      expect(brokenIn(result, level)).toContain(rule);
      expect(result.output).toContain(path);
      expect(result.output).toContain(remedy.split('`')[0]!);
      if (level === 'mandatory') expect(result.code).not.toBe(0);
    },
  );

  it('lets pass what breaks no rule, and lists what is exempted', async () => {
    const labels = ['name', 'part-of'].map((name) => ({ label: `app.kubernetes.io/${name}`, value: 'web' }));
    const exempt = { label: 'policy.exempt/no-floating-image-tags', value: 'A demo of the newest version' };
    const result = await previewed({
      type: 'docker:index/container:Container',
      name: 'web',
      props: { image: 'nginx:latest', memory: 64, cpus: '1', user: '101', labels: [...labels, exempt] },
    });
    expect(result.code).toBe(0);
    expect(brokenIn(result)).toEqual([]);
    expect(result.output).toMatch(/exemptions[^]*no-floating-image-tags: A demo of the newest version \(web\)/);
  });

  it('judges what others create on Docker', async () => {
    write('index.js', ON_DOCKER);
    const result = await others('docker').preview({}, PACK);
    const found = [...result.output.matchAll(/\[mandatory\]\s+([\w-]+) +\(docker:index\/?\w*:(\w+):/g)];
    expect(found.map(([, rule, type]) => `${type!} ${rule!}`).sort()).toEqual([
      'Container memory-limit',
      'Container no-added-capabilities',
      'Container no-floating-image-tags',
      'Container no-host-access',
      'Container no-privileged-containers',
      'Container no-root-containers',
      'Container no-secrets-in-environment',
      'Container only-gateway-is-public',
      'Service health-checks',
      'Service no-secrets-in-environment',
      'Service only-gateway-is-public',
      'Volume data-protected',
    ]);
    expect(result.output).not.toMatch(/hunter2|abc-def/);
  });

  it('leaves what is not known yet to the update, which it stops', async () => {
    write('index.js', LATER);
    const stack = others('later');
    const preview = await stack.preview({}, PACK);
    expect([preview.code, brokenIn(preview)]).toEqual([0, []]);
    const up = await stack.pulumi([
      'up',
      '--yes',
      '--skip-preview',
      '--stack',
      'later',
      '--config-file',
      stack.configFile,
      ...PACK,
    ]);
    expect(up.code).not.toBe(0);
    expect(brokenIn(up)).toEqual(['no-root-containers']);
    await stack.destroy({ remove: true });
  });
});

onKubernetes('the policy pack', () => {
  it('judges what others create on Kubernetes', async () => {
    write('index.js', ON_KUBERNETES);
    const result = await others('prod-files').preview({}, PACK);
    expect([...new Set(brokenIn(result))].sort()).toEqual([
      'memory-limit',
      'no-floating-image-tags',
      'no-host-access',
      'no-privileged-containers',
      'no-root-containers',
      'no-secrets-in-environment',
      'only-gateway-is-public',
      'production-replicas',
    ]);
    expect(result.output).not.toContain('hunter2');
  });
});

it('the shop passes, also an update, which knows every value', async () => {
  const deployed = await shopStack.up({}, undefined, PACK);
  expect([deployed.code, brokenIn(deployed)]).toEqual([0, []]);
  const began = performance.now();
  const plain = await shopStack.preview();
  const between = performance.now();
  const judged = await shopStack.preview({}, PACK);
  expect(brokenIn(judged)).toEqual([]);
  expect([plain.code, judged.code]).toEqual([0, 0]);
  const [without, withPack] = [between - began, performance.now() - between].map((ms) => (ms / 1_000).toFixed(1));
  report({
    name: 'policies',
    note: `a preview of the shop takes ${withPack!} s with the policy pack, ${without!} s without`,
  });
});
