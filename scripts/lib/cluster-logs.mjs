// Whose log lines there are in a cluster: the containers of the application's pods.
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { answer, clusterClient } from './cluster-place.mjs';
import { idleTimer } from './log-lines.mjs';
import { NAME, labelOf } from './stack.mjs';

/** What finds the containers of a stack, or of one of its services; see log-lines.mjs. */
export async function clusterLogs(place, stack) {
  const { client, config, api } = await clusterClient(place);
  const core = api(client.CoreV1Api);
  const log = new client.Log(config);
  return async (service) => {
    const labelSelector = [labelOf(stack), ...(service ? [`${NAME}=${service}`] : [])].join(',');
    const { items } = await answer(place, core.listNamespacedPod({ namespace: place.namespace, labelSelector }));
    return clusterSources(items).map(({ where, waits, ...source }) => ({
      ...source,
      show: (onLine, options) => (waits ? said(onLine, waits) : show(log, where, onLine, options)),
    }));
  };
}

/** From pods as the API has them. A container that starts again has another key. Pure. */
export function clusterSources(pods) {
  return pods.flatMap(({ metadata, spec, status }) =>
    spec.containers.map(({ name: container }) => {
      const now = status?.containerStatuses?.find(({ name }) => name === container);
      const waits = now?.containerID ? undefined : (now?.state?.waiting?.reason ?? status?.phase ?? 'Pending');
      return {
        key: now?.containerID ?? `${metadata.uid} ${container} ${waits}`,
        container: now?.containerID ?? `${metadata.uid} ${container}`,
        name: metadata.labels?.[NAME] ?? metadata.name,
        own: metadata.name,
        where: [metadata.namespace, metadata.name, container],
        waits,
      };
    }),
  );
}

async function said(onLine, waits) {
  onLine(`has not started: ${waits}`);
  return 0;
}

async function show(log, where, onLine, options) {
  const lines = new PassThrough();
  const idle = idleTimer(options, (why) => lines.destroy(new Error(why)));
  createInterface({ input: lines }).on('line', (line) => {
    idle.touch();
    onLine(line);
  });
  const { follow = false, tail: tailLines } = options;
  try {
    await log.log(...where, lines, { follow, tailLines, timestamps: true });
    await finished(lines);
    return 0;
  } catch (error) {
    onLine(`no log lines: ${error.message}`); // it was just removed, or the cluster fell silent
    return 1;
  } finally {
    idle.stop();
  }
}
