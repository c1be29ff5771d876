import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { isLoopback, whyNoAnswer, withoutReplicas } from './answers.mjs';

/** Asks a server that gives these statuses, the last one for ever. */
async function asked(statuses, timeout = 0) {
  const left = [...statuses];
  const server = createServer((_, response) => {
    response.statusCode = left.length > 1 ? left.shift() : left[0];
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await whyNoAnswer(`http://127.0.0.1:${server.address().port}/`, { timeout, poll: 10 });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('any answer of the application counts, an error of the server does not', async () => {
  for (const status of [200, 301, 404]) assert.equal(await asked([status]), undefined);
  assert.equal(await asked([503]), 'it answers with status 503');
});

test('it has time to answer', async () => assert.equal(await asked([503, 503, 200], 5_000), undefined));

test('a service may be configured to have no replica', () =>
  assert.deepEqual(
    withoutReplicas({ a: { replicas: 0 }, b: { replicas: 2 }, c: { replicas: { min: 0, max: 2 } }, d: {} }),
    ['a', 'c'],
  ));

test('nobody listens', async () =>
  assert.match(await whyNoAnswer('http://127.0.0.1:1/', { timeout: 0 }), /ECONNREFUSED|bad port/));

test('what is on this machine', () => {
  for (const url of ['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:80/'])
    assert.equal(isLoopback(url), true);
  for (const url of ['http://shop.example', 'http://10.0.0.1', 'http://127.0.0.1.example'])
    assert.equal(isLoopback(url), false);
});
