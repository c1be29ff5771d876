import { ECHO } from './fixture/definition';
import { REQUESTS } from './support/environment';
import { echoShot, runningFixture } from './support/fixture';
import { fixtureImage } from './support/fixture-image';
import { underLoad } from './support/load';
import { expectNoneLost } from './support/report';
import type { Stack } from './support/stack';
import { target } from './support/target';

let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture());
});
afterAll(async () => {
  await stack.mustUp({ 'fixture:patch': '{}' });
});

/** Deploys under load over the gateway to `caller`, and from there over a load balancer. */
async function update(name: string, patch: object): Promise<void> {
  const config = { 'fixture:patch': JSON.stringify(patch) };
  const shot = echoShot({ path: '/call', nested: true });
  const result = await underLoad({ url, shot, requests: REQUESTS }, async () => {
    await stack.mustUp(config);
  });
  expectNoneLost(name, result);
  const { code, output } = await stack.preview(config, ['--expect-no-changes']);
  expect({ code, output }).toMatchObject({ code: 0 });
}

const mirror = async () => ({
  image: await target.published(await fixtureImage()),
  port: 8080,
  replicas: 2,
  resources: { cpu: { request: 0.05, limit: ECHO.cpu }, memory: `${ECHO.memoryMiB}Mi` },
  alive: { http: { path: '/healthz' }, interval: '1s', timeout: '1s' },
  ready: { http: { path: '/readyz' }, interval: '500ms', timeout: '1s' },
  monitor: '3s',
});
const routes = (to: string) => ({
  gateway: {
    routes: [
      { path: '/', to },
      { path: '/call', to: 'caller' },
    ],
  },
});

describe('ways between services are there before what needs them, and until it has gone', () => {
  it('when a microservice is renamed together with those that call it', async () => {
    const renamed = {
      services: { echo: null, mirror: await mirror(), caller: { env: { CALLEE: 'mirror' }, calls: ['mirror'] } },
      ...routes('mirror'),
    };
    await update('echo is renamed to mirror', renamed);
    await update('mirror is renamed to echo', {});
  });

  it('when a microservice no longer calls another, in its code and in its definition at once', async () => {
    await update('caller calls keeper as well', {
      services: { caller: { env: { X: '1' }, calls: ['echo', 'keeper'] } },
    });
    await update('caller calls echo only', { services: { caller: { env: { X: '2' }, calls: ['echo'] } } });
  });
});
