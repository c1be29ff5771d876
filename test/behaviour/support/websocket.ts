import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { headOf } from './raw';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OPCODE = { text: 0x1, close: 0x8, ping: 0x9, pong: 0xa } as const;
const NORMAL = 1000;

/** The server answered the handshake with something else than 101, or not at all. */
export class Refused extends Error {
  constructor(
    /** `undefined` without an answer. */
    readonly status: number | undefined,
    reason: string,
  ) {
    super(reason);
  }
}

export interface OpenOptions {
  /** Base address: `http://127.0.0.1:20000`. */
  url: string;
  path: string;
  /**
   * Milliseconds until the handshake has failed.
   * @default 5000
   */
  timeout?: number;
}

/**
 * One WebSocket (RFC 6455), with frames written by hand: the tests look at pings and at how a connection ends, and open
 * thousands.
 */
export class WebSocketClient {
  /** The replica that it leads to (header X-Replica). */
  replica: string | undefined;
  /** Why it ended; `undefined` while it is open. */
  ended: string | undefined;
  private rest: Buffer = Buffer.alloc(0);
  private closing = false;
  private readonly messages: string[] = [];
  /** Payloads of pongs. */
  private readonly pongs: string[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly socket: Socket) {}

  /** @throws Refused */
  static async open({ url, path, timeout = 5_000 }: OpenOptions): Promise<WebSocketClient> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    const client = new WebSocketClient(socket);
    try {
      await client.handshake(createHash('sha1').update(`${key}${GUID}`).digest('base64'), timeout);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    socket.on('data', (data: Buffer) => client.take(data));
    if (client.rest.length > 0) client.take(Buffer.alloc(0));
    return client;
  }

  private handshake(accept: string, timeout: number): Promise<void> {
    const { socket } = this;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Refused(undefined, `no handshake within ${timeout} ms`)), timeout);
      const end = (reason: string) => {
        clearTimeout(timer);
        this.end(reason);
        reject(new Refused(undefined, reason));
      };
      socket.on('error', ({ message }) => end(message));
      socket.on('close', () => end('closed without a close frame'));
      const onData = (data: Buffer) => {
        this.rest = Buffer.concat([this.rest, data]);
        const head = headOf(this.rest);
        if (!head) return;
        clearTimeout(timer);
        socket.off('data', onData);
        this.rest = this.rest.subarray(head.length);
        this.replica = head.header('x-replica');
        if (head.status !== 101) reject(new Refused(head.status, `status ${head.status}`));
        else if (head.header('sec-websocket-accept') !== accept) reject(new Refused(101, 'wrong accept key'));
        else resolve();
      };
      socket.on('data', onData);
    });
  }

  send(text: string): void {
    this.write(OPCODE.text, Buffer.from(text));
  }

  /** Next message. */
  receive(timeout: number): Promise<string> {
    return this.next(this.messages, 'message', timeout);
  }

  /** Pings and waits for the pong. */
  async ping(payload: string, timeout: number): Promise<void> {
    this.write(OPCODE.ping, Buffer.from(payload));
    const pong = await this.next(this.pongs, 'pong', timeout);
    if (pong !== payload) throw new Error(`pong ${pong} to ping ${payload}`);
  }

  /** Closes in order: with a close frame each way. */
  async close(timeout: number): Promise<void> {
    this.closing = true;
    const code = Buffer.alloc(2);
    code.writeUInt16BE(NORMAL);
    this.write(OPCODE.close, code);
    await this.until(() => this.ended !== undefined, 'close frame', timeout);
    this.socket.destroy();
    if (this.ended !== `closed with ${NORMAL}`) throw new Error(this.ended);
  }

  destroy(): void {
    this.end('destroyed');
    this.socket.destroy();
  }

  private async next(list: string[], what: string, timeout: number): Promise<string> {
    await this.until(() => list.length > 0 || this.ended !== undefined, what, timeout);
    const first = list.shift();
    if (first === undefined) throw new Error(this.ended);
    return first;
  }

  private until(done: () => boolean, what: string, timeout: number): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`no ${what} within ${timeout} ms`));
      }, timeout);
      const look = () => {
        if (!done()) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
    });
  }

  private end(reason: string): void {
    this.ended ??= reason;
    this.look();
  }

  private look(): void {
    for (const look of [...this.waiting]) look();
  }

  private take(data: Buffer): void {
    this.rest = this.rest.length === 0 ? data : Buffer.concat([this.rest, data]);
    for (let frame = frameOf(this.rest); frame; frame = frameOf(this.rest)) {
      this.rest = this.rest.subarray(frame.length);
      this.handle(frame.opcode, frame.payload);
    }
    this.look();
  }

  private handle(opcode: number, payload: Buffer): void {
    switch (opcode) {
      case OPCODE.text:
        this.messages.push(payload.toString());
        break;
      case OPCODE.ping:
        this.write(OPCODE.pong, payload);
        break;
      case OPCODE.pong:
        this.pongs.push(payload.toString());
        break;
      case OPCODE.close: {
        const code = payload.length >= 2 ? payload.readUInt16BE() : 1005;
        if (!this.closing) this.write(OPCODE.close, payload);
        this.end(`closed with ${code}`);
        break;
      }
      default:
        this.end(`frame with opcode ${opcode}`);
    }
  }

  private write(opcode: number, payload: Buffer): void {
    if (this.ended === undefined) this.socket.write(frame(opcode, payload));
  }
}

/** A frame of a client: whole and masked. */
function frame(opcode: number, payload: Buffer): Buffer {
  const short = payload.length < 126;
  const head = Buffer.alloc(short ? 2 : 4);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (short ? payload.length : 126);
  if (!short) head.writeUInt16BE(payload.length, 2);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, payload.map((byte, index) => byte ^ mask[index % 4]!)]);
}

/** The first frame of a server, once it is there as a whole. */
function frameOf(data: Buffer): { opcode: number; payload: Buffer; length: number } | undefined {
  if (data.length < 2) return undefined;
  const size = data[1]! & 0x7f;
  const start = size === 126 ? 4 : size === 127 ? 10 : 2;
  if (data.length < start) return undefined;
  const length = size === 126 ? data.readUInt16BE(2) : size === 127 ? Number(data.readBigUInt64BE(2)) : size;
  if (data.length < start + length) return undefined;
  return { opcode: data[0]! & 0x0f, payload: data.subarray(start, start + length), length: start + length };
}
