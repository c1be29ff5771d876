// Whether a shop answers at its address, asked before anybody is told so.
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 500;
const REQUEST_MS = 3_000;

/** Waits until an address answers with something else than an error of the server. Resolves to what keeps it from that. */
export async function whyNoAnswer(url, { timeout, poll = POLL_MS } = {}) {
  for (const until = Date.now() + timeout; ; await sleep(poll)) {
    const reason = await ask(url);
    if (reason === undefined || Date.now() > until) return reason;
  }
}

async function ask(url) {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(REQUEST_MS), redirect: 'manual' });
    return status < 500 ? undefined : `it answers with status ${status}`;
  } catch (error) {
    return error.cause?.message || error.cause?.code || error.message;
  }
}

/** Services that have no replica because they are to have none; `services` is that output of a stack. */
export function withoutReplicas(services) {
  return Object.entries(services)
    .filter(([, { replicas }]) => (replicas?.min ?? replicas) === 0)
    .map(([name]) => name);
}

/** An address of this machine, where nothing but the shop itself can keep it from answering. */
export function isLoopback(url) {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}
