import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './environment';

export interface SlowReadersOptions {
  /** Path of the download. */
  path: string;
  count: number;
  /** How many begin in a second. */
  rate: number;
  /** Milliseconds between two reads of one client. */
  everyMs: number;
}

export interface SlowReadersResult {
  /** Connections that the other side has ended. */
  closed: number;
  /** Clients that have got nothing. */
  empty: number;
  bytes: number;
}

/** Clients that read a large download slowly. */
export class SlowReaders {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves once all have begun. */
  static async start(url: string, { path, count, rate, everyMs }: SlowReadersOptions): Promise<SlowReaders> {
    const program = join(root, 'test', 'behaviour', 'support', 'reading-slowly.mjs');
    const child = fork(program, [url, path, count, rate, everyMs].map(String), { execArgv: [] });
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the slow readers ended with exit code ${code}`);
      }),
    ]);
    return new SlowReaders(child);
  }

  /** Ends all, and tells how they fared until then. */
  async end(): Promise<SlowReadersResult> {
    this.child.send('end');
    const [result] = (await once(this.child, 'message')) as [SlowReadersResult];
    return result;
  }

  abort(): void {
    this.child.kill('SIGKILL');
  }
}
