import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Dispatcher } from 'undici';

/** What came back, as far as a verifier may look at it. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One request and what makes its answer right. */
export interface Shot {
  /** Groups requests in the figures: `GET /echo`. */
  kind: string;
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** @returns what is wrong with the answer, or `undefined`. */
  verify(answer: Answer): string | undefined;
}

export interface Tls {
  ca: string[];
  servername: string;
}

export interface LoadOptions {
  /** Base address: `http://127.0.0.1:20000`. */
  url: string;
  /** For `https`: whose certificates are trusted, and for which host. */
  tls?: Tls;
  /** The n-th request, from 0. Called once a request: a repeated request would hide a lost one. */
  shot: (n: number) => Shot;
  /** The load goes on until so many requests were answered or failed, and the scenario has ended. */
  requests: number;
  /**
   * Workers that keep their connection.
   * @default 6
   */
  keptAlive?: number;
  /**
   * Workers that open a connection for each request.
   * @default 2
   */
  fresh?: number;
  /**
   * Requests a second at most, so that a small machine has processor time left for health checks.
   * @default 1500
   */
  rate?: number;
  /**
   * An answer slower than this has failed, in milliseconds.
   * @default 5000
   */
  slow?: number;
  /**
   * The load stops, and the run fails, after so many milliseconds.
   * @default 300000
   */
  maxTime?: number;
  /**
   * Time that the load goes on after the scenario, in milliseconds: a late effect is still an effect.
   * @default 3000
   */
  after?: number;
}

export interface Failure {
  /** Milliseconds since the load began. */
  at: number;
  kind: string;
  reason: string;
}

export interface LoadResult {
  requests: number;
  failed: number;
  /** The first failures, in the order in which they came. */
  samples: Failure[];
  /** When the first and the last request failed, in milliseconds since the load began. */
  firstFailure?: number;
  lastFailure?: number;
  byKind: Record<string, { requests: number; failed: number }>;
  byReason: Record<string, number>;
  /** Milliseconds. */
  latency: { p50: number; p99: number; max: number };
  seconds: number;
  /** Workers, and so the most requests that can be in flight at one moment. */
  workers: number;
  /** Answers by the replica that gave them (header X-Replica). */
  byReplica: Record<string, number>;
}

const SAMPLES = 20;

/**
 * Sends requests until the scenario has ended and enough were sent. Never retries: what a caller would see as a failure
 * is counted as one.
 *
 * @throws the scenario's error after the load has stopped, and an error when `maxTime` passes.
 */
export async function underLoad(
  options: LoadOptions,
  scenario: (progress: LoadProgress) => Promise<void> = async () => {},
): Promise<LoadResult> {
  const { keptAlive = 6, fresh = 2, slow = 5_000, maxTime = 300_000, after = 3_000 } = options;
  const run = new Run(options.shot, slow, options.rate ?? Number(process.env['E2E_RATE'] ?? 1_500));
  const stopAt = performance.now() + maxTime;
  const clients = Array.from({ length: keptAlive + fresh }, (_, index) => client(options, index < keptAlive, slow));
  const workers = clients.map((one) => run.work(one));
  let problem: unknown;
  try {
    await withDeadline(scenario(run), stopAt, `the scenario did not end within ${maxTime} ms`);
    await sleep(after);
    while (run.count < options.requests) {
      if (performance.now() > stopAt)
        throw new Error(`only ${run.count} of ${options.requests} requests within ${maxTime} ms`);
      await sleep(20);
    }
  } catch (error) {
    problem = error;
  }
  run.stopped = true;
  // Every request is bounded by `slow`, so this ends.
  await Promise.all(workers);
  await Promise.all(clients.map((one) => one.destroy()));
  const result = run.result(clients.length);
  if (problem !== undefined) throw attach(problem, result);
  return result;
}

/** What a scenario may look at while the load runs. */
export interface LoadProgress {
  readonly count: number;
  readonly failed: number;
}

function client({ url, tls }: Pick<LoadOptions, 'url' | 'tls'>, keep: boolean, slow: number): Client {
  // Pipelining 0 makes undici send `Connection: close` and open a new connection for the next request.
  return new Client(url, {
    pipelining: keep ? 1 : 0,
    connect: { timeout: slow, ...tls },
    headersTimeout: slow,
    bodyTimeout: slow,
    keepAliveTimeout: 60_000,
  });
}

class Run implements LoadProgress {
  count = 0;
  failed = 0;
  stopped = false;
  private started = 0;
  private readonly began = performance.now();
  private readonly latency = createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 });
  private readonly samples: Failure[] = [];
  private readonly byKind: LoadResult['byKind'] = {};
  private readonly byReason: Record<string, number> = {};
  private readonly byReplica: Record<string, number> = {};
  private firstFailure: number | undefined;
  private lastFailure: number | undefined;

  constructor(
    private readonly shot: (n: number) => Shot,
    private readonly slow: number,
    private readonly rate: number,
  ) {}

  async work(one: Client): Promise<void> {
    while (!this.stopped) {
      const n = this.started++;
      // Every request has its moment; a worker that is late does not wait, one that is early does.
      const ahead = this.began + (n / this.rate) * 1_000 - performance.now();
      if (ahead > 2) await sleep(ahead);
      if (this.stopped) return;
      await this.fire(one, this.shot(n));
    }
  }

  private async fire(one: Client, shot: Shot): Promise<void> {
    const start = performance.now();
    const reason = await this.send(one, shot);
    const end = performance.now();
    const took = end - start;
    this.count++;
    this.latency.record(Math.max(1, Math.round(took * 1_000)));
    const kind = (this.byKind[shot.kind] ??= { requests: 0, failed: 0 });
    kind.requests++;
    const wrong = reason ?? (took > this.slow ? `slower than ${this.slow} ms` : undefined);
    if (wrong === undefined) return;
    kind.failed++;
    this.failed++;
    this.byReason[wrong] = (this.byReason[wrong] ?? 0) + 1;
    const at = Math.round(end - this.began);
    this.firstFailure ??= at;
    this.lastFailure = at;
    if (this.samples.length < SAMPLES)
      this.samples.push({ at, kind: shot.kind, reason: `${wrong} after ${Math.round(took)} ms` });
    // A refused connection answers at once: without a pause one outage would be counted a thousand times.
    await sleep(50);
  }

  /** @returns what is wrong, or `undefined`. */
  private async send(one: Client, shot: Shot): Promise<string | undefined> {
    const request: Dispatcher.RequestOptions = {
      method: shot.method,
      path: shot.path,
      ...(shot.headers ? { headers: shot.headers } : {}),
      ...(shot.body === undefined ? {} : { body: shot.body }),
      signal: AbortSignal.timeout(this.slow),
    };
    try {
      const response = await one.request(request);
      const body = await response.body.text();
      const replica = response.headers['x-replica'];
      if (typeof replica === 'string') this.byReplica[replica] = (this.byReplica[replica] ?? 0) + 1;
      return shot.verify({ status: response.statusCode, headers: response.headers, body });
    } catch (error) {
      const { name, code, message } = error as Error & { code?: string };
      if (name === 'TimeoutError') return `no answer within ${this.slow} ms`;
      return `${code ?? name}: ${message}`;
    }
  }

  result(workers: number): LoadResult {
    const ms = (microseconds: number) => Math.round(microseconds / 100) / 10;
    return {
      requests: this.count,
      failed: this.failed,
      samples: this.samples,
      ...(this.firstFailure === undefined ? {} : { firstFailure: this.firstFailure }),
      ...(this.lastFailure === undefined ? {} : { lastFailure: this.lastFailure }),
      byKind: this.byKind,
      byReason: this.byReason,
      latency: {
        p50: ms(this.latency.percentile(50)),
        p99: ms(this.latency.percentile(99)),
        max: this.count === 0 ? 0 : ms(this.latency.max),
      },
      seconds: Math.round((performance.now() - this.began) / 100) / 10,
      workers,
      byReplica: this.byReplica,
    };
  }
}

async function withDeadline(work: Promise<void>, at: number, message: string): Promise<void> {
  const timer = new AbortController();
  const late = sleep(Math.max(0, at - performance.now()), undefined, { signal: timer.signal }).then(
    () => {
      throw new Error(message);
    },
    () => {},
  );
  try {
    await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/** The scenario's error, with what the load saw until then. */
function attach(problem: unknown, result: LoadResult): Error {
  const error = problem instanceof Error ? problem : new Error(String(problem));
  error.message += `\n(load until then: ${describeLoad(result)})`;
  return error;
}

/** One line for people, with the first failures below it. */
export function describeLoad(result: LoadResult): string {
  const head = `${result.requests} requests in ${result.seconds} s, ${result.failed} failed, p99 ${result.latency.p99} ms`;
  const reasons = Object.entries(result.byReason).map(([reason, count]) => `  ${count} × ${reason}`);
  const samples = result.samples.map(({ at, kind, reason }) => `  at ${at} ms ${kind}: ${reason}`);
  return [head, ...reasons, ...samples].join('\n');
}
