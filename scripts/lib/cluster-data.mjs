// The data of a stack on Kubernetes: its claims, and the namespace that holds them. Both outlive `destroy`.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { root } from './project.mjs';
import { UserError } from './report.mjs';
import { applicationOf, PART_OF } from './stack.mjs';

const AUTO = 'auto';
const GONE_MS = 180_000;
const POLL_MS = 500;

/**
 * Where a stack runs in a cluster, from its configuration as `pulumi config --json` prints it; undefined for a stack on
 * anything else, and where the configuration names no kubeconfig.
 */
export function placeOf(project, stack, config, application = applicationOf(stack)) {
  const value = (key) => config[`${project}:${key}`]?.value;
  const kubeconfig = value('kubeconfig');
  if (value('target') !== 'kubernetes' || kubeconfig === undefined) return undefined;
  const namespace = value('namespace') ?? AUTO;
  return {
    kubeconfig: resolve(root, kubeconfig.replace(/^~(?=\/)/, homedir())),
    context: value('context'),
    namespace: namespace === AUTO ? application : namespace,
    application,
  };
}

/** Names of the claims that are left; undefined where not even the namespace is, or where it is somebody else's. */
export async function claims(place) {
  const core = api(place);
  const { items } = await core.listNamespace({ fieldSelector: `metadata.name=${place.namespace}` });
  if (items[0]?.metadata.labels?.[PART_OF] !== place.application) return undefined;
  const found = await core.listNamespacedPersistentVolumeClaim({ namespace: place.namespace });
  return found.items.map(({ metadata }) => metadata.name).sort();
}

/** Deletes the namespace with everything in it, and waits until it is gone. */
export async function deleteNamespace(place) {
  const core = api(place);
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

function api({ kubeconfig, context }) {
  const config = new KubeConfig();
  config.loadFromString(readFileSync(kubeconfig, 'utf8'));
  config.setCurrentContext(context);
  return config.makeApiClient(CoreV1Api);
}
