import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engine } from './support/engine';
import { report } from './support/report';
import { customer, endlessProduct, placedOrders, shop } from './support/shop';
import { command } from './support/command';
import { fullStrength } from './support/target';
import { sleep, waitFor } from './support/wait';

/** Set by `npm run e2e -- --engine`: the tests have an engine of their own. */
const ownEngine = process.env['E2E_ENGINE'] !== undefined;
// It stops the engine of the machine for everybody, so there it runs only when asked for.
const asked = ownEngine || process.env['E2E_ENGINE_RESTART'] === '1';

(asked ? describe : describe.skip)('after the engine was stopped and started', () => {
  it('the shop comes back by itself, with its data', async () => {
    const { url, scope } = await shop();
    const who = await customer(url);
    const productId = await endlessProduct(url);
    const placed = await fetch(`${url}/api/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${who.token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({ items: [{ productId, quantity: 1 }] }),
    });
    expect(placed.status).toBe(201);

    const began = performance.now();
    await restart();
    await waitFor('the engine', () => engine.ping().then(() => true), { timeout: 120_000 });
    await waitFor('the shop to answer', async () => (await fetch(`${url}/api/products`)).ok, {
      timeout: 300_000,
      every: 250,
    });
    const took = Math.round((performance.now() - began) / 1_000);
    for (const service of ['user', 'product', 'order', 'frontend'])
      await fullStrength(scope, service, 2, { timeout: 180_000 });
    // Replicas are healthy before their load balancers have found them again.
    await waitFor(
      'the customer to see the orders',
      async () => (await fetch(`${url}/api/orders`, { headers: { authorization: `Bearer ${who.token}` } })).ok,
    );
    expect(await placedOrders(scope, who.id)).toMatchObject({ orders: 1, keys: 1 });
    report({ name: 'engine restart', note: `the shop answered ${took} s after the stop` });
  });
});

/** Through systemd where it runs the engine; else the way set-up starts it: the same program with the same arguments. */
async function restart(): Promise<void> {
  if (ownEngine) return stop(engineOfOurNetwork()); // its container starts it again
  if ((await command('systemctl', ['is-active', 'docker']).catch(() => ({ code: 1 }))).code === 0) {
    expect((await command('systemctl', ['restart', 'docker'])).code).toBe(0);
    return;
  }
  const pid = Number(readFileSync('/var/run/docker.pid', 'utf8'));
  const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  await stop(pid);
  await sleep(1_000);
  const log = openSync(join(tmpdir(), 'behaviour-dockerd.log'), 'a');
  spawn(program!, args, { detached: true, stdio: ['ignore', log, log] }).unref();
  closeSync(log);
}

async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  await waitFor('the engine to stop', async () => !alive(pid), { timeout: 120_000 });
}

function engineOfOurNetwork(): number {
  const network = (pid: string) => readlinkSync(`/proc/${pid}/ns/net`);
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'dockerd' && network(pid) === network('self');
      } catch {
        return false; // it has ended
      }
    });
  if (found === undefined) throw new Error('no dockerd runs in the network of the tests');
  return Number(found);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
