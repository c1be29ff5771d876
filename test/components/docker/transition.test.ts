import type { Engine } from '../../../components/docker/engine';
import { LOOK, TRANSITION_FILE } from '../../../components/docker/proxy-scripts';
import { NotRunningError } from '../../../components/docker/run-in-service';
import { backendSection, sameDefinition } from '../../../components/docker/rules-text';
import { parts, Transitions, type FrontProxy } from '../../../components/docker/transition';
import { haproxyConfiguration, type ProxySpec } from '../../../components/haproxy/configuration';
import { check, proxy, withBackend, withRoutes } from '../../support/proxies';

/** Proxies that remember what they were told. */
class FakeEngine {
  readonly told: Record<string, string>[] = [];
  private readonly proxies = new Map<string, { base: string; transition?: string; kept: string }>();
  failing = false;
  gone = false;

  constructor(rules: Record<string, string>) {
    for (const [name, base] of Object.entries(rules)) this.proxies.set(name, { base, kept: '' });
  }

  get engine(): Engine {
    return this as unknown as Engine;
  }

  deploy(name: string, base: string) {
    this.proxies.set(name, { base, kept: this.proxies.get(name)!.kept });
  }

  async run(name: string, script: string, input = ''): Promise<string> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.gone) throw new NotRunningError('service lb-config does not run');
    const known = this.proxies.get(name)!;
    if (script === LOOK) {
      const transition = known.transition === undefined ? '' : `==> transition\n${known.transition}`;
      return `==> base\n${known.base}${transition}==> kept\n${known.kept}`;
    }
    if (this.failing) throw new Error('service lb-config: rejected');
    const { end, ...told } = parts(input);
    expect(end).toBe('');
    this.told.push({ proxy: name, ...told });
    this.proxies.set(name, {
      base: known.base,
      kept: told['rules'] === '' ? '' : told['kept']!,
      ...(told['rules'] === '' ? {} : { transition: told['json']! }),
    });
    return '';
  }

  exists(container: string, path: string): Promise<boolean> {
    expect(path).toBe(TRANSITION_FILE);
    const known = this.proxies.get(`${container}-config`)!;
    return Promise.resolve(known.transition !== undefined || known.kept !== '');
  }
}

const at = (port: number): ProxySpec => ({
  ...withBackend({ port, check: check({ kind: 'http', path: '/readyz', port }) }),
  listeners: [{ name: 'api', bind: [`10.70.0.5:${port}`], mode: 'http', backend: 'api' }],
});
const [old, next] = [haproxyConfiguration(at(8080)), haproxyConfiguration(at(8081))];
const front = (rules: string, name = 'lb', sections = rules): FrontProxy => ({
  container: name,
  configService: `${name}-config`,
  rules,
  sections,
});
const portIn = (rules: string, section: string) =>
  /server-template \S+ \S+ \S+:(\d+)/.exec(backendSection(rules, section) ?? '')?.[1];

let fake: FakeEngine;
let transitions: Transitions;
beforeEach(() => {
  fake = new FakeEngine({ 'lb-config': old });
  transitions = new Transitions(fake.engine);
});
const last = () => fake.told.at(-1)!;

describe('an update', () => {
  it('that changes nothing that proxies know leaves them alone', async () => {
    await transitions.begin('api', [front(old)]);
    await transitions.withdraw('api', [front(old)]);
    await transitions.end([front(old)]);
    expect(fake.told).toEqual([]);
  });

  it('with another port: both definitions, and both addresses for callers', async () => {
    await transitions.begin('api', [front(next)]);
    expect(portIn(last()['rules']!, 'api')).toBe('8081');
    expect(portIn(last()['rules']!, 'api.previous')).toBe('8080');
    expect(last()['kept']).toBe('api 10.70.0.5:8080\napi 10.70.0.5:8081\n');
    expect(last()['renames']).toBe('api api.previous\n');
    expect(last()['lua']).toContain("register_fetches('definition'");
  });

  it('that fails is withdrawn, but for its address: callers may have been updated already', async () => {
    await transitions.begin('api', [front(next)]);
    await transitions.withdraw('api', [front(next)]);
    expect(portIn(last()['rules']!, 'api')).toBe('8080');
    expect(backendSection(last()['rules']!, 'api.previous')).toBeUndefined();
    expect(last()).toMatchObject({
      kept: 'api 10.70.0.5:8080\napi 10.70.0.5:8081\n',
      renames: 'api.previous api\n',
    });
    await transitions.end([front(old)]);
    expect(last()).toMatchObject({ rules: '' });
  });

  it('that fails, with the same address, leaves nothing', async () => {
    const checked = { ...proxy(), backends: [{ ...at(8080).backends[0]!, timeout: 1_234 }] };
    const other = haproxyConfiguration({ ...at(8080), backends: checked.backends });
    await transitions.begin('api', [front(other)]);
    await transitions.withdraw('api', [front(other)]);
    expect(last()).toEqual({ proxy: 'lb-config', rules: '', renames: 'api.previous api\n' });
  });

  it('that was begun by an earlier deployment is not withdrawn: its replicas may serve', async () => {
    await transitions.begin('api', [front(next)]);
    const later = new Transitions(fake.engine);
    await later.begin('api', [front(next)]);
    await later.withdraw('api', [front(next)]);
    expect(fake.told).toHaveLength(1);
  });

  it('that works keeps the old address for callers, until all have been updated', async () => {
    await transitions.begin('api', [front(next)]);
    fake.deploy('lb-config', next);
    await transitions.end([front(next)]);
    expect(last()).toEqual({ proxy: 'lb-config', rules: '', renames: '' });
    await transitions.end([front(next)]);
    expect(fake.told).toHaveLength(2);
  });

  it('after one whose callers failed keeps the addresses of both', async () => {
    await transitions.begin('api', [front(next)]);
    fake.deploy('lb-config', next);
    await transitions.begin('api', [front(haproxyConfiguration(at(8082)))]);
    expect(last()['kept']!.trim().split('\n').sort()).toEqual([
      'api 10.70.0.5:8080',
      'api 10.70.0.5:8081',
      'api 10.70.0.5:8082',
    ]);
    await transitions.withdraw('api', [front(haproxyConfiguration(at(8082)))]);
    expect(last()['kept']).toBe('api 10.70.0.5:8080\napi 10.70.0.5:8081\napi 10.70.0.5:8082\n');
    expect(backendSection(last()['rules']!, 'api.previous')).toBeUndefined();
  });

  it('back to what the proxies were deployed with has the definitions exchanged', async () => {
    await transitions.begin('api', [front(next)]);
    await transitions.begin('api', [front(old)]);
    expect(portIn(last()['rules']!, 'api')).toBe('8080');
    expect(portIn(last()['rules']!, 'api.previous')).toBe('8081');
    await transitions.end([front(old)]);
    expect(last()).toEqual({ proxy: 'lb-config', rules: '', renames: 'api api\n' });
  });

  it('to bare TCP has no transition: one frontend cannot have both', async () => {
    const tcp = haproxyConfiguration({
      ...proxy(),
      listeners: [{ name: 'api', bind: ['10.70.0.5:8080'], mode: 'tcp', backend: 'api' }],
      backends: [{ ...at(8080).backends[0]!, mode: 'tcp' }],
    });
    await transitions.begin('api', [front(tcp)]);
    expect(fake.told).toEqual([]);
  });

  it('of a microservice that the proxy will know no more, or does not know yet', async () => {
    await transitions.begin('api', [front('', 'lb', next)]);
    expect(portIn(last()['rules']!, 'api')).toBe('8081');
    await transitions.begin('web', [front(next)]);
    expect(fake.told).toHaveLength(1);
  });

  it('goes on where no rules ever came into force', async () => {
    fake.gone = true;
    await transitions.begin('api', [front(next)]);
    await transitions.withdraw('api', [front(next)]);
    expect(fake.told).toEqual([]);
  });

  it('fails when the proxy refuses, and the next one is tried', async () => {
    fake.failing = true;
    await expect(transitions.begin('api', [front(next)])).rejects.toThrow('rejected');
    fake.failing = false;
    await transitions.begin('api', [front(next)]);
    expect(fake.told).toHaveLength(1);
  });
});

it('two microservices behind one gateway begin and end on their own', async () => {
  const routed = (port: number) => {
    const spec = withRoutes([{ path: '/api', to: 'api' }, { to: 'web' }]);
    return haproxyConfiguration({ ...spec, backends: spec.backends.map((one) => ({ ...one, port })) });
  };
  fake = new FakeEngine({ 'gateway-config': routed(80) });
  transitions = new Transitions(fake.engine);
  const gateway = front(routed(81), 'gateway');
  await Promise.all([transitions.begin('api', [gateway]), transitions.begin('web', [gateway])]);
  const both = last()['rules']!;
  expect(['api', 'api.previous', 'web', 'web.previous'].map((name) => portIn(both, name))).toEqual([
    '81',
    '80',
    '81',
    '80',
  ]);
  await transitions.withdraw('api', [gateway]);
  const one = last()['rules']!;
  expect(['api', 'api.previous', 'web', 'web.previous'].map((name) => portIn(one, name))).toEqual([
    '80',
    undefined,
    '81',
    '80',
  ]);
  expect(sameDefinition(backendSection(one, 'api')!, backendSection(routed(80), 'api')!)).toBe(true);
  expect(last()['renames']!.trim().split('\n').sort()).toEqual([
    'api.previous api',
    'web web',
    'web.previous web.previous',
  ]);
});

describe('addresses', () => {
  const listening = (...addresses: string[]) =>
    haproxyConfiguration({
      ...at(8080),
      listeners: [{ name: 'api', bind: addresses, mode: 'http', backend: 'api' }],
    });
  const lb = { container: 'lb', configService: 'lb-config' };

  it('of a new caller are listened on before the rules name them, and no longer than them', async () => {
    await transitions.open(lb, ['api 10.70.1.5:8080']);
    expect(last()['kept']).toBe('api 10.70.1.5:8080\n');
    expect(last()['rules']).toBe(old);
    fake.deploy('lb-config', listening('10.70.0.5:8080', '10.70.1.5:8080'));
    await transitions.end([lb]);
    expect(last()['rules']).toBe('');
  });

  it('that are listened on already change nothing', async () => {
    await transitions.open(lb, ['api 10.70.0.5:8080']);
    expect(fake.told).toEqual([]);
    await transitions.open(lb, ['api 10.70.1.5:8080']);
    await transitions.open(lb, ['api 10.70.1.5:8080']);
    expect(fake.told).toHaveLength(1);
  });

  it('of a caller that is no longer defined are listened on until it has gone', async () => {
    await transitions.keep({ ...lb, rules: listening('10.70.2.5:8080') });
    expect(last()['kept']).toBe('api 10.70.0.5:8080\n');
    await transitions.end([lb]);
    expect(last()['rules']).toBe('');
  });

  it('of callers that stay are no reason to change anything', async () => {
    await transitions.keep({ ...lb, rules: listening('10.70.0.5:8080', '10.70.2.5:8080') });
    expect(fake.told).toEqual([]);
  });

  it('that are kept for a caller outlive an update that is rolled back', async () => {
    await transitions.open(lb, ['api 10.70.1.5:8080']);
    await transitions.begin('api', [front(next)]);
    await transitions.withdraw('api', [front(next)]);
    expect(last()['kept']).toBe('api 10.70.1.5:8080\napi 10.70.0.5:8080\napi 10.70.0.5:8081\n');
  });
});
