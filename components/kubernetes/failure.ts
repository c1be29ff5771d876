import type { CoreV1Api, V1Pod } from '@kubernetes/client-node';
import { decidingContainer, type Symptom } from './rollout';

const LOG_LINES = 15;
const EVENTS = 3;
/** What the kubelet answers, as if it were the log, where it has just removed the container. */
const NO_LOG = /^unable to retrieve container logs for /;

/** What went wrong, with what the cluster says of the replica and what the replica itself said at last. */
export async function failureReport(
  core: Pick<CoreV1Api, 'listNamespacedEvent' | 'readNamespacedPodLog'>,
  namespace: string,
  { message, pod }: Pick<Symptom, 'message' | 'pod'>,
): Promise<string> {
  if (!pod) return message;
  const [events, logs] = await Promise.all([lastWarnings(core, namespace, pod), lastLogLines(core, namespace, pod)]);
  return [
    message,
    ...events.map((event) => `  ${event}`),
    ...(logs.length > 0 ? ['its last log lines:', ...logs.map((line) => `  ${line}`)] : []),
  ].join('\n');
}

/** A pod that is gone, or that never ran, has no log: that is not worth another error. */
async function lastLogLines(
  core: Pick<CoreV1Api, 'readNamespacedPodLog'>,
  namespace: string,
  pod: V1Pod,
): Promise<string[]> {
  const name = pod.metadata?.name ?? '';
  const container = decidingContainer(pod);
  const restarted = (container?.restartCount ?? 0) > 0;
  // The one that has ended says why; the one that was started after it may not have said anything yet.
  for (const previous of restarted ? [true, false] : [false]) {
    try {
      const text = await core.readNamespacedPodLog({
        namespace,
        name,
        ...(container ? { container: container.name } : {}),
        tailLines: LOG_LINES,
        previous,
      });
      const lines = text.split('\n').filter((line) => line.trim() !== '' && !NO_LOG.test(line));
      if (lines.length > 0) return lines;
    } catch {
      continue;
    }
  }
  return [];
}

async function lastWarnings(
  core: Pick<CoreV1Api, 'listNamespacedEvent'>,
  namespace: string,
  pod: V1Pod,
): Promise<string[]> {
  try {
    const fieldSelector = `involvedObject.uid=${pod.metadata?.uid ?? ''},type=Warning`;
    const { items } = await core.listNamespacedEvent({ namespace, fieldSelector });
    const texts = items
      .sort((a, b) => (a.lastTimestamp?.getTime() ?? 0) - (b.lastTimestamp?.getTime() ?? 0))
      .map(({ reason, message }) => `${reason ?? 'Warning'}: ${(message ?? '').trim()}`);
    return [...new Set(texts)].slice(-EVENTS);
  } catch {
    return [];
  }
}
