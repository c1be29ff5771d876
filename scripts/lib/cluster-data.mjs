// The data of a stack on Kubernetes: its claims, and the namespace that holds them. Both outlive `destroy`.
import { clusterClient } from './cluster-place.mjs';
import { UserError } from './report.mjs';
import { PART_OF } from './stack.mjs';

const GONE_MS = 180_000;
const POLL_MS = 500;

/** What clusters before 1.24 make for each account. */
const OF_ACCOUNTS = 'kubernetes.io/service-account-token';

/**
 * What is left that would be missed: claims, and Secrets that somebody has made, such as a certificate. Undefined where not
 * even the namespace is left, or where it is somebody else's.
 */
export async function leftInNamespace({ namespace, application }, core) {
  const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${namespace}` });
  if (items[0]?.metadata.labels?.[PART_OF] !== application) return undefined;
  const [claims, secrets] = await Promise.all([
    core.listNamespacedPersistentVolumeClaim({ namespace }),
    core.listNamespacedSecret({ namespace, fieldSelector: `type!=${OF_ACCOUNTS}` }),
  ]);
  const named = (kind, list) => list.items.map(({ metadata }) => `${kind} ${metadata.name}`).sort();
  return [...named('claim', claims), ...named('Secret', secrets)];
}

/** Deletes the namespace with everything in it, and waits until it is gone. */
export async function deleteNamespace(place, core) {
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

export async function coreApi(place) {
  const { client, api: made } = await clusterClient(place);
  return made(client.CoreV1Api);
}
