import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fixtureImage } from './fixture-image';

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

/**
 * Clients that read a large download slowly, in a container of the fixture's image: what is measured beside them must not wait for
 * them, and a small receive buffer, as of a client that is far away, is nothing that Node.js can ask for. Buffers of the usual
 * size take so much of this machine's memory for TCP that the kernel ends other connections.
 */
export class SlowReaders {
  private readonly lines: Interface;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    this.lines = createInterface({ input: child.stdout });
  }

  /** Resolves once all have begun. */
  static async start(url: string, { path, count, rate, everyMs }: SlowReadersOptions): Promise<SlowReaders> {
    const { hostname, port } = new URL(url);
    const program = [
      'python3',
      '-u',
      'slow_readers.py',
      hostname,
      port,
      path,
      `${count}`,
      `${rate}`,
      `${everyMs / 1_000}`,
    ];
    const run = ['run', '--rm', '--interactive', '--network', 'host', '--ulimit', 'nofile=4096:4096'];
    const child = spawn('docker', [...run, await fixtureImage(), ...program]);
    const readers = new SlowReaders(child);
    await readers.line();
    return readers;
  }

  /** Ends all, and tells how they fared until then. */
  async end(): Promise<SlowReadersResult> {
    this.child.stdin.write('end\n');
    return JSON.parse(await this.line()) as SlowReadersResult;
  }

  /** The container ends with its standard input. */
  abort(): void {
    this.child.stdin.end();
  }

  private async line(): Promise<string> {
    const ended = once(this.child, 'exit').then(([code]) => {
      throw new Error(`the slow readers ended with exit code ${code}`);
    });
    const [line] = (await Promise.race([once(this.lines, 'line'), ended])) as [string];
    // It ends at some time, when nobody waits for it any more.
    ended.catch(() => undefined);
    return line;
  }
}
