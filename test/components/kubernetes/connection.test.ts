import { execFile } from 'node:child_process';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PROGRAM = join(__dirname, '..', '..', 'support', 'ask-cluster.ts');
const sockets = new Set<Socket>();
let server: Server;

/** What a program of its own says of a server, and that it ends: what is left open would keep it alive. */
async function asked(listening: Server): Promise<string[]> {
  server = listening.on('connection', (socket: Socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { timeout: 30_000, killSignal: 'SIGKILL' } as const;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, address], options);
  return stdout.trim().split('\n');
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => server.close(resolve));
});

it('a cluster that listens and says nothing is given up, whatever it is asked, and nothing of it is left', async () =>
  expect(await asked(createServer())).toEqual([
    'version: no answer within 0.2 s',
    'namespaces: no answer within 0.4 s',
    'deployments: no answer within 0.4 s',
    'patch: Failed to fetch resource metadata for apps/v1/Deployment: no answer within 0.4 s',
  ]));

it('one that answers is asked in the name of the kubeconfig’s user', async () => {
  const seen: (string | undefined)[] = [];
  const answer: RequestListener = ({ url, headers }, response) => {
    seen.push(headers.authorization);
    response.setHeader('content-type', 'application/json');
    if (url === '/version') return response.end('{"gitVersion":"v1.34.2"}');
    response.statusCode = 403;
    return response.end('{"message":"no"}');
  };
  const [version, ...others] = await asked(createHttpServer(answer));
  expect(version).toContain('"gitVersion":"v1.34.2"');
  for (const other of others) expect(other).toContain('HTTP-Code: 403');
  expect(new Set(seen)).toEqual(new Set(['Bearer token']));
});
