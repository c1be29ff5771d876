import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { gatewaySchema } from '../../components/gateway-spec';
import { microserviceSchema } from '../../components/microservice-spec';
import { parseDuration, parseSize } from '../../components/quantity';

const REFERENCE = readFileSync(join(__dirname, '..', '..', 'docs', 'reference.md'), 'utf8');
const MEASURED = ['`number`', '[`Duration`](#duration)', '[`Size`](#size)'];

/** Arguments of an interface that are a number, a time or a size: name and meaning. Ports are what they are everywhere. */
function measured(title: string): [string, string][] {
  const [section] = REFERENCE.split(`\n### ${title}\n`)[1]!.split('\n### ');
  return section!
    .split('\n')
    .map((row) => row.split(' | '))
    .filter(([, type]) => MEASURED.includes(type ?? ''))
    .map(([name, , , meaning]): [string, string] => [name!.replace(/[|` ]/g, ''), meaning!])
    .filter(([name]) => !/(^|\.)port$/.test(name));
}

interface Bound {
  value: unknown;
  /** Just outside. */
  beyond: unknown;
}

function bound(text: string, direction: 1 | -1): Bound {
  const ms = parseDuration(text);
  if (ms !== undefined) return { value: text, beyond: `${ms + direction}ms` };
  const bytes = parseSize(text);
  if (bytes !== undefined) return { value: text, beyond: `${(bytes + direction) / 2 ** 10}Ki` };
  return { value: Number(text), beyond: Number(text) + direction };
}

function range(meaning: string): { least: Bound; most: Bound } {
  const found = /From (\w+) to (\w+)\./.exec(meaning);
  if (!found) throw new Error(`no range: ${meaning}`);
  return { least: bound(found[1]!, -1), most: bound(found[2]!, 1) };
}

describe.each([
  ['MicroserviceArgs', microserviceSchema.shape],
  ['GatewayArgs', gatewaySchema.shape],
] as [string, Record<string, z.ZodType>][])('the reference of %s', (title, shape) => {
  it.each(measured(title))('says from where to where %s may be', (name, meaning) => {
    const { least, most } = range(meaning);
    for (const { value, beyond } of [least, most]) {
      expect([value, shape[name]!.safeParse(value).success]).toEqual([value, true]);
      expect([beyond, shape[name]!.safeParse(beyond).success]).toEqual([beyond, false]);
    }
  });
});

it.each(['JobArgs', 'ReplicaRange', 'HttpCheck', 'GrpcCheck', 'TcpCheck', 'ExecCheck'])(
  'the reference of %s says from where to where each number may be',
  (title) => {
    const all = measured(title);
    expect(all.length).toBeGreaterThan(1);
    for (const [, meaning] of all) expect(() => range(meaning)).not.toThrow();
  },
);
