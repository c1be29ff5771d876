/** An API server that is being replaced, as on an upgrade of the control plane, is back within this time. */
const OUTAGE = 60_000;
const PAUSE = 1_000;
/** Lists of a namespace take fractions of a second; a connection that nobody serves any more never ends by itself. */
const ANSWER = 15_000;

export interface Patience {
  /** Milliseconds of silence, from the first question on, after which it is given up. @default 60000 */
  outage?: number;
  /** Milliseconds between two questions. @default 1000 */
  pause?: number;
  /** Milliseconds for one answer. @default 15000 */
  answer?: number;
}

/**
 * Asks a cluster, and asks again while it does not answer: a deployment that is under way must not fail for a moment's
 * silence.
 *
 * @throws what the cluster answers, and its silence when that lasts.
 */
export async function persistently<T>(
  ask: () => Promise<T>,
  { outage = OUTAGE, pause = PAUSE, answer = ANSWER }: Patience = {},
): Promise<T> {
  const end = Date.now() + outage;
  for (;;) {
    try {
      return await within(ask(), answer);
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

/** @throws Error when an answer takes longer than `time` milliseconds. */
export async function within<T>(answer: Promise<T>, time = ANSWER): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${time / 1_000} s`)), time);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
