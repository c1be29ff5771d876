import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftInNamespace } from './cluster-data.mjs';
import { PART_OF } from './stack.mjs';

const PLACE = { namespace: 'shop-staging', application: 'shop-staging-1' };
const list = (...names) => ({ items: names.map((name) => ({ metadata: { name } })) });

function core({ owner = PLACE.application, claims = [], secrets = [] }) {
  return {
    listNamespace: async () => ({ items: owner === undefined ? [] : [{ metadata: { labels: { [PART_OF]: owner } } }] }),
    listNamespacedPersistentVolumeClaim: async () => list(...claims),
    listNamespacedSecret: async () => list(...secrets),
  };
}

test('claims are left, and Secrets that somebody has made', async () => {
  const left = await leftInNamespace(PLACE, core({ claims: ['database-data', 'backup-data'], secrets: ['tls'] }));
  assert.deepEqual(left, ['claim backup-data', 'claim database-data', 'Secret tls']);
});

test('a namespace with neither is empty', async () => {
  assert.deepEqual(await leftInNamespace(PLACE, core({})), []);
});

test('nothing is left where the namespace is gone, or is of somebody else', async () => {
  const claims = ['database-data'];
  const gone = { ...core({ claims }), listNamespace: async () => ({ items: [] }) };
  assert.equal(await leftInNamespace(PLACE, gone), undefined);
  assert.equal(await leftInNamespace(PLACE, core({ owner: 'shop-staging-2', claims })), undefined);
});
