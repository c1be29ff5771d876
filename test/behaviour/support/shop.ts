import { randomUUID } from 'node:crypto';
import { ONE_POST_IN, root } from './environment';
import { target, type Ended } from './target';
import type { Answer, Shot } from './load';
import { Stack } from './stack';
import { waitFor } from './wait';

/** The stack that the tests use: the one that `npm run up` makes. */
export const shopStack = new Stack('shop', process.env['E2E_STACK'] ?? target.shopStack, root);

export interface Shop {
  stack: Stack;
  url: string;
  /** Prefix of everything that belongs to it on the engine. */
  scope: string;
}

/** Deploys the shop, unless it is as it should be, and waits until it answers. */
export async function shop(stack = shopStack, config: Record<string, unknown> = {}): Promise<Shop> {
  await stack.mustUp(config);
  const { url, application } = await stack.outputs<{ url: string; application: string }>();
  await waitFor('the shop to answer', async () => (await fetch(`${url}/api/products`)).ok);
  return { stack, url, scope: application };
}

export interface Customer {
  id: string;
  email: string;
  password: string;
  token: string;
}

/** Registers a customer of its own for a test. */
export async function customer(url: string): Promise<Customer> {
  const email = `${randomUUID()}@behaviour.test`;
  const password = `pass-${randomUUID()}`;
  await post(`${url}/api/users`, { email, name: 'Behaviour Test', password }, 201);
  const { token, user } = (await post(`${url}/api/sessions`, { email, password })) as {
    token: string;
    user: { id: string };
  };
  return { id: user.id, email, password, token };
}

async function post(url: string, body: unknown, status?: number): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (status === undefined ? !response.ok : response.status !== status)
    throw new Error(`POST ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** Id of the product that never sells out. */
export async function endlessProduct(url: string): Promise<string> {
  const response = await fetch(`${url}/api/products?search=gift%20card`);
  const { products } = (await response.json()) as { products: { id: string; name: string; stock: number }[] };
  const product = products.find(({ stock }) => stock > 1_000_000);
  if (!product) throw new Error('the shop has no gift card');
  return product.id;
}

/** The mix of a shop's visitors: pages, the catalogue, profiles and orders, and one POST in so many requests. */
export function visitorShot({ token }: Customer, productId: string, { keyed = true, onePostIn = ONE_POST_IN } = {}) {
  const run = randomUUID();
  const authorization = `Bearer ${token}`;
  const order = JSON.stringify({ items: [{ productId, quantity: 1 }] });
  const reads = [
    { path: '/', has: '<html', headers: {} },
    { path: '/api/products?search=gift', has: productId, headers: {} },
    { path: '/api/users/me', has: '@behaviour.test', headers: { authorization } },
    { path: '/api/orders?limit=1', has: '"orders"', headers: { authorization } },
  ];
  return (n: number): Shot => {
    if (n % onePostIn === 0) {
      return {
        kind: `POST /api/orders${keyed ? ' keyed' : ''}`,
        method: 'POST',
        path: '/api/orders',
        headers: {
          authorization,
          'content-type': 'application/json',
          ...(keyed ? { 'idempotency-key': `${run}-${n}` } : {}),
        },
        body: order,
        verify: (answer) => verify(answer, 201, productId),
      };
    }
    const read = reads[n % reads.length]!;
    return {
      kind: `GET ${read.path}`,
      method: 'GET',
      path: read.path,
      headers: read.headers,
      verify: (answer) => verify(answer, 200, read.has),
    };
  };
}

function verify({ status, body }: Answer, wanted: number, has: string): string | undefined {
  if (status !== wanted) return `status ${status}`;
  return body.includes(has) ? undefined : `a body without ${has}`;
}

/** Orders of a customer that are placed, straight from the database: all, and how many different ones. */
export async function placedOrders(
  scope: string,
  userId: string,
): Promise<{ orders: number; keys: number; unfinished: number }> {
  const query = `select count(*) filter (where status = 'placed'), count(distinct idempotency_key) filter (where status = 'placed'), count(*) filter (where status in ('pending', 'cancelling')) from orders.orders where user_id = '${userId}'`;
  const output = await sql(scope, query);
  const [orders, keys, unfinished] = output.split(' ').map(Number);
  if (orders === undefined || keys === undefined || unfinished === undefined) throw new Error(output);
  return { orders, keys, unfinished };
}

/** Runs statements as the database's owner; returns what they print, with a space between columns. */
export async function sql(scope: string, statements: string, options: { timeout?: number } = {}): Promise<string> {
  const psql = 'exec psql -h 127.0.0.1 -U postgres -d shop -qtAF " " -v ON_ERROR_STOP=1 -c "$0"';
  const script = `export PGPASSWORD="$(cat /run/secrets/postgres-password)"; ${psql}`;
  const { code, output } = await inDatabase(scope, ['sh', '-c', script, statements], options);
  if (code !== 0) throw new Error(output);
  return output.trim();
}

/**
 * Begins a transaction as the product service does, and says nothing for so many seconds.
 *
 * @returns what the database said.
 */
export async function silentTransaction({ scope }: Shop, statement: string, seconds: number): Promise<string> {
  const password = (await target.secretsOf(scope, 'product')).get('database-password');
  if (password === undefined) throw new Error('the product service has no password for the database');
  const script =
    '{ printf "begin; %s;\\n" "$0"; sleep "$1"; echo "commit;"; } |' +
    ' PGPASSWORD="$2" exec psql -h 127.0.0.1 -U product_service -d shop 2>&1';
  const words = ['sh', '-c', script, statement, String(seconds), password];
  return (await inDatabase(scope, words, { timeout: (seconds + 10) * 1_000 })).output;
}

/** Runs a command where the database runs. */
export async function inDatabase(scope: string, command: string[], options: { timeout?: number } = {}): Promise<Ended> {
  const [database] = await target.replicas(scope, 'database');
  if (!database) throw new Error('the database has no replica');
  return target.exec(database.id, command, options);
}
