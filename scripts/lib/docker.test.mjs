import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderVolumes } from './docker.mjs';

test('writable folders are told by name and by being in memory', () => {
  const volume = (Name, Options = { type: 'tmpfs', device: 'tmpfs' }) => ({ Name, Options });
  const volumes = [
    volume('shop-dev-user-0a1b2c-0-1'),
    volume('other-shop-dev-user-0a1b2c-0-1'),
    volume('shop-dev-database-data', null),
    volume('shop-dev-odd-0a1b2c-0-1', null),
    volume('shop-dev-gateway-proxy', null),
  ];
  assert.deepEqual(folderVolumes(volumes, 'shop-dev-'), ['shop-dev-user-0a1b2c-0-1']);
});
