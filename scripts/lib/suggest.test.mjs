import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance, suggest } from './suggest.mjs';

test('a slip of the fingers is recognised, another name is not', () => {
  const stacks = ['bootstrap', 'dev', 'prod', 'prod-cluster', 'staging'];
  const meant = { stagign: 'staging', stagin: 'staging', dve: 'dev', prd: 'prod', 'prod-clutser': 'prod-cluster' };
  for (const [given, name] of Object.entries(meant)) assert.equal(suggest(given, stacks), name);
  for (const other of ['pr-42', 'test', 'x']) assert.equal(suggest(other, stacks), undefined);
  assert.equal(suggest('x', []), undefined);
});

test('swapped neighbours are one mistake', () => {
  assert.equal(distance('stagign', 'staging'), 1);
  assert.equal(distance('', 'abc'), 3);
  assert.equal(distance('abc', 'abc'), 0);
});
