import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { servesKubelets } from './runtime.mjs';

const folder = mkdtempSync(join(tmpdir(), 'runtime-'));
const socket = join(folder, 'runtime.sock');

/** Whether a runtime serves kubelets whose every call is answered so. */
async function asked(answer) {
  const server = createServer();
  server.on('stream', answer);
  await new Promise((resolve) => server.listen(socket, resolve));
  try {
    return await servesKubelets(socket);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test.after(() => rmSync(folder, { recursive: true, force: true }));

test('a runtime that answers serves kubelets', async () => {
  const paths = [];
  const served = await asked((stream, headers) => {
    paths.push(headers[':path']);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.alloc(5));
  });
  assert.equal(served, true);
  assert.deepEqual(paths, ['/runtime.v1.RuntimeService/Version']);
});

test('one that is not initialized does not', async () => {
  const served = await asked((stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '2' }, { endStream: true });
  });
  assert.equal(served, false);
});

test('neither does one that closes the connection, or is not there', async () => {
  assert.equal(await asked((stream) => stream.session.destroy()), false);
  assert.equal(await servesKubelets(join(folder, 'nothing.sock')), false);
});
