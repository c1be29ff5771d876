// Whose log lines there are in a cluster: the containers of the application's pods.
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { answer, clusterClient } from './cluster-place.mjs';
import { NAME, labelOf } from './stack.mjs';

/** Each with the service's name, its own, and how its lines are followed; `show` resolves to an exit code. */
export async function clusterLogs(place, stack, service) {
  const { client, config, api } = await clusterClient(place);
  const labelSelector = [labelOf(stack), ...(service ? [`${NAME}=${service}`] : [])].join(',');
  const core = api(client.CoreV1Api);
  const { items } = await answer(place, core.listNamespacedPod({ namespace: place.namespace, labelSelector }));
  const log = new client.Log(config);
  return items.flatMap(({ metadata, spec }) =>
    spec.containers.map(({ name: container }) => ({
      name: metadata.labels?.[NAME] ?? metadata.name,
      own: metadata.name,
      show: (onLine, options) => show(log, [metadata.namespace, metadata.name, container], onLine, options),
    })),
  );
}

async function show(log, where, onLine, { follow, tail }) {
  const lines = new PassThrough();
  createInterface({ input: lines }).on('line', onLine);
  try {
    await log.log(...where, lines, { follow, tailLines: tail, timestamps: true });
    await finished(lines);
    return 0;
  } catch (error) {
    onLine(`no log lines: ${error.message}`); // its container has not started yet, or was just removed
    return 1;
  }
}
