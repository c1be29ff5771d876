import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../test/behaviour/support/environment';
import { Stack } from '../test/behaviour/support/stack';

/** Registers what a state has, under the same names and parents, and does nothing else. */
const PROGRAM = `
const pulumi = require('@pulumi/pulumi');
const SECRET = '4dabf18193072939515e22adb298388d';
const plain = (value) => {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  if (SECRET in value) return pulumi.secret(plain(JSON.parse(value.plaintext)));
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !key.startsWith('__')).map(([key, inner]) => [key, plain(inner)]),
  );
};
const made = new Map();
for (const { urn, type, custom, parent, provider, inputs } of require('./resources.json')) {
  if (type.startsWith('pulumi:')) continue;
  const name = urn.split('::').at(-1);
  const options = { parent: made.get(parent) };
  if (!custom) made.set(urn, new pulumi.ComponentResource(type, name, plain(inputs ?? {}), options));
  else {
    const version = /::default_(\\d+)_(\\d+)_(\\d+)::/.exec(provider)?.slice(1).join('.');
    made.set(urn, new pulumi.CustomResource(type, name, plain(inputs), { ...options, version }));
  }
}
`;

/** The stack, driven by a program that registers the resources of its state: what Pulumi itself takes for as many. */
export async function sameResources(stack: Stack): Promise<{ stack: Stack; remove: () => void }> {
  const { stdout } = await stack.pulumi(['stack', 'export', '--show-secrets', '--stack', stack.name]);
  const { resources } = (JSON.parse(stdout) as { deployment: { resources: unknown[] } }).deployment;
  const folder = mkdtempSync(join(root, '.local', 'bench-same-'));
  const { name } = parse(readFileSync(join(stack.folder, 'Pulumi.yaml'), 'utf8')) as { name: string };
  writeFileSync(
    join(folder, 'Pulumi.yaml'),
    `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --import tsx\nmain: index.js\n`,
  );
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'index.js'), PROGRAM);
  writeFileSync(join(folder, 'resources.json'), JSON.stringify(resources), { mode: 0o600 });
  return {
    stack: new Stack(stack.project, stack.name, folder),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
