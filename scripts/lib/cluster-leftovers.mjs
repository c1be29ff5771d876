// What an interrupted update has left in a cluster: objects of an application that no state knows. Most are taken over by
// the next update, which applies them again; those with a name by Pulumi get another one each time.
import { clusterClient } from './cluster-place.mjs';
import { say } from './report.mjs';
import { PART_OF } from './stack.mjs';

/** The kinds that an application consists of; claims and their namespace are its data. */
const KINDS = [
  ['apps/v1', 'Deployment'],
  ['batch/v1', 'Job'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['v1', 'Service'],
  ['v1', 'Secret'],
  ['v1', 'ConfigMap'],
  ['v1', 'ServiceAccount'],
];

/**
 * Deletes an application's objects from its namespace, except data.
 *
 * @param place see `placeOfStack`.
 * @param known those that stay, as `Kind namespace/name`: what the state knows.
 * @returns what was deleted, as `Kind name`.
 */
export async function deleteLeftovers(place, known = new Set()) {
  const { client, api } = await clusterClient(place);
  const objects = api(client.KubernetesObjectApi);
  const deleted = [];
  for (const [apiVersion, kind] of KINDS) {
    const selector = `${PART_OF}=${place.application}`;
    const { items } = await list(objects, [apiVersion, kind, place.namespace], selector);
    const left = items
      .map(({ metadata }) => metadata)
      // What another object has made goes with that one; what somebody has deleted goes already.
      .filter(({ ownerReferences, deletionTimestamp }) => !ownerReferences?.length && !deletionTimestamp)
      .filter(({ name, namespace }) => !known.has(`${kind} ${namespace}/${name}`));
    for (const { name, namespace } of left) {
      await remove(objects, { apiVersion, kind, metadata: { name, namespace } });
      deleted.push(`${kind} ${name}`);
    }
  }
  if (deleted.length > 0) say(`Deleted objects that are not in Pulumi's state: ${deleted.join(', ')}`);
  return deleted;
}

function list(objects, [apiVersion, kind, namespace], selector) {
  return objects.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, selector);
}

/** What a Job has made would stay: for it, the API's default is to leave its pods alone (batch/v1). */
async function remove(objects, object) {
  const propagation = [undefined, undefined, undefined, undefined, 'Background'];
  try {
    await objects.delete(object, ...propagation);
  } catch (error) {
    if (error.code !== 404) throw error;
  }
}
