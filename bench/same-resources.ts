import { Stack } from '../test/behaviour/support/stack';
import { programFolder } from './program-folder';

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
  const { deployment } = JSON.parse(await stack.state({ showSecrets: true })) as {
    deployment: { resources: { type: string }[] };
  };
  const resources = deployment.resources.filter(({ type }) => !type.startsWith('pulumi:'));
  const { folder, remove } = programFolder(stack.project, {
    'index.js': PROGRAM,
    'resources.json': JSON.stringify(resources),
  });
  return { stack: new Stack(stack.project, stack.name, folder), remove };
}
