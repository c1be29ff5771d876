import { createHash } from 'node:crypto';
import { request, type Agent, type IncomingMessage, type RequestOptions } from 'node:http';
import { sleep } from './wait';
import { WebSocketClient } from './websocket';

/** One long request or connection, from its start to its end. */
export interface Session {
  /** Unique in the run. */
  id: string;
  /** Base address: `http://127.0.0.1:20000`. */
  url: string;
  /** Before the fixture's path. */
  prefix: string;
  /** How long it takes when nothing cuts it. */
  seconds: number;
  /** `undefined` for a connection that is not used again. */
  agent: Agent | undefined;
  /** Ends what takes too long. */
  signal: AbortSignal;
}

export interface Ending {
  /** What was wrong; `undefined` when it ended as it should. */
  wrong?: string;
  /** The replica that it led to, as far as that is known. */
  replica?: string;
}

export interface StreamEnding extends Ending {
  /** Time of the first line that said that the replica is terminating, on the clock of `performance.now()`. */
  terminatingAt?: number;
  endedAt: number;
}

const STREAM_INTERVAL = 0.1;
const EVENT_INTERVAL = 0.5;
const MESSAGE_MS = 500;
const PING_MS = 2_000;
const ANSWER_MS = 5_000;
const UPLOAD_CHUNK = Buffer.alloc(16 * 2 ** 10, 'u');
const UPLOAD_PAUSE_MS = 1_000;

/** A `POST` without a key, that takes its time and is executed as soon as it arrives. */
export async function slowPost(session: Session): Promise<Ending> {
  const response = await ask(session, `/slow?id=${session.id}&seconds=${session.seconds}`, { method: 'POST' }, 'body');
  return verified(response, (text) => {
    const { id, executions } = JSON.parse(text) as { id: string; executions: number };
    if (id !== session.id) return `the answer of ${id}`;
    return executions === 1 ? undefined : `executed ${executions} times`;
  });
}

/** A `GET` whose answer comes in numbered lines. */
export async function streamedGet(session: Session): Promise<StreamEnding> {
  const { id, seconds } = session;
  const ending: Pick<StreamEnding, 'terminatingAt'> = {};
  try {
    const response = await ask(session, `/stream?id=${id}&seconds=${seconds}&interval=${STREAM_INTERVAL}`);
    const end = await verified(
      response,
      (text) => verifyLines(text, Math.round(seconds / STREAM_INTERVAL)),
      (part) => {
        if (part.includes('terminating')) ending.terminatingAt ??= performance.now();
      },
    );
    return { ...end, ...ending, endedAt: performance.now() };
  } catch (error) {
    return { wrong: reasonOf(error), ...ending, endedAt: performance.now() };
  }
}

/** Server-sent events, numbered. */
export async function eventStream(session: Session): Promise<Ending> {
  const { seconds } = session;
  const response = await ask(session, `/events?seconds=${seconds}&interval=${EVENT_INTERVAL}`);
  const count = Math.round(seconds / EVENT_INTERVAL);
  const expected = Array.from({ length: count }, (_, n) => `id: ${n}\ndata: ${n}\n\n`).join('');
  return verified(response, (text) =>
    text === `${expected}event: end\ndata: ${count}\n\n` ? undefined : `${text.length} bytes of other events`,
  );
}

/** A WebSocket on which both sides ping, and each message comes back. */
export async function echoSocket({ url, prefix, seconds, signal }: Session): Promise<Ending> {
  const client = await WebSocketClient.open({ url, path: `${prefix}/socket?ping=${PING_MS / 1_000}` });
  const replica = client.replica === undefined ? {} : { replica: client.replica };
  const [began, every] = [performance.now(), PING_MS / MESSAGE_MS];
  try {
    for (let n = 0; performance.now() - began < seconds * 1_000 && !signal.aborted; n++) {
      const text = `message ${n}`;
      client.send(text);
      const echo = await client.receive(ANSWER_MS);
      if (echo !== text) return { wrong: `"${echo}" for "${text}"`, ...replica };
      if (n % every === 0) await client.ping(`${n}`, ANSWER_MS);
      await sleep(MESSAGE_MS);
    }
    await client.close(ANSWER_MS);
    return replica;
  } catch (error) {
    return { wrong: reasonOf(error), ...replica };
  } finally {
    client.destroy();
  }
}

/** A body that comes in parts, with pauses. */
export async function pausingUpload(session: Session): Promise<Ending> {
  const parts = Math.max(1, Math.round((session.seconds * 1_000) / UPLOAD_PAUSE_MS));
  const body = (async function* () {
    for (let n = 0; n < parts; n++) {
      yield UPLOAD_CHUNK;
      await sleep(UPLOAD_PAUSE_MS);
    }
  })();
  const sha256 = createHash('sha256')
    .update(Buffer.alloc(parts * UPLOAD_CHUNK.length, 'u'))
    .digest('hex');
  const response = await ask(session, `/upload?id=${session.id}`, { method: 'POST' }, body);
  return verified(response, (text) => {
    const answer = JSON.parse(text) as { bytes: number; sha256: string };
    return answer.sha256 === sha256 ? undefined : `another body of ${answer.bytes} bytes`;
  });
}

/** Sends one request, never a second time. */
export function ask(
  { url, prefix, agent, signal }: Pick<Session, 'url' | 'prefix' | 'agent' | 'signal'>,
  path: string,
  options: RequestOptions = {},
  body: string | AsyncIterable<Buffer> = '',
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${prefix}${path}`, { agent, signal, ...options });
    sent.on('response', resolve);
    sent.on('error', reject);
    if (typeof body === 'string') sent.end(body);
    else void write(sent, body);
  });
}

async function write(sent: ReturnType<typeof request>, body: AsyncIterable<Buffer>): Promise<void> {
  for await (const part of body) {
    if (sent.destroyed || sent.writableEnded) return;
    sent.write(part);
  }
  sent.end();
}

async function verified(
  response: IncomingMessage,
  verify: (text: string) => string | undefined,
  look: (part: string) => void = () => {},
): Promise<Ending> {
  const name = response.headers['x-replica'];
  const replica = typeof name === 'string' ? { replica: name } : {};
  const parts: string[] = [];
  try {
    for await (const part of response.setEncoding('utf8')) {
      parts.push(part as string);
      look(part as string);
    }
  } catch (error) {
    return { wrong: `${reasonOf(error)} in the answer`, ...replica };
  }
  if (response.statusCode !== 200) return { wrong: `status ${response.statusCode}`, ...replica };
  let wrong: string | undefined;
  try {
    wrong = verify(parts.join(''));
  } catch {
    wrong = 'an answer that is not JSON';
  }
  return { ...(wrong === undefined ? {} : { wrong }), ...replica };
}

/** Every line once, in order, and as it was sent. */
export function verifyLines(text: string, count: number): string | undefined {
  const lines = text.split('\n');
  for (let n = 0; n < count; n++) {
    const number = lines[n]?.split(' ')[0];
    if (number !== `${n}`) return `line ${number} where line ${n} should be`;
  }
  const sha256 = createHash('sha256').update(
    lines
      .slice(0, count)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const rest = lines.slice(count).join('\n');
  return rest === `end ${count} ${sha256.digest('hex')}\n` ? undefined : 'other lines than were sent';
}

export function reasonOf(error: unknown): string {
  const { code, message } = error as Error & { code?: string };
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}
