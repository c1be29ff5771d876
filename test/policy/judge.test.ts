import fc from 'fast-check';
import { exemptionLines } from '../../policy/exemptions';
import { matches } from '../../policy/globs';
import { configOf, exemptionMarker, judge } from '../../policy/judge';
import { fromPulumi } from '../../policy/pulumi-resource';
import { RULES } from '../../policy/rules';
import { UNKNOWN, Value } from '../../policy/value';
import { policiesOf } from '../../scripts/plan/policies';
import type { PlannedResource } from '../../scripts/plan/planned';
import { resource } from './resource';

const rule = (name: string) => RULES.find((one) => one.name === name)!;
const open = (labels: object[] = []) =>
  resource({
    type: 'docker:index/container:Container',
    name: 'web',
    props: { image: 'a/b:1', memory: 64, user: '1', labels, ports: [{ internal: 80, external: 80 }] },
  });
const mandatory = (...args: Parameters<typeof judge>) => judge(...args).filter(({ level }) => level === 'mandatory');

describe('a finding', () => {
  it('says where, what, what is allowed and how to fix it', () => {
    expect(mandatory([open()])).toEqual([
      {
        rule: 'only-gateway-is-public',
        level: 'mandatory',
        urn: 'urn:pulumi:prod::others::docker:index/container:Container::web',
        type: 'docker:index/container:Container',
        name: 'web',
        path: 'ports[0].ip',
        message:
          'ports[0].ip: is not set, which means all addresses; must be "127.0.0.1". Route to it through the gateway; ' +
          'if it is the gateway, label it `app.kubernetes.io/component=gateway`.',
      },
    ]);
  });

  it('shows no value of a secret', () => {
    const password = 'hunter2-hunter2';
    const found = judge([
      resource({
        type: 'docker:index/service:Service',
        props: {
          taskSpec: {
            containerSpec: { image: 'a:1', env: { DB_PASSWORD: password }, args: [`--password=${password}`] },
          },
        },
      }),
    ]);
    expect(found.filter(({ rule }) => rule.includes('secrets'))).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain(password);
  });
});

describe('configuration', () => {
  it('sets a level, for one rule or for all', () => {
    expect(mandatory([open()], { 'only-gateway-is-public': 'advisory' })).toEqual([]);
    expect(judge([open()], { all: 'disabled' })).toEqual([]);
    expect(
      mandatory([open()], { all: 'advisory', 'only-gateway-is-public': { enforcementLevel: 'mandatory' } }),
    ).toHaveLength(1);
  });

  it('keeps the defaults of what it does not set', () => {
    const config = configOf(rule('no-added-capabilities'), { 'no-added-capabilities': { exemptions: [] } });
    expect(config).toEqual({ allowed: ['NET_BIND_SERVICE'], enforcementLevel: 'mandatory', exemptions: [] });
  });

  it('names another label of the gateway', () => {
    const labelled = open([{ label: 'role', value: 'edge' }]);
    expect(mandatory([labelled], { 'only-gateway-is-public': { gatewayLabel: 'role=edge' } })).toEqual([]);
  });
});

describe('an exemption', () => {
  const reasonOf = (...args: Parameters<typeof judge>) => mandatory(...args).map(({ exemption }) => exemption);
  const by = (urn: string, reason: string) => ({ 'only-gateway-is-public': { exemptions: [{ urn, reason }] } });

  it('names a resource by its URN, with a reason', () => {
    expect(reasonOf([open()], by('*docker:index/container:Container::web', 'A demo'))).toEqual(['A demo']);
    expect(reasonOf([open()], by('*::others::*::webs', 'A demo'))).toEqual([undefined]);
    expect(reasonOf([open()], by('*', ' '))).toEqual([undefined]);
  });

  it('may stand in a label of the resource', () => {
    const label = exemptionMarker('only-gateway-is-public');
    expect(reasonOf([open([{ label, value: 'A demo' }])])).toEqual(['A demo']);
    expect(reasonOf([open([{ label, value: '' }])])).toEqual([undefined]);
    expect(reasonOf([open([{ label: exemptionMarker('memory-limit'), value: 'A demo' }])])).toEqual([undefined]);
  });

  it('may stand in an annotation, or a tag', () => {
    const marker = { [exemptionMarker('only-gateway-is-public')]: 'A demo' };
    const service = {
      type: 'kubernetes:core/v1:Service',
      props: { metadata: { annotations: marker }, spec: { type: 'NodePort' } },
    };
    expect(reasonOf([resource(service)])).toEqual(['A demo']);
    const tags = {
      ...marker,
      [exemptionMarker('no-public-aws-endpoints')]: 'A demo',
      Project: 'a',
      Stack: 'b',
      ManagedBy: 'c',
    };
    expect(reasonOf([resource({ type: 'aws:lb/loadBalancer:LoadBalancer', props: { tags } })])).toEqual(['A demo']);
  });

  it('is reported with others of its reason', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const found = names.map((name) => ({ ...mandatory([open()])[0]!, name, exemption: 'A demo' }));
    expect(exemptionLines(found)).toEqual(['only-gateway-is-public: A demo (a, b, c, d, and 2 more)']);
    expect(exemptionLines(mandatory([open()]))).toEqual([]);
  });
});

describe('what Pulumi hands over', () => {
  class UnknownValueError extends Error {}
  const unknowable = new Proxy(
    { name: 'web', image: 'x', list: [1, 2] },
    {
      get: (object, name) => {
        if (name === 'image') throw new UnknownValueError();
        return Reflect.get(object, name) as unknown;
      },
    },
  );
  const given = { type: 't', name: 'n', urn: 'u', opts: { protect: true } };

  it('is data in which unknown values are marked', () => {
    const { props, protect, retainOnDelete } = fromPulumi({ ...given, props: { inner: unknowable } });
    expect(props.at('inner.name').string).toBe('web');
    expect(props.at('inner.image').isUnknown).toBe(true);
    expect(
      props
        .at('inner.list')
        .items()
        .map(({ number }) => number),
    ).toEqual([1, 2]);
    expect([protect, retainOnDelete]).toEqual([true, undefined]);
  });

  it('does not hide other errors', () => {
    const broken = {
      get name(): string {
        throw new Error('broken');
      },
    };
    expect(() => fromPulumi({ ...given, props: broken })).toThrow('broken');
  });
});

describe('a value', () => {
  it('knows where it stands', () => {
    const value = new Value({ a: { 'b.c': [{ d: 1 }] } });
    expect(value.get('a').get('b.c').items()[0]!.get('d').path).toBe('a.b.c[0].d');
    expect(value.at('a.x.y').isAbsent).toBe(true);
    expect(value.at('toString').isAbsent).toBe(true);
  });

  it('is unknown where Pulumi writes that as JSON', () => {
    const value = new Value({ a: '04da6b54-80e4-46f7-96ec-b56ff0331ba9', b: UNKNOWN }).get('a');
    expect([value.isUnknown, value.isSet, value.isAbsent, value.at('x.y').isUnknown]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('is a number, true or off also as a string', () => {
    const of = (raw: unknown) => new Value(raw);
    expect([of('2').number, of('').number, of('x').number, of(2).number]).toEqual([2, undefined, undefined, 2]);
    expect([of('true').isTrue, of(false).isOff, of('false').isOff, of(undefined).isOff, of(UNKNOWN).isOff]).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});

it('a pattern matches what it was made from, and "*" anything', () =>
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
      expect(
        matches(
          `${a.replaceAll('*', '')}*${c.replaceAll('*', '')}`,
          `${a.replaceAll('*', '')}${b}${c.replaceAll('*', '')}`,
        ),
      ).toBe(true);
      expect(matches(a.replaceAll('*', ''), `${a.replaceAll('*', '')}x`)).toBe(false);
    }),
  ));

describe('a plan', () => {
  const planned = (user: string, more: Partial<PlannedResource> = {}) =>
    ({
      type: 'docker:index/container:Container',
      name: 'web',
      parentUrn: '',
      inputs: {
        image: 'a:1',
        memory: 64,
        user,
        cpus: '1',
        labels: ['name', 'part-of'].map((one) => ({ label: `app.kubernetes.io/${one}` })),
      },
      secrets: {},
      protect: false,
      retainOnDelete: false,
      ...more,
    }) as PlannedResource;
  const compare = (before: PlannedResource[], after: PlannedResource[]) => {
    const { introduced, existing } = policiesOf(before, after, { project: 'a', stack: 'b' }, {});
    return [introduced, existing].map((found) => found.map(({ message }) => message.split(';')[0]!.split('. ')[0]));
  };
  const broken = 'user: "root" is not allowed';

  it('tells what a change breaks from what is broken already', () => {
    expect(compare([planned('1')], [planned('root')])).toEqual([[broken], []]);
    expect(compare([planned('root')], [planned('root')])).toEqual([[], [broken]]);
    expect(compare([planned('root')], [planned('1')])).toEqual([[], []]);
    expect(compare([planned('0')], [planned('root')])).toEqual([[broken], []]);
  });

  it('takes a resource whose name follows from its content for the same', () => {
    const [old, now] = [planned('root', { name: 'web-0123456789' }), planned('root', { name: 'web-abcdef0123' })];
    expect(compare([old], [now])).toEqual([[], [broken]]);
  });
});
