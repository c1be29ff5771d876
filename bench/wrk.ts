import { command } from '../test/behaviour/support/command';
import { engine, exec, TEST_LABEL } from '../test/behaviour/support/engine';
import { baseImage } from '../test/behaviour/support/environment';

const IMAGE = 'bench-wrk:debian';
/** A request that takes longer counts as failed. */
const TIMEOUT_SECONDS = 10;
const MILLISECONDS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000 };

export interface Load {
  connections: number;
  seconds: number;
}

/** What `wrk` has seen of one subject. */
export interface Seen {
  requests: number;
  perSecond: number;
  p99: number;
}

/** `wrk` in a container of its own: it must sit in the same networks as what it loads. */
export class Wrk {
  private constructor(private readonly container: string) {}

  static async start(networks: string[]): Promise<Wrk> {
    await image();
    const container = await engine.createContainer({
      Image: IMAGE,
      Entrypoint: ['sleep', 'infinity'],
      Labels: { [TEST_LABEL]: 'wrk' },
      HostConfig: { NetworkMode: networks[0]!, Init: true },
    });
    for (const network of networks.slice(1)) await engine.getNetwork(network).connect({ Container: container.id });
    await container.start();
    return new Wrk(container.id);
  }

  async load(url: string, { connections, seconds }: Load): Promise<Seen> {
    const size = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`];
    const { code, output } = await exec(
      this.container,
      ['wrk', ...size, '--timeout', `${TIMEOUT_SECONDS}s`, '--latency', url],
      { timeout: (seconds + 3 * TIMEOUT_SECONDS) * 1_000 },
    );
    if (code !== 0) throw new Error(output);
    return parseWrk(output);
  }

  async remove(): Promise<void> {
    await engine.getContainer(this.container).remove({ force: true });
  }
}

/** @throws when a request has failed: figures of errors say nothing. */
export function parseWrk(output: string): Seen {
  const requests = Number(/(\d+) requests in /.exec(output)?.[1]);
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
  const [, amount, unit] = /99%\s+([\d.]+)(us|ms|s)\b/.exec(output) ?? [];
  if (!requests || !perSecond || unit === undefined || /Non-2xx|Socket errors/.test(output)) throw new Error(output);
  return { requests, perSecond, p99: Number(amount) * MILLISECONDS[unit]! };
}

async function image(): Promise<void> {
  if ((await command('docker', ['image', 'inspect', IMAGE])).code === 0) return;
  const recipe = `FROM ${baseImage('debian:trixie-slim')}\nUSER root\nRUN apt-get update && apt-get install -y --no-install-recommends wrk`;
  const built = await command('sh', ['-c', `printf '%s\\n' "$RECIPE" | docker build --network host --tag ${IMAGE} -`], {
    env: { RECIPE: recipe },
  });
  if (built.code !== 0) throw new Error(built.output);
}
