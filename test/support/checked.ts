import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckSpec } from '../../components/check';
import { checkLines, checkOptions } from '../../components/haproxy/check';

/** What HAProxy thinks of a server, and what the server saw of the checks. */
export interface Verdict {
  /** `UP` or `DOWN`, with the fraction of a state that changes. */
  state: string;
  /** HAProxy's name of how the last check ended: `L7OK`, `L7STS`, `L7TOUT`… */
  check: string;
  /** Connections that were reset, where an orderly end was due. */
  resets: number;
  /** The first bytes of each connection. */
  requests: string[];
}

/** Runs HAProxy with the check against a server on a port of its own, until it has been checked for a while. */
export async function checked(
  check: (port: number) => CheckSpec,
  serve: (socket: Socket) => void,
  milliseconds = 900,
): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'checked-'));
  const seen = { resets: 0, requests: [] as string[] };
  const server = await listen(serve, seen);
  const { port } = server.address() as AddressInfo;
  const socketFile = join(folder, 'admin.sock');
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configuration(check(port), port, socketFile));
  const haproxy = spawn('haproxy', ['-f', file], { stdio: 'ignore' });
  try {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return { ...(await stats(socketFile)), ...seen };
  } finally {
    await stopped(haproxy);
    server.close();
    rmSync(folder, { recursive: true });
  }
}

function configuration(check: CheckSpec, port: number, socketFile: string): string {
  return `${[
    'global',
    '  maxconn 100',
    '  nbthread 1',
    '  log stderr format raw daemon emerg',
    '  tune.bufsize 49152',
    `  stats socket ${socketFile} mode 600 level admin`,
    'defaults',
    '  timeout connect 1s',
    '  timeout server 5s',
    'backend checked',
    '  mode http',
    ...checkLines(check).map((line) => `  ${line}`),
    `  server one 127.0.0.1:${port}${checkOptions(check, port)}`,
  ].join('\n')}\n`;
}

async function listen(serve: (socket: Socket) => void, seen: { resets: number; requests: string[] }): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => (seen.resets += 1));
    socket.once('data', (data) => {
      seen.requests.push(data.toString('latin1'));
      serve(socket);
    });
    socket.on('end', () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function stats(socketFile: string): Promise<{ state: string; check: string }> {
  const socket = connect(socketFile);
  socket.write('show stat -1 4 -1\n');
  const [head, line] = (await text(socket)).split('\n').map((one) => one.split(','));
  const value = (name: string) => line![head!.indexOf(name)]!;
  return { state: value('status').split(' ')[0]!, check: value('check_status').replace('* ', '') };
}

async function text(socket: Socket): Promise<string> {
  let result = '';
  for await (const chunk of socket) result += String(chunk);
  return result;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
