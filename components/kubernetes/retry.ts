/** An API server that is being replaced, as on an upgrade of the control plane, is back within this time. */
const OUTAGE = 60_000;
const PAUSE = 1_000;

/**
 * Asks a cluster, and asks again while it does not answer: a deployment that is under way must not fail for a moment's
 * silence.
 *
 * @throws what the cluster answers, and its silence when that lasts.
 */
export async function persistently<T>(ask: () => Promise<T>, outage = OUTAGE, pause = PAUSE): Promise<T> {
  const end = Date.now() + outage;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** No connection, or a server that cannot serve right now; anything else is an answer. */
function isPassing(error: unknown): boolean {
  const { code } = error as { code?: number | string };
  return typeof code !== 'number' || code === 429 || code >= 500;
}
