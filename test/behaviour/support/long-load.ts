import { Agent } from 'node:http';
import {
  echoSocket,
  eventStream,
  pausingUpload,
  reasonOf,
  slowPost,
  streamedGet,
  type Ending,
  type Session,
} from './long-sessions';
import { sleep } from './wait';

/** One kind of long session, and how many of it run at once. */
export interface LongKind {
  kind: string;
  count: number;
  seconds: number;
  run: (session: Session) => Promise<Ending>;
}

export interface LongOptions {
  /** Base address: `http://127.0.0.1:20000`. */
  url: string;
  /**
   * Path of the route, before that of the fixture's endpoint: `/extra`.
   * @default ""
   */
  prefix?: string;
  /**
   * `POST`s without a key, of 8 s.
   * @default 0
   */
  posts?: number;
  /**
   * `GET`s whose answer takes 20 s.
   * @default 0
   */
  streams?: number;
  /**
   * Server-sent events, 40 s long.
   * @default 0
   */
  sse?: number;
  /**
   * WebSockets, open for 40 s.
   * @default 0
   */
  webSockets?: number;
  /**
   * Bodies that pause, 10 s long.
   * @default 0
   */
  uploads?: number;
  /**
   * Sessions of other kinds, such as gRPC.
   * @default []
   */
  others?: LongKind[];
  /**
   * No session starts after so many milliseconds, and the run fails.
   * @default 300000
   */
  maxTime?: number;
  /**
   * Milliseconds that a session may take longer than planned.
   * @default 10000
   */
  margin?: number;
}

/** A session that did not end as it should. */
export interface Cut {
  id: string;
  kind: string;
  /** Milliseconds since the load began. */
  at: number;
  /** Milliseconds since the session began. */
  after: number;
  reason: string;
  replica?: string;
  /** What the scenario did when it was cut. */
  during: string;
}

export interface LongFigures {
  kind: string;
  started: number;
  finished: number;
  cut: number;
  samples: Cut[];
}

export interface LongResult {
  seconds: number;
  kinds: LongFigures[];
  /** All that were cut, in the order in which they were. */
  cut: Cut[];
  /** Ids of those that ended, by kind. */
  ids: Record<string, string[]>;
}

const SAMPLES = 20;
/** A refused connection fails at once: without a pause one outage would be counted a thousand times. */
const PAUSE_AFTER_CUT = 200;

/** Starts long sessions, each followed by the next of its kind, until `finish`. Nothing is ever sent again. */
export function startLong(options: LongOptions): LongLoad {
  return new LongLoad(options, [
    { kind: 'POST 8 s', count: options.posts ?? 0, seconds: 8, run: slowPost },
    { kind: 'GET 20 s', count: options.streams ?? 0, seconds: 20, run: streamedGet },
    { kind: 'SSE', count: options.sse ?? 0, seconds: 40, run: eventStream },
    { kind: 'WebSocket', count: options.webSockets ?? 0, seconds: 40, run: echoSocket },
    { kind: 'upload 10 s', count: options.uploads ?? 0, seconds: 10, run: pausingUpload },
    ...(options.others ?? []),
  ]);
}

export class LongLoad {
  readonly cut: Cut[] = [];
  private readonly figures = new Map<string, LongFigures>();
  private readonly ids: Record<string, string[]> = {};
  private readonly workers: Promise<void>[];
  private readonly began = performance.now();
  private readonly run = Math.random().toString(36).slice(2, 8);
  private readonly aborted = new AbortController();
  private readonly maxTime: number;
  private readonly margin: number;
  private stopped = false;
  private overdue = false;
  private phase = 'no change';
  private count = 0;

  constructor(
    private readonly options: LongOptions,
    kinds: readonly LongKind[],
  ) {
    this.maxTime = options.maxTime ?? 300_000;
    this.margin = options.margin ?? 10_000;
    this.workers = kinds.flatMap((kind) => Array.from({ length: kind.count }, (_, index) => this.work(kind, index)));
  }

  /**
   * Runs a part of the scenario, and some time after it: a late effect is still an effect.
   *
   * @returns what was cut meanwhile.
   */
  async during(phase: string, work: () => Promise<unknown>, after = 2_000): Promise<Cut[]> {
    const before = this.cut.length;
    this.phase = phase;
    await work();
    await sleep(after);
    this.phase = `after ${phase}`;
    return this.cut.slice(before);
  }

  /**
   * Lets every session come to its end.
   *
   * @throws Error when the load had to stop before.
   */
  async finish(): Promise<LongResult> {
    this.stopped = true;
    // Each session is bounded, so this ends.
    await Promise.all(this.workers);
    const result = this.result();
    if (this.overdue) throw new Error(`the scenario did not end within ${this.maxTime} ms\n${describeLong(result)}`);
    return result;
  }

  /** Ends every session at once. */
  async abort(): Promise<void> {
    this.stopped = true;
    this.aborted.abort();
    await Promise.all(this.workers);
  }

  private async work(kind: LongKind, index: number): Promise<void> {
    // As of ordinary clients, half of the connections are used again.
    const agent = new Agent({ keepAlive: index % 2 === 0, maxSockets: 1 });
    // The first ones are shorter, so that they do not all end at the same time.
    let seconds = Math.ceil((kind.seconds * (index + 1)) / kind.count);
    while (!this.stopped) {
      if (performance.now() - this.began > this.maxTime) {
        this.overdue = true;
        break;
      }
      if (await this.session(kind, seconds, agent)) await sleep(PAUSE_AFTER_CUT);
      seconds = kind.seconds;
    }
    agent.destroy();
  }

  /** @returns whether it was cut. */
  private async session({ kind, run }: LongKind, seconds: number, agent: Agent): Promise<boolean> {
    const id = `${this.run}-${this.count++}`;
    const figures = this.figuresOf(kind);
    figures.started++;
    const start = performance.now();
    const limit = seconds * 1_000 + this.margin;
    const signal = AbortSignal.any([this.aborted.signal, AbortSignal.timeout(limit)]);
    const { url, prefix = '' } = this.options;
    const ending = await bounded(run({ id, url, prefix, seconds, agent, signal }), signal, limit);
    (this.ids[kind] ??= []).push(id);
    const { wrong: reason, replica } = ending;
    if (reason === undefined) {
      figures.finished++;
      return false;
    }
    if (this.aborted.signal.aborted) return true;
    const [end, during] = [performance.now(), this.phase];
    const cut: Cut = {
      ...{ id, kind, at: Math.round(end - this.began), after: Math.round(end - start), reason, during },
      ...(replica === undefined ? {} : { replica }),
    };
    figures.cut++;
    if (figures.samples.length < SAMPLES) figures.samples.push(cut);
    this.cut.push(cut);
    return true;
  }

  private figuresOf(kind: string): LongFigures {
    let figures = this.figures.get(kind);
    if (!figures) this.figures.set(kind, (figures = { kind, started: 0, finished: 0, cut: 0, samples: [] }));
    return figures;
  }

  private result(): LongResult {
    const seconds = Math.round((performance.now() - this.began) / 100) / 10;
    return { seconds, kinds: [...this.figures.values()], cut: this.cut, ids: this.ids };
  }
}

async function bounded(running: Promise<Ending>, signal: AbortSignal, limit: number): Promise<Ending> {
  const late = new Promise<Ending>((resolve) =>
    signal.addEventListener('abort', () => resolve({ wrong: `no end within ${limit} ms` }), { once: true }),
  );
  // What the signal interrupts may say so first, in words of its own.
  const ended = running.catch((error: unknown): Ending => ({ wrong: reasonOf(error) }));
  const ending = await Promise.race([ended, late]);
  return signal.aborted && ending.wrong !== undefined ? { ...ending, wrong: `no end within ${limit} ms` } : ending;
}

/** One line for people, with the sessions that were cut below it. */
export function describeLong({ seconds, kinds, cut }: LongResult): string {
  const counts = kinds.map(({ kind, finished, cut: lost }) => `${kind}: ${finished} whole, ${lost} cut`);
  return [`${counts.join('; ')} in ${seconds} s`, ...describeCuts(cut)].join('\n');
}

export function describeCuts(cuts: readonly Cut[]): string[] {
  return cuts
    .slice(0, SAMPLES)
    .map(({ kind, id, at, after, reason, replica = '?', during }) =>
      [`  ${during}, at ${at} ms: ${kind} ${id} on ${replica}`, `${reason} after ${after} ms`].join(': '),
    );
}
