// What the resources of a Pulumi state are on engines and in clusters. Pure.
import { resolve } from 'node:path';
import { PART_OF } from './stack.mjs';

/** Labels of applications that resources of a provider are part of. */
export function applicationsOf(resources, type) {
  const found = resources.filter((one) => type.test(one.type)).map(({ inputs = {} }) => partOf(inputs));
  return [...new Set(found.filter(Boolean))];
}

function partOf({ labels, metadata }) {
  if (Array.isArray(labels)) return labels.find(({ label }) => label === PART_OF)?.value;
  return metadata?.labels?.[PART_OF];
}

/**
 * Where the applications of a state are in clusters; without a `kubeconfig` where that is a secret.
 *
 * @param folder that the program runs in, and the provider with it.
 */
export function clustersOf(resources, folder) {
  const providers = new Map(resources.map(({ urn, inputs }) => [urn, inputs]));
  const found = new Map();
  for (const { type, provider, inputs = {} } of resources) {
    const [application, namespace] = [partOf(inputs), inputs.metadata?.namespace];
    if (!type.startsWith('kubernetes:') || application === undefined || namespace === undefined) continue;
    const settings = providers.get(provider?.split('::').slice(0, -1).join('::')) ?? {};
    found.set(`${application} ${namespace}`, { ...access(settings, folder), namespace, application });
  }
  return [...found.values()];
}

function access({ kubeconfig, context }, folder) {
  if (typeof kubeconfig !== 'string') return {};
  const isContent = kubeconfig.includes('\n') || kubeconfig.startsWith('{');
  return isContent
    ? { kubeconfig, context, content: kubeconfig }
    : { kubeconfig: resolve(folder, kubeconfig), context };
}

/** The objects of a state, as `deleteLeftovers` wants them. */
export function objectsOf(resources) {
  return new Set(
    resources
      .filter(({ type, id }) => id && type.startsWith('kubernetes:'))
      .map(({ type, id }) => `${type.split(':').at(-1)} ${id}`),
  );
}
