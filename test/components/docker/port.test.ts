import type Docker from 'dockerode';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { defaultGatewayPort } from '../../../components/docker/identity';
import { LABEL } from '../../../components/identity';
import { checkGatewayPort } from '../../../components/docker/port';
import { EngineError } from '../../../components/docker/preflight';

interface Container {
  Names: string[];
  Labels: Record<string, string>;
  Ports: { PublicPort?: number }[];
}
const engine = (containers: Container[] = [], asked: unknown[] = []) =>
  ({
    listContainers: (options: unknown) => {
      asked.push(options);
      return Promise.resolve(containers);
    },
  }) as unknown as Docker;
const container = (port: number, labels: Record<string, string> = {}): Container => ({
  Names: ['/other'],
  Labels: labels,
  Ports: [{}, { PublicPort: port }],
});
const ours = { [LABEL.partOf]: 'shop-dev', [LABEL.component]: 'gateway' };

let server: Server;
let used: number;
let before: string | undefined;
beforeAll(async () => {
  before = process.env['DOCKER_HOST'];
  delete process.env['DOCKER_HOST'];
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  used = (server.address() as AddressInfo).port;
});
afterEach(() => delete process.env['DOCKER_HOST']);
afterAll(() => {
  if (before !== undefined) process.env['DOCKER_HOST'] = before;
  server.close();
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe("the gateway's port", () => {
  it('may be free', async () =>
    await expect(checkGatewayPort(engine(), 'shop-dev', await freePort())).resolves.toBeUndefined());

  it('in use by another program is an error that says how to choose another', async () => {
    const failure = checkGatewayPort(engine(), 'shop-dev', used);
    await expect(failure).rejects.toThrow(EngineError);
    await expect(failure).rejects.toThrow(
      `port ${used} of 127.0.0.1, where the gateway is to answer, is in use by another program. Stop it, or choose another with: npx pulumi config set --stack NAME gatewayPort PORT`,
    );
  });

  it('in use by a container is an error that names it', async () => {
    await expect(checkGatewayPort(engine([container(used)]), 'shop-dev', used)).rejects.toThrow(
      /in use by container other\./,
    );
    await expect(
      checkGatewayPort(engine([container(used, { ...ours, [LABEL.partOf]: 'shop-pr' })]), 'shop-dev', used),
    ).rejects.toThrow(/in use by container other\./);
    await expect(
      checkGatewayPort(engine([container(used, { ...ours, [LABEL.component]: 'load-balancer' })]), 'shop-dev', used),
    ).rejects.toThrow(EngineError);
  });

  it('in use by our own gateway is no error', async () =>
    await expect(checkGatewayPort(engine([container(used, ours)]), 'shop-dev', used)).resolves.toBeUndefined());

  it('that is not configured follows from the stack', async () => {
    const asked: unknown[] = [];
    await checkGatewayPort(engine([container(defaultGatewayPort('shop-dev'), ours)], asked), 'shop-dev', undefined);
    expect(asked).toEqual([{ filters: { publish: [String(defaultGatewayPort('shop-dev'))] } }]);
  });

  it('is looked for on this machine only if the engine is on it', async () => {
    process.env['DOCKER_HOST'] = 'tcp://elsewhere:2375';
    await expect(checkGatewayPort(engine(), 'shop-dev', used)).resolves.toBeUndefined();
    process.env['DOCKER_HOST'] = 'unix:///var/run/docker.sock';
    await expect(checkGatewayPort(engine(), 'shop-dev', used)).rejects.toThrow(EngineError);
  });
});
