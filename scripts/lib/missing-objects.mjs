// Objects that Pulumi believes to be there and that somebody has removed or stopped by hand. It would go on believing so at
// every `up`, unless it reads everything again.
import { clusterClient, placeOfStack } from './cluster-place.mjs';
import { linesOfGone } from './docker.mjs';
import { capture } from './run.mjs';
import { clustersOf } from './state-objects.mjs';

/** Kinds of objects of a Docker engine as its command line calls them, by the types of resources. */
const DOCKER = {
  'docker:index/service:Service': 'service',
  'docker:index/container:Container': 'container',
  'docker:index/network:Network': 'network',
  'docker:index/serviceConfig:ServiceConfig': 'config',
  'docker:index/secret:Secret': 'secret',
  'docker:index/volume:Volume': 'volume',
};
/** The engine starts no container again that somebody has stopped or killed. */
const STATES = '{{.Id}} {{.State.Status}}';
const STOPPED = ['exited', 'dead', 'created'];

const ANSWER_MS = 5_000;

/**
 * Of a state's resources those that the engine or the cluster does not have, or not in use, as `service NAME`. Where neither
 * answers: none.
 */
export async function missingObjects({ stack, resources, folder }) {
  // What is kept on the engine when Pulumi lets go of it, or is about to be deleted, is missed by nobody.
  const living = resources.filter((one) => one.id && !one.delete);
  return (await Promise.all([missingOnEngine(living), missingInCluster(stack, living, folder)])).flat();
}

async function missingOnEngine(resources) {
  const found = Object.entries(DOCKER).map(async ([type, kind]) => {
    const all = resources.filter((one) => one.type === type);
    if (all.length === 0) return [];
    const ids = all.map(({ id }) => id);
    const format = kind === 'container' ? STATES : '-';
    const { stdout, stderr } = await capture('docker', [kind, 'inspect', '--format', format, ...ids], {
      timeout: ANSWER_MS,
    });
    const missing = [...unknownIds(stderr, ids), ...stoppedIds(stdout)];
    return all.filter(({ id }) => missing.includes(id)).map(({ outputs, id }) => `${kind} ${outputs?.name ?? id}`);
  });
  return (await Promise.all(found)).flat();
}

/** Ids of containers that do not run, of lines with the state of each. Pure. */
export function stoppedIds(stdout) {
  const lines = stdout.split('\n').map((line) => line.split(' '));
  return lines.filter(([, state]) => STOPPED.includes(state)).map(([id]) => id);
}

/** Of some ids those that `docker KIND inspect` says there is nothing of; any other error says nothing of them. Pure. */
export function unknownIds(stderr, ids) {
  const lines = linesOfGone(stderr);
  return ids.filter((id) => lines.some((line) => line.split(/[\s",:]+/).includes(id)));
}

async function missingInCluster(stack, resources, folder) {
  const [first] = clustersOf(resources, folder);
  if (!first) return [];
  try {
    const place = first.kubeconfig === undefined ? await placeOfStack(stack) : first;
    const { client, api } = await clusterClient(place, ANSWER_MS);
    const objects = api(client.KubernetesObjectApi);
    const wanted = namedObjects(resources, place.namespace);
    const kinds = [...new Set(wanted.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))];
    const missing = kinds.map(async (one) => {
      const [apiVersion, kind] = one.split(' ');
      const { items } = await objects.list(apiVersion, kind, kind === 'Namespace' ? undefined : place.namespace);
      const names = new Set(items.map(({ metadata }) => metadata.name));
      return wanted.filter((object) => object.kind === kind && !names.has(object.name));
    });
    return (await Promise.all(missing)).flat().map(({ kind, name }) => `${kind} ${name}`);
  } catch {
    return []; // Pulumi tells what keeps it from the cluster
  }
}

/** Of a state's resources the objects of a namespace, and that itself. Pure. */
export function namedObjects(resources, namespace) {
  return resources.flatMap(({ type, id }) => {
    const [, group, version, kind] = /^kubernetes:(?:([\w.]+)\/)?([\w.]+):(\w+)$/.exec(type) ?? [];
    const name = id === namespace && kind === 'Namespace' ? id : new RegExp(`^${namespace}/(.+)$`).exec(id)?.[1];
    if (kind === undefined || name === undefined) return [];
    return [{ apiVersion: group === 'core' ? version : `${group}/${version}`, kind, name }];
  });
}
