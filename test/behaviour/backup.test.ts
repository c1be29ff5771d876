import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { command, type CommandResult } from './support/command';
import { root } from './support/environment';
import { report } from './support/report';
import { customer, endlessProduct, inDatabase, shop, sql, type Customer, type Shop } from './support/shop';
import { target } from './support/target';
import { waitFor } from './support/wait';

let it_: Shop;
let product: string;

beforeAll(async () => {
  it_ = await shop();
  product = await endlessProduct(it_.url);
});

/** The command of an operator. */
const operator = (script: 'backup' | 'restore', ...args: string[]) =>
  command('node', [join(root, 'scripts', `${script}.mjs`), ...args, '--stack', it_.stack.name]);

async function backup(): Promise<{ name: string; seconds: number }> {
  const { code, output, seconds } = await operator('backup');
  const name = /Made the backup (\S+)\./.exec(output)?.[1];
  if (code !== 0 || name === undefined) throw new Error(output);
  return { name, seconds };
}

function must(result: CommandResult): CommandResult {
  if (result.code !== 0) throw new Error(result.output);
  return result;
}

async function noChange(): Promise<void> {
  must(await it_.stack.preview({}, ['--expect-no-changes']));
}

async function order({ token }: Customer): Promise<number> {
  const { status } = await fetch(`${it_.url}/api/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ items: [{ productId: product, quantity: 1 }] }),
  });
  return status;
}

async function orderIds({ token }: Customer): Promise<string[]> {
  const response = await fetch(`${it_.url}/api/orders?limit=100`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return ((await response.json()) as { orders: { id: string }[] }).orders.map(({ id }) => id);
}

async function signIn({ email, password }: Customer): Promise<number> {
  const { status } = await fetch(`${it_.url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  return status;
}

const TABLES = [
  'users.users',
  'products.products',
  'products.reservations',
  'orders.orders',
  'public.schema_migrations',
];

/** Every row of every table, as one line a table. */
function contents(tables = TABLES): Promise<string> {
  const one = (table: string) =>
    `select '${table}', count(*), md5(coalesce(string_agg(t::text, ',' order by t::text), '')) from ${table} t`;
  return sql(it_.scope, tables.map(one).join(' union all '));
}

it('brings back exactly what there was, whatever has happened to the database since', async () => {
  const early = await customer(it_.url);
  for (let n = 0; n < 3; n++) expect(await order(early)).toBe(201);
  const [ids, before] = [await orderIds(early), await contents()];
  expect(ids).toHaveLength(3);

  const { name, seconds } = await backup();
  await noChange();
  expect((await backup()).name).not.toBe(name);
  await noChange();

  const late = await customer(it_.url);
  for (const who of [early, late]) expect(await order(who)).toBe(201);
  await sql(
    it_.scope,
    'drop schema orders cascade; delete from users.users; create schema later; create table later.t ()',
  );
  await expect(orderIds(early)).rejects.toThrow('status');
  const damaged = await contents(TABLES.filter((table) => table !== 'orders.orders'));

  const unknown = await operator('restore', 'no-such-backup');
  expect(unknown.code).not.toBe(0);
  expect(unknown.output).toMatch(
    new RegExp(`there is no backup .{0,2}no-such-backup.{0,2}; there are, the newest first: .*${name}`),
  );
  expect(await contents(TABLES.filter((table) => table !== 'orders.orders'))).toBe(damaged);

  const restored = must(await operator('restore', name));
  expect(await contents()).toBe(before);
  expect(await sql(it_.scope, "select to_regclass('later.t') is null")).toBe('t');
  await waitFor('the shop to answer', async () => (await signIn(early)) === 201);
  expect(await orderIds(early)).toEqual(ids);
  expect(await signIn(late)).toBe(401);
  expect(await order(early)).toBe(201);
  expect(await orderIds(early)).toHaveLength(4);
  expect(await order(await customer(it_.url))).toBe(201);
  await noChange();
  const rows = before.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '));
  report({
    name: 'backup and restore',
    note: `${seconds.toFixed(0)} s and ${restored.seconds.toFixed(0)} s; ${rows.join(', ')}`,
  });
});

it('a request that was carried out is not carried out again, or new orders would be lost', async () => {
  const who = await customer(it_.url);
  const { name } = await backup();
  const request = { 'shop:restore': `${name}@${Date.now()}` };
  await it_.stack.mustUp(request);
  expect(await order(who)).toBe(201);
  const after = await contents();
  // The job is another one each time, and runs.
  await it_.stack.mustUp();
  await it_.stack.mustUp(request);
  expect(await contents()).toBe(after);
  expect(await orderIds(who)).toHaveLength(1);
  await it_.stack.mustUp();
});

it('one that fails ends `up` with the reason, before what uses the database is updated', async () => {
  const orders = async () => (await target.replicas(it_.scope, 'order')).map(({ id }) => id).sort();
  const before = await orders();
  // Another one each time: an engine goes on trying until the job is removed, which may be after the lock is gone.
  const name = `never-${Date.now()}`;
  const lock = "set application_name = 'behaviour'; begin; lock table orders.orders; select pg_sleep(400)";
  const holding = sql(it_.scope, lock, { timeout: 450_000 }).catch(() => undefined);
  const held =
    "select count(*) > 0 from pg_locks where mode = 'AccessExclusiveLock' and relation = 'orders.orders'::regclass";
  await waitFor('the lock', async () => (await sql(it_.scope, held)) === 't');
  try {
    const { output } = await it_.stack.mustNotUp({
      'shop:backup': name,
      'shop:revision': `behaviour ${Date.now()}`,
    });
    expect(output).toContain('LOCK TABLE orders.orders');
    expect(output).toContain(`backup ${name} was not made: pg_dump failed`);
    expect(await orders()).toEqual(before);
  } finally {
    await sql(
      it_.scope,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'behaviour' and query like '%pg_sleep(400)%' and pid <> pg_backend_pid()",
    );
    await holding;
    await it_.stack.mustUp();
  }
  await noChange();
});

it('keeps the newest only, and does not restore one that is damaged', async () => {
  const script = `
    set -e
    export BACKUP_DIR=/tmp/backups SECRETS_DIR=/tmp/secrets DATABASE_HOST=127.0.0.1 KEEP=2
    trap 'rm -rf /tmp/backups /tmp/secrets' EXIT
    mkdir -p $BACKUP_DIR $SECRETS_DIR
    for name in postgres user product order; do cp /run/secrets/postgres-password $SECRETS_DIR/$name-password; done
    for name in first second third; do backup $name; done
    ls $BACKUP_DIR
    size=$(stat --format=%s $BACKUP_DIR/third.dump)
    truncate --size=$((size * 9 / 10)) $BACKUP_DIR/third.dump
    if restore latest@1; then exit 1; fi`;
  const before = await contents();
  const { code, output } = await inDatabase(it_.scope, ['sh', '-c', script], { timeout: 120_000 });
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toMatch(/\nsecond\.dump\s+third\.dump\n/);
  expect(output).toContain('backup third is damaged; nothing was changed');
  expect(await contents()).toBe(before);
});
