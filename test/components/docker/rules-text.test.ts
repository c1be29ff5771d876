import {
  backendSection,
  binds,
  definitions,
  renames,
  sameDefinition,
  sameMode,
  sections,
  transitionalRules,
} from '../../../components/docker/rules-text';
import { haproxyConfiguration } from '../../../components/haproxy/configuration';
import { check, httpCheck, proxy, withBackend, withRoutes } from '../../support/proxies';

const balancer = haproxyConfiguration(proxy());
const gateway = haproxyConfiguration(
  withRoutes([
    { path: '/api', to: 'api' },
    { host: 'shop.example.com', path: '/cart', to: 'api' },
    { path: '/api-docs', to: 'api-docs' },
    { to: 'web' },
  ]),
);
const defined = (change: Parameters<typeof withBackend>[0]) =>
  backendSection(haproxyConfiguration(withBackend(change)), 'api')!;
const first = backendSection(balancer, 'api')!;
const moved = defined({ port: 8081, check: check({ kind: 'http', path: '/readyz', port: 8081 }) });
const asked = defined({ check: check({ kind: 'http', path: '/ready/v2', port: 8080 }) });
const heads = (text: string) => sections(text).map((section) => section.split('\n', 1)[0]);
const linesOf = (text: string, pattern: RegExp) => text.split('\n').filter((line) => pattern.test(line));

describe('sections', () => {
  it.each([balancer, gateway, '', '# a comment first\nglobal\n  x\n', 'global'])('joined are the text again', (text) =>
    expect(sections(text).join('')).toBe(text),
  );

  it('begin at each head, whatever the lines between', () =>
    expect(sections('global\n  a\n\n  b\n# c\ndefaults\n\td\n')).toEqual([
      'global\n  a\n\n  b\n# c\n',
      'defaults\n\td\n',
    ]));

  it('are found by their whole name', () => {
    expect(backendSection(gateway, 'api')).toMatch(/^backend api\n/);
    expect(backendSection(gateway, 'ap')).toBeUndefined();
    expect(backendSection(gateway, 'public')).toBeUndefined();
  });

  it('tell the addresses of each frontend', () =>
    expect(
      binds(
        'frontend a\n  bind 10.0.0.1:80\n  bind 10.0.0.2:80 ssl crt x\nfrontend b\n  mode http\nbackend c\n  bind d\n',
      ),
    ).toEqual(
      new Map([
        ['a', ['10.0.0.1:80', '10.0.0.2:80']],
        ['b', []],
      ]),
    ));
});

describe('a definition is another', () => {
  it.each([
    ['port', { port: 8081, check: httpCheck }],
    ['path of the check', { check: check({ kind: 'http', path: '/x', port: 8080 }) }],
    ['port of the check', { check: check({ kind: 'http', path: '/readyz', port: 9000 }) }],
    ['kind of the check', { check: check({ kind: 'tcp', port: 8080 }) }],
    ['times of the check', { check: { ...httpCheck, interval: 2_000 } }],
    ['absent check', {}],
    ['protocol', { mode: 'grpc' as const, check: httpCheck }],
    ['timeout', { timeout: 5_000, check: httpCheck }],
    ['idleTimeout', { idleTimeout: 5_000, check: httpCheck }],
  ])('by its %s', (_, change) => expect(sameDefinition(first, defined(change))).toBe(false));

  it('not by its name, by limits of the proxy or by comments', () => {
    expect(sameDefinition(first, defined({ maxConnections: 7, check: httpCheck }))).toBe(true);
    expect(sameDefinition(first, `${first.replace('backend api', 'backend api.previous')}\n  # a comment\n\n`)).toBe(
      true,
    );
  });

  it('of the same mode where one frontend can pass on to both', () => {
    expect(sameMode(first, defined({ mode: 'grpc' }))).toBe(true);
    expect(sameMode(first, defined({ mode: 'tcp' }))).toBe(false);
  });
});

describe('definitions', () => {
  it.each([
    ['the one in force', undefined, [first]],
    ['another one', [moved], [first, moved]],
    ['the same one', [first], [first]],
    ['two others', [moved, asked], [first, moved, asked]],
    ['another one and back', [moved, first], [moved, first]],
    ['another one, twice', [moved, asked, moved], [first, asked, moved]],
  ])('%s: oldest first, each once', (_, later, expected) =>
    expect(definitions(balancer, 'api', later ? { api: later } : {}).map((one) => one.trim())).toEqual(
      expected.map((one) => one.trim()),
    ),
  );

  it('of a microservice that the proxy does not know', () => {
    expect(definitions(balancer, 'web', {})).toEqual([]);
    expect(definitions(balancer, 'web', { web: [moved] })).toEqual([moved]);
  });
});

describe('transitional rules', () => {
  it.each([{}, { api: [] }, { api: [first] }, { web: [moved] }])(
    'without another definition are the rules: %#',
    (later) => expect(transitionalRules(balancer, later)).toBe(balancer),
  );

  it('have the new definition under the name, and the old one as the previous', () => {
    const rules = transitionalRules(balancer, { api: [moved] });
    expect(heads(rules)).toEqual([...heads(balancer).slice(0, -1), 'backend api', 'backend api.previous']);
    expect(sameDefinition(backendSection(rules, 'api')!, moved)).toBe(true);
    expect(sameDefinition(backendSection(rules, 'api.previous')!, first)).toBe(true);
  });

  it('have all definitions that may still have replicas', () => {
    const rules = transitionalRules(balancer, { api: [moved, asked] });
    const all = ['api', 'api.previous', 'api.previous.previous'].map((name) => backendSection(rules, name)!);
    expect(all.map((one) => [asked, moved, first].findIndex((other) => sameDefinition(one, other)))).toEqual([0, 1, 2]);
  });

  it('choose in the frontend, under the same conditions and in the same order', () => {
    const rules = transitionalRules(gateway, { api: [moved] });
    const before = linesOf(gateway, /use_backend|default_backend/);
    expect(before.length).toBeGreaterThan(3);
    expect(linesOf(rules, /use_backend|default_backend/)).toEqual(
      before.map((line) => line.replace('use_backend api if', 'use_backend %[lua.definition(api,2500)] if')),
    );
    expect(linesOf(rules, /lua\.definition/)).toHaveLength(2);
  });

  it('choose where the frontend has nothing to route', () =>
    expect(linesOf(transitionalRules(balancer, { api: [moved] }), /use_backend|default_backend/)).toEqual([
      '  use_backend %[lua.definition(api,2500)]',
      '  default_backend api',
    ]));

  it('load what chooses, once, and change nothing else', () => {
    const rules = transitionalRules(gateway, { api: [moved], web: [moved] });
    expect(linesOf(rules, /lua-load .*transition-[0-9a-f]{10}\.lua$/)).toHaveLength(1);
    const others = (text: string) =>
      sections(text).filter((section) => !/^(global|frontend|backend (api|web)(\.|\n))/.test(section));
    expect(others(rules)).toEqual(others(gateway));
  });
});

describe('servers keep their state', () => {
  it.each([
    ['begin', [first], [first, moved], ['api > api.previous']],
    ['withdraw', [first, moved], [first], ['api.previous > api']],
    ['end', [first, moved], [moved], ['api > api']],
    [
      'begin again',
      [first, moved],
      [first, moved, asked],
      ['api.previous > api.previous.previous', 'api > api.previous'],
    ],
    ['turn back', [first, moved], [moved, first], ['api > api.previous', 'api.previous > api']],
    ['nothing in common', [first], [moved], []],
  ])('%s', (_, before, after, expected) =>
    expect(renames('api', before, after).map(({ from, to }) => `${from} > ${to}`)).toEqual(expected),
  );
});
