import { PROBE, PROXY_FOLDER } from '../../../components/docker/proxy-scripts';
import { runningFixture } from './fixture';
import type { Stack } from './stack';
import { target } from './target';

/** `timeout` of echo; the others have the default. */
export const TIMEOUT_SECONDS = 2;
export const HOST = 'shop.example.com';

const PATCH = {
  services: {
    echo: { timeout: `${TIMEOUT_SECONDS}s` },
    caller: { env: { VERSION: 'caller' } },
    keeper: { env: { VERSION: 'keeper' } },
  },
  gateway: {
    routes: [
      { path: '/', to: 'echo' },
      { path: '/call', to: 'caller' },
      { path: '/other', to: 'caller' },
      { path: '/extra', to: 'keeper' },
      { host: HOST, path: '/', to: 'keeper' },
    ],
  },
};

/** The fixture as the tests of single requests need it: /other leads to caller, /extra and a host to keeper. */
export function trafficFixture(): Promise<{ stack: Stack; url: string }> {
  return runningFixture({ 'fixture:patch': JSON.stringify(PATCH) });
}

/** One line of a proxy's log. */
export interface ProxyLine {
  service: string;
  replica?: string;
  status: number;
  cause: string;
  method?: string;
  path?: string;
}

/** What the proxies of a member have logged of requests. */
export async function proxyLines(scope: string, component: 'gateway' | 'load-balancer'): Promise<ProxyLine[]> {
  const proxies = (await target.containers(scope)).filter((one) => one.running && one.component === component);
  const texts = await Promise.all(proxies.map(({ id }) => target.logs(id)));
  return texts
    .flatMap((text) => text.split('\n'))
    .map((line) => line.slice(line.indexOf('{')))
    .filter((line) => line.startsWith('{') && line.includes('"cause"'))
    .map((line) => JSON.parse(line) as ProxyLine);
}

/** How many lines a member's proxy gave up to write: HAProxy never waits for its log, and two threads may write at once. */
export async function droppedLines(scope: string, member: string): Promise<number> {
  if (target.name === 'kubernetes') return 0;
  const [config] = (await target.containers(scope)).filter(
    ({ running, component, service }) => running && component === 'proxy-config' && service === member,
  );
  const { output } = await target.exec(config!.id, [PROBE, 'send', `${PROXY_FOLDER}/admin.sock`, 'show info']);
  return Number(/^DroppedLogs: (\d+)$/m.exec(output)![1]);
}
