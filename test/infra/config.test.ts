import * as pulumi from '@pulumi/pulumi';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_KEYS, ConfigurationError, TARGETS, type ConfigOf } from '../../infra/config';
import { NEEDED, problems, readFor } from '../support/config';

const read = (values: Record<string, string>) => readFor('docker', values) as ConfigOf<'docker'>;
const withTarget = (values: Record<string, string>) => problems({ 'shop:target': 'docker', ...values });

describe('the configuration of a stack', () => {
  it('needs a target only; the rest has defaults', () => {
    expect(read({})).toEqual({
      target: 'docker',
      replicas: {},
      gatewayPort: undefined,
      addressRange: undefined,
      imagePrefix: undefined,
      passwordGeneration: 1,
      revision: '1',
    });
  });

  it('is read from the texts that Pulumi gives', () => {
    expect(
      read({
        'shop:replicas': '{"product":5}',
        'shop:gatewayPort': '8123',
        'shop:addressRange': '10.200.0.0/19',
        'shop:imagePrefix': 'registry.example/',
        'shop:passwordGeneration': '2',
        'shop:revision': '2026-01-01',
      }),
    ).toEqual({
      target: 'docker',
      replicas: { product: 5 },
      gatewayPort: 8123,
      addressRange: '10.200.0.0/19',
      imagePrefix: 'registry.example/',
      passwordGeneration: 2,
      revision: '2026-01-01',
    });
  });

  it('names a backup that is to be made, or restored', () => {
    expect(read({ 'shop:backup': 'before-sale' }).backup).toBe('before-sale');
    expect(read({ 'shop:restore': 'latest@2' }).restore).toBe('latest@2');
    expect(read({ 'shop:backup': 'none', 'shop:restore': 'none' })).toEqual(read({}));
  });

  it('keeps an empty prefix, which is another thing than none', () =>
    expect(read({ 'shop:imagePrefix': '' }).imagePrefix).toBe(''));

  it('takes a revision of digits for a text', () => expect(read({ 'shop:revision': '0017' }).revision).toBe('0017'));

  it('leaves the keys of others alone', () =>
    expect(problems({ 'shop:target': 'docker', 'docker:host': 'x', 'aws:region': 'y', 'shopping:x': 'z' })).toEqual(
      [],
    ));
});

describe('a configuration with one bad key has one problem', () => {
  it.each<[Record<string, string>, string]>([
    [
      { 'shop:target': 'dokcer' },
      'shop:target: "dokcer" is not allowed; must be "docker", "kubernetes", "eks", "aws-bootstrap" or "aws-cluster"',
    ],
    [{ 'shop:replica': '{}' }, 'shop:replica: there is no such key; did you mean shop:replicas?'],
    [{ 'shop:gatewayport': '1' }, 'shop:gatewayport: there is no such key; did you mean shop:gatewayPort?'],
    [{ 'shop:zzzzzzzzzz': '1' }, 'shop:zzzzzzzzzz: there is no such key; there are: ' + CONFIG_KEYS.join(', ')],
    [{ 'shop:nodePort': '30080' }, 'shop:nodePort: has no effect with the target "docker"; it is for "kubernetes"'],
    [{ 'shop:replicas': '5' }, 'shop:replicas: 5 is not allowed; must be an object of services and whole numbers'],
    [{ 'shop:replicas': '[5]' }, 'shop:replicas: [5] is not allowed; must be an object of services and whole numbers'],
    [{ 'shop:replicas': '{' }, 'shop:replicas: "{" is not allowed; must be an object of services and whole numbers'],
    [{ 'shop:replicas': '{"product":"5"}' }, 'shop:replicas.product: "5" is not allowed; must be a whole number'],
    [
      { 'shop:gatewayPort': '70000' },
      'shop:gatewayPort: "70000" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:gatewayPort': '-1' },
      'shop:gatewayPort: "-1" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:gatewayPort': '80.5' },
      'shop:gatewayPort: "80.5" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:gatewayPort': '' },
      'shop:gatewayPort: "" is not allowed; must be a whole number from 1 to 65535, or 0 for one that follows from the stack',
    ],
    [
      { 'shop:passwordGeneration': '0' },
      'shop:passwordGeneration: "0" is not allowed; must be a whole number from 1 to 1000000',
    ],
    [
      { 'shop:backup': 'Friday' },
      'shop:backup: "Friday" is not allowed; must be a name of lower-case letters, digits and hyphens, at most 63 characters',
    ],
    [
      { 'shop:backup': 'latest' },
      'shop:backup: "latest" is not allowed; must be a name of lower-case letters, digits and hyphens, at most 63 characters',
    ],
    [
      { 'shop:restore': 'friday' },
      'shop:restore: "friday" is not allowed; must be "NAME@REQUEST": the name of a backup, or "latest", and a text of lower-case letters, digits and hyphens, at most 63 characters',
    ],
    [
      { 'shop:imagePrefix': 'registry.example' },
      'shop:imagePrefix: "registry.example" is not allowed; must end with a slash, or be "auto" or empty',
    ],
  ])('%j', (values, message) => expect(withTarget(values)).toEqual([message]));

  it('a missing target says how to set it', () => {
    expect(problems({})).toEqual([
      'shop:target is missing; it must be "docker", "kubernetes", "eks", "aws-bootstrap" or "aws-cluster". Set it with: npx pulumi config set target VALUE',
    ]);
  });

  it('and of several each is listed', () => {
    const lines = withTarget({ 'shop:prot': '1', 'shop:gatewayPort': 'x', 'shop:passwordGeneration': 'y' });
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'shop:prot:',
      'shop:gatewayPort:',
      'shop:passwordGeneration:',
    ]);
  });
});

it('an error in it is one that Pulumi prints without a stack trace', () =>
  expect(pulumi.RunError.isInstance(new ConfigurationError('x'))).toBe(true));

describe('Pulumi.yaml', () => {
  const text = readFileSync(join(__dirname, '..', '..', 'Pulumi.yaml'), 'utf8');
  const block = text.slice(text.indexOf('\nconfig:'));
  const declared = [...block.matchAll(/^ {2}(?:shop:)?(\w+):$/gm)].map(([, key]) => key!);

  it('declares the same keys as the schema', () => expect(declared.sort()).toEqual([...CONFIG_KEYS].sort()));

  it('has defaults that the schema takes for its own', () => {
    const defaults = [...block.matchAll(/^ {2}(?:shop:)?(\w+):\n(?: {4}.*\n)*? {4}default: (.*)$/gm)].map(
      ([, key, value]) => [`shop:${key}`, value!.replace(/^'(.*)'$/, '$1')],
    );
    expect(defaults.length).toBeGreaterThanOrEqual(6);
    const values = Object.fromEntries(defaults) as Record<string, string>;
    for (const target of TARGETS) expect(readFor(target, { ...values, ...NEEDED[target] })).toEqual(readFor(target));
  });
});
