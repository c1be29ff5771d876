import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tsImport } from 'tsx/esm/api';

const { withoutSuspects } = await tsImport('./suspects.ts', import.meta.url);
const TYPE = 'docker:index/service:Service';
const state = (env, args = []) => ({
  urn: `urn:pulumi:dev::shop::${TYPE}::web`,
  type: TYPE,
  parent: '',
  inputs: { taskSpec: { containerSpec: { image: 'a:1', env, args } } },
  retainOnDelete: false,
  protect: false,
});
const containerOf = ({ inputs }) => inputs.taskSpec.containerSpec;

test('a value that looks like a secret is not in a plan, and what stands beside it is', () => {
  const [step] = withoutSuspects([
    { op: 'create', urn: 'u', newState: state({ DB_PASSWORD: 'hunter2hunter2', LEVEL: 'info' }) },
  ]);
  assert.deepEqual(containerOf(step.newState).env, { DB_PASSWORD: '[looks like a secret]', LEVEL: 'info' });
  assert.equal(step.detailedDiff, undefined);
});

test('that one changes is said', () => {
  const [step] = withoutSuspects([
    {
      op: 'update',
      urn: 'u',
      oldState: state({ DB_PASSWORD: 'hunter2hunter2' }),
      newState: state({ DB_PASSWORD: 'hunter3hunter3' }),
    },
  ]);
  assert.deepEqual(step.oldState.inputs, step.newState.inputs);
  assert.deepEqual(step.detailedDiff, { 'taskSpec.containerSpec.env.DB_PASSWORD': { kind: 'update' } });
  assert.ok(!JSON.stringify(step).includes('hunter'));
});

test('an argument that follows the name of a secret is one, and so is one within an argument', () => {
  const [step] = withoutSuspects([
    {
      op: 'create',
      urn: 'u',
      newState: state({}, ['--password', 'hunter2hunter2', '--token=abcabcabc', '--user', 'me']),
    },
  ]);
  const hidden = '[looks like a secret]';
  assert.deepEqual(containerOf(step.newState).args, ['--password', hidden, hidden, '--user', 'me']);
});

test('a step without any stays as it is', () => {
  const step = { op: 'same', urn: 'u', oldState: state({ A: '1' }), newState: state({ A: '1' }) };
  assert.equal(withoutSuspects([step])[0], step);
});
