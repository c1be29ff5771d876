import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command';
import { helper } from './engine';
import { pythonImage, root } from './environment';
import { fixtureStack } from './fixture';
import { report } from './report';
import type { Stack } from './stack';
import { fullStrength, target, type Ended, type Replica } from './target';

/** Calls that ended, and those that failed, by kind. */
export interface CallLoad {
  done: Record<string, number>;
  failed: Record<string, number>;
  /** Seconds since the load began, of the first ones. */
  failedAt: number[];
  seconds: number;
}

const KINDS = ['unary', 'keyed', 'stream', 'chat'];
const folder = join(root, 'test', 'behaviour', 'fixture', 'grpc');

/** Builds the image of server and client if their files have changed. */
export async function grpcImage(): Promise<string> {
  const hash = createHash('sha256').update(pythonImage());
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  const image = `behaviour-grpc:${hash.digest('hex').slice(0, 12)}`;
  if ((await command('docker', ['image', 'inspect', image])).code === 0) return image;
  // The host's network: build steps reach the package registry by it on every machine.
  const args = ['build', '--network', 'host', '--build-arg', `BASE=${pythonImage()}`, '--tag', image, folder];
  const built = await command('docker', args);
  if (built.code !== 0) throw new Error(`cannot build the image of the gRPC fixture:\n${built.output}`);
  return image;
}

/** Times that the tests compare what they measure with. */
export const RPC = { replicas: 3, timeoutMs: 4_000, idleTimeoutMs: 8_000 } as const;

/** What differs from one deployment to the next. */
export interface Change {
  version: string;
  /** @default RPC.replicas */
  replicas?: number;
  /**
   * What the gateway leads to beside the service: the same one by another path, or another one.
   * @default - nothing
   */
  extra?: 'route' | 'service';
}

/** A gRPC service behind the gateway, and one that calls it, in the place of the fixture's own services. */
function definition(image: string, { version, replicas = RPC.replicas, extra }: Change): object {
  const common = {
    image,
    port: 8080,
    protocol: 'grpc',
    resources: { cpu: { request: 0.05, limit: 0.5 }, memory: '128Mi' },
    monitor: '2s',
    ready: { grpc: {}, interval: '500ms', timeout: '1s', failures: 2 },
  };
  return {
    services: {
      echo: null,
      caller: null,
      keeper: null,
      rpc: {
        ...common,
        replicas,
        timeout: `${RPC.timeoutMs}ms`,
        idleTimeout: `${RPC.idleTimeoutMs}ms`,
        stopGrace: '15s',
        env: { VERSION: version, DRAIN: '12' },
        alive: { grpc: { service: 'liveness' }, interval: '1s', timeout: '1s', failures: 3 },
      },
      client: { ...common, replicas: 1, calls: ['rpc'] },
      ...(extra === 'service' ? { other: { ...common, replicas: 1 } } : {}),
    },
    gateway: {
      routes: [
        { path: '/', to: 'rpc' },
        ...(extra === undefined ? [] : [{ path: '/other.Service', to: extra === 'route' ? 'rpc' : 'other' }]),
      ],
    },
  };
}

/** The gRPC fixture as it runs. */
export class GrpcFixture {
  private constructor(
    readonly stack: Stack,
    private readonly image: string,
  ) {}

  static async running(): Promise<GrpcFixture> {
    const fixture = new GrpcFixture(await fixtureStack('grpc'), await grpcImage());
    await fixture.deploy({ version: '1' });
    await fullStrength(fixture.stack.scope, 'rpc', RPC.replicas);
    await fullStrength(fixture.stack.scope, 'client', 1);
    return fixture;
  }

  async deploy(change: Change): Promise<void> {
    const patch = JSON.stringify(definition(await target.published(this.image), change));
    await this.stack.mustUp({ 'fixture:patch': patch });
  }

  /** @returns a replica that has at least so many streams now. */
  async withStreams(least: number): Promise<Replica | undefined> {
    for (const replica of await target.replicas(this.stack.scope, 'rpc')) {
      const answer = await target.exec(replica.id, ['python3', 'client.py', 'localhost:8080', 'streams']);
      if ((parsed(answer) as number) >= least) return replica;
    }
    return undefined;
  }

  /** Runs a case of client.py on this machine, through the gateway. */
  async throughGateway<T>(words: string[], timeout = 60_000): Promise<T> {
    const { host } = new URL(await this.stack.url());
    const command = ['python3', 'client.py', host, ...words];
    return parsed(await helper(command, { NetworkMode: 'host' }, { image: this.image, timeout })) as T;
  }

  /** Runs a case of client.py inside the service that calls the other one. */
  async fromService<T>(words: string[], timeout = 60_000): Promise<T> {
    const [client] = await target.replicas(this.stack.scope, 'client');
    return parsed(await target.exec(client!.id, ['python3', 'client.py', 'rpc:8080', ...words], { timeout })) as T;
  }
}

function parsed({ code, output }: Ended): unknown {
  if (code !== 0) throw new Error(`client.py ended with code ${code}:\n${output}`);
  return JSON.parse(output.trim().split('\n').at(-1)!) as unknown;
}

export function expectNoCallLost(name: string, { done, failed, failedAt }: CallLoad): void {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, count) => all + count, 0);
  report({ name, requests: sum(done), failed: sum(failed), note: JSON.stringify(done) });
  expect({ failed, failedAt }).toEqual({ failed: {}, failedAt: [] });
  for (const kind of KINDS) expect(done[kind]).toBeGreaterThan(0);
}
