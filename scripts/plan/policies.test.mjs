import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tsImport } from 'tsx/esm/api';

const { policiesOf } = await tsImport('./policies.ts', import.meta.url);
const STACK = { project: 'shop', stack: 'staging' };
const RULE = 'no-secrets-in-environment';
const KEY = { name: 'API_KEY', value: 'abc-def-123' };

/** A Deployment whose container has these variables. */
const planned = (...env) => [
  {
    type: 'kubernetes:apps/v1:Deployment',
    name: 'shop-web-deployment',
    parent: '',
    parentUrn: '',
    secrets: {},
    inputs: { metadata: { name: 'web' }, spec: { template: { spec: { containers: [{ name: 'web', env }] } } } },
  },
];
const found = (before, after) => {
  const { introduced, existing } = policiesOf(before, after, STACK, {});
  const own = (list) => list.filter(({ rule }) => rule === RULE).length;
  return { introduced: own(introduced), existing: own(existing) };
};

test('a finding whose item moves in its list is the same one', () =>
  assert.deepEqual(found(planned(KEY), planned({ name: 'AAA', value: 'new' }, KEY)), { introduced: 0, existing: 1 }));

test('one more of the same kind is a new one', () =>
  assert.deepEqual(found(planned(KEY), planned(KEY, KEY)), { introduced: 1, existing: 1 }));

test('one that was not there is a new one', () =>
  assert.deepEqual(found(planned(), planned(KEY)), { introduced: 1, existing: 0 }));
