// The data of a stack on Kubernetes: its claims, and the namespace that holds them. Both outlive `destroy`.
import { clusterClient } from './cluster-place.mjs';
import { UserError } from './report.mjs';
import { PART_OF } from './stack.mjs';

const GONE_MS = 180_000;
const POLL_MS = 500;

/** Names of the claims that are left; undefined where not even the namespace is, or where it is somebody else's. */
export async function claims(place) {
  const core = await api(place);
  const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${place.namespace}` });
  if (items[0]?.metadata.labels?.[PART_OF] !== place.application) return undefined;
  const found = await core.listNamespacedPersistentVolumeClaim({ namespace: place.namespace });
  return found.items.map(({ metadata }) => metadata.name).sort();
}

/** Deletes the namespace with everything in it, and waits until it is gone. */
export async function deleteNamespace(place) {
  const core = await api(place);
  await core.deleteNamespace({ name: place.namespace });
  for (const end = Date.now() + GONE_MS; ; await new Promise((done) => setTimeout(done, POLL_MS))) {
    const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${place.namespace}` });
    if (items.length === 0) return;
    if (Date.now() > end) {
      throw new UserError(
        `namespace ${place.namespace} is still there after ${GONE_MS / 1000} s`,
        `see what holds it: kubectl get namespace ${place.namespace} -o yaml`,
      );
    }
  }
}

async function api(place) {
  const { client, api: made } = await clusterClient(place);
  return made(client.CoreV1Api);
}
