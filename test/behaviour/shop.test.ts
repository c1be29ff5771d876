import { fullStrength, target } from './support/target';
import { FULL, REQUESTS } from './support/environment';
import { underLoad, type LoadResult } from './support/load';
import { expectNoneLost, report, reportLoad } from './support/report';
import {
  customer,
  endlessProduct,
  placedOrders,
  shop,
  silentTransaction,
  visitorShot,
  type Shop,
} from './support/shop';
import { sleep } from './support/wait';

const STATELESS = ['frontend', 'user', 'product', 'order'];
/** Replicas of Java start beside these, which takes minutes where the load leaves no processor for it. */
const DURING_UPDATES = FULL ? {} : { rate: 50, requests: 1_000 };
let it_: Shop;

beforeAll(async () => {
  it_ = await shop();
});

interface VisitOptions {
  rate?: number;
  requests?: number;
  keyed?: boolean;
  onePostIn?: number;
}

/** Visitors come while something happens; every order that was confirmed must be there, and none twice. */
async function visitors(
  scenario: () => Promise<void>,
  { rate = 800, requests = REQUESTS, ...options }: VisitOptions = {},
): Promise<{ result: LoadResult; orders: number; confirmed: number }> {
  const who = await customer(it_.url);
  const shot = visitorShot(who, await endlessProduct(it_.url), options);
  const result = await underLoad({ url: it_.url, shot, requests, rate, maxTime: 580_000 }, scenario);
  const posts = Object.entries(result.byKind).filter(([kind]) => kind.startsWith('POST'));
  const confirmed = posts.reduce((sum, [, kind]) => sum + kind.requests - kind.failed, 0);
  // What no repeat has finished stays pending for a quarter of an hour, in case its customer comes back; it is no order.
  await sleep(2_000);
  const { orders, unfinished } = await placedOrders(it_.scope, who.id);
  expect(unfinished).toBeLessThanOrEqual(result.failed);
  return { result, orders, confirmed };
}

describe('the shop as it is', () => {
  it.each([[[]], [['--refresh']]])('has nothing to change: preview %j', async (args: string[]) => {
    const { code, output } = await it_.stack.preview({}, [...args, '--expect-no-changes']);
    if (code !== 0) throw new Error(output);
  });

  it.each(['user', 'product'])('starts %s with the classes that its image has in an archive', async (name) => {
    const [replica] = await target.replicas(it_.scope, name);
    const { output } = await target.exec(replica!.id, ['sh', '-c', 'cat /proc/[0-9]*/maps']);
    expect(output).toMatch(/ \/service\/service\.jsa$/m);
  });
});

describe('visitors of the shop lose no request and no order', () => {
  it('when every stateless service is updated', async () => {
    const { result, orders, confirmed } = await visitors(async () => {
      await it_.stack.mustUp({ 'shop:revision': `behaviour ${Date.now()}` });
    }, DURING_UPDATES);
    expectNoneLost(`shop: update of ${STATELESS.join(', ')}`, result, `${orders} orders`);
    expect(orders).toBe(confirmed);
  });

  it('when the product service is scaled from 2 to 5 and back', async () => {
    const { result, orders, confirmed } = await visitors(async () => {
      await it_.stack.mustUp({ 'shop:replicas': { product: 5 } });
      await fullStrength(it_.scope, 'product', 5);
      await it_.stack.mustUp({ 'shop:replicas': { product: 2 } });
      await fullStrength(it_.scope, 'product', 2);
    }, DURING_UPDATES);
    expectNoneLost('shop: scale 2→5→2', result, `${orders} orders`);
    expect(orders).toBe(confirmed);
  });

  it.each([
    ['killed', 'user', (id: string) => target.kill(id)],
    ['killed', 'order', (id: string) => target.kill(id)],
    ['hung', 'product', (id: string) => target.freeze(id)],
  ])('when a replica is %s: %s', async (fault, service, hurt) => {
    const [victim] = await target.replicas(it_.scope, service);
    const { result, orders, confirmed } = await visitors(async () => {
      await sleep(1_000);
      await hurt(victim!.id);
      await fullStrength(it_.scope, service, 2, { without: [victim!.id] });
    });
    expectNoneLost(`shop: ${service} ${fault}`, result, `${orders} orders`);
    expect(orders).toBe(confirmed);
  });
});

describe('a replica that hangs in the middle of a transaction', () => {
  it('keeps its locks no longer than others can wait', async () => {
    let ended = '';
    const { result, orders, confirmed } = await visitors(async () => {
      await sleep(1_000);
      // What every order needs to change, by somebody who then says nothing.
      ended = await silentTransaction(it_, `update products.products set stock = stock where stock > 1000000`, 12);
    });
    expectNoneLost('shop: silent transaction', result, `${orders} orders`);
    expect(orders).toBe(confirmed);
    expect(ended).toContain('idle-in-transaction timeout');
  });
});

describe('orders without an Idempotency-Key', () => {
  it.each([
    ['killed', (id: string) => target.kill(id)],
    ['hung', (id: string) => target.freeze(id)],
  ])('are never doubled, and at most those in flight are lost: a replica is %s', async (fault, hurt) => {
    const [victim] = await target.replicas(it_.scope, 'order');
    const { result, orders, confirmed } = await visitors(
      async () => {
        await sleep(1_000);
        await hurt(victim!.id);
        await fullStrength(it_.scope, 'order', 2, { without: [victim!.id] });
      },
      { keyed: false, onePostIn: 2 },
    );
    reportLoad(`shop: orders without key, order service ${fault}`, result, `${confirmed} confirmed, ${orders} kept`);
    expect(result.failed).toBeLessThanOrEqual(result.workers);
    expect(orders).toBeGreaterThanOrEqual(confirmed);
    expect(orders).toBeLessThanOrEqual(confirmed + result.failed);
  });
});

describe('the database', () => {
  it('is stopped before the new one starts: an outage, but no order is lost or doubled', async () => {
    const { result, orders, confirmed } = await visitors(async () => {
      await sleep(1_000);
      await target.restart(it_.scope, 'database');
      await fullStrength(it_.scope, 'database', 1);
    });
    const outage = (result.lastFailure ?? 0) - (result.firstFailure ?? 0);
    report({
      name: 'shop: update of the database',
      requests: result.requests,
      failed: result.failed,
      p99: result.latency.p99,
      note: `outage ${outage} ms, ${confirmed} orders confirmed, ${orders} kept`,
    });
    expect(orders).toBeGreaterThanOrEqual(confirmed);
    expect(orders).toBeLessThanOrEqual(confirmed + result.failed);
    for (const service of STATELESS) expect(await target.replicas(it_.scope, service)).toHaveLength(2);
  });
});
