import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tsImport } from 'tsx/esm/api';

const { identityChange } = await tsImport('./identity.ts', import.meta.url);

const state = (identity) => ({ type: 'shop:components:Application', inputs: { identity } });
const DEV = { project: 'shop', stack: 'dev', target: 'docker' };

test('another identity is told by what is another in it', () => {
  const steps = [
    { op: 'update', oldState: state(DEV), newState: state({ ...DEV, target: 'kubernetes', namespace: 'x' }) },
  ];
  assert.equal(identityChange(steps), 'target docker → kubernetes, namespace none → x');
});

test('an application that is new, goes, or stays itself has none', () => {
  for (const step of [
    { newState: state(DEV) },
    { oldState: state(DEV) },
    { oldState: state(DEV), newState: state(DEV) },
  ])
    assert.equal(identityChange([step]), undefined);
  assert.equal(identityChange(), undefined);
});
