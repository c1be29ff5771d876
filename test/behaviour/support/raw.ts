import { connect, type Socket } from 'node:net';
import { waitFor } from './wait';

export interface Head {
  status: number;
  header(name: string): string | undefined;
  /** Bytes of it, the empty line included. */
  length: number;
}

export interface RawAnswer extends Head {
  body: string;
}

/** The head of an answer, once it is there as a whole. */
export function headOf(data: Buffer): Head | undefined {
  const end = data.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first, ...lines] = data.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return {
    status: Number(first!.split(' ')[1]),
    header: (name) => headers.get(name.toLowerCase()),
    length: end + 4,
  };
}

/** A connection on which a test writes each byte itself. */
export class RawConnection {
  /** All that has come. */
  received: Buffer = Buffer.alloc(0);
  /** Milliseconds from the start until the other side closed; `undefined` while it is open. */
  closedAfter: number | undefined;
  private readonly began = performance.now();

  private constructor(readonly socket: Socket) {
    socket.on('data', (data: Buffer) => (this.received = Buffer.concat([this.received, data])));
    // A reset is a close that the test sees as one.
    socket.on('error', () => {});
    for (const event of ['end', 'close'])
      socket.on(event, () => (this.closedAfter ??= Math.round(performance.now() - this.began)));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const connection = new RawConnection(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return connection;
  }

  write(data: string | Buffer): void {
    this.socket.write(data);
  }

  /** Head of the next answer; statuses of 1xx count as one. `undefined` when the connection closes without. */
  async head(timeout = 10_000): Promise<Head | undefined> {
    const [found] = await waitFor(
      'the head of an answer',
      () => {
        const head = headOf(this.received);
        return Promise.resolve((head !== undefined || this.closedAfter !== undefined) && ([head] as const));
      },
      { timeout, every: 5 },
    );
    return found;
  }

  /**
   * Next whole answer with a `Content-Length`, which is taken away; `undefined` when the connection closes without. The
   * answer to a `HEAD` has no body.
   */
  async answer(timeout = 10_000, { method = 'GET' } = {}): Promise<RawAnswer | undefined> {
    const head = await this.head(timeout);
    if (!head) return undefined;
    const length = head.length + (method === 'HEAD' ? 0 : Number(head.header('content-length') ?? 0));
    await waitFor(
      'the rest of an answer',
      () => Promise.resolve(this.received.length >= length || this.closedAfter !== undefined),
      { timeout, every: 5 },
    );
    const body = this.received.subarray(head.length, length).toString();
    this.received = this.received.subarray(length);
    return { ...head, body };
  }

  /** Waits until the other side closes. */
  async closed(timeout: number): Promise<number> {
    return waitFor('the connection to close', () => Promise.resolve(this.closedAfter), { timeout, every: 20 });
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Sends one request on a connection of its own and returns its answer; `undefined` when there is none. */
export async function rawAnswer(url: string, text: string, timeout = 10_000): Promise<RawAnswer | undefined> {
  const connection = await RawConnection.open(url);
  try {
    connection.write(text);
    return await connection.answer(timeout, { method: text.split(' ', 1)[0] });
  } finally {
    connection.destroy();
  }
}

/** The head of a request, with the host of the address unless another is given. */
export function requestHead(method: string, target: string, headers: Record<string, string> = {}): string {
  const all = { Host: '127.0.0.1', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${target} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}
