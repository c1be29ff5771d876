import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { join } from 'node:path';
import { root } from '../lib/project.mjs';
import { capture } from '../lib/run.mjs';
import { BOT, fakeGitHub, zip } from './fake-github.mjs';

const script = (name) => join(root, 'scripts/github', name);

/** Runs the script on a run that has found these things, with these issues before it. */
async function run(found, issues = [], args = []) {
  const content = found.map((one) => zip({ name: 'drift.json', text: JSON.stringify(one) }));
  const artifacts = {
    5: found.map(({ stack, name = `drift-${stack}` }, id) => ({
      id,
      name,
      expired: false,
      size_in_bytes: content[id].length,
    })),
    content,
  };
  const github = await fakeGitHub({ issues: structuredClone(issues), artifacts });
  const result = await capture(process.execPath, [script('drift-issue.mjs'), ...args], { env: github.env });
  github.close();
  const { state } = github;
  return { ...result, issues: state.issues, comments: state.comments };
}
const none = { stack: 'prod-cluster', state: 'none', text: '' };
const drift = { stack: 'prod', state: 'drift', text: '### Preview of prod\n\n- replicas: 3 → 2, ask @admins\n' };
const unknown = { stack: 'prod', state: 'unknown', text: 'no credentials' };
const open = (number, more = {}) => ({ number, state: 'open', user: BOT, labels: [{ name: 'drift' }], ...more });

describe('the issue on drift', () => {
  test('is opened once, with what is found and mentioning nobody', async () => {
    const { code, issues, stderr } = await run([none, drift]);
    assert.equal(code, 0, stderr);
    assert.equal(issues.length, 1);
    assert.equal(issues[0].title, 'Drift in prod');
    assert.match(issues[0].body, /replicas: 3 → 2/);
    assert.doesNotMatch(issues[0].body, /@admins/);
  });

  test('is updated by what is found the next night, and left alone if that is the same', async () => {
    const first = (await run([none, drift])).issues;
    const second = await run([{ ...none, state: 'drift', text: 'x' }, drift], first);
    assert.equal(second.issues.length, 1);
    assert.equal(second.issues[0].title, 'Drift in prod and prod-cluster');
    assert.match((await run([none, drift], first)).stderr, /Issue: unchanged/);
  });

  test('is closed, with the reason, when the drift is gone', async () => {
    const { issues, comments } = await run([none, { ...drift, state: 'none' }], [open(1)]);
    assert.deepEqual([issues[0].state, issues[0].state_reason], ['closed', 'completed']);
    assert.match(comments[1][0].body, /again what the deployed commit says/);
  });

  test('stays open while nobody knows', async () => {
    const { issues } = await run([none, unknown], [open(1)]);
    assert.equal(issues[0].state, 'open');
    assert.equal(issues[0].title, 'Drift detection failed for prod');
    assert.doesNotMatch(issues[0].body, /differs from the deployed commit/);
  });

  test('stays open if the job of a stack left nothing', async () => {
    const expected = ['--stack', 'prod-cluster', '--stack', 'prod'];
    const { issues } = await run([none], [open(1)], expected);
    assert.equal(issues[0].state, 'open');
    assert.equal(issues[0].title, 'Drift detection failed for prod');
    const both = await run([], [open(1)], expected);
    assert.equal(both.issues[0].title, 'Drift detection failed for prod-cluster and prod');
  });

  test('is closed if a stack was never deployed and the other is as it should be', async () => {
    const absent = { stack: 'prod', state: 'absent', text: 'prod was never deployed.' };
    const { issues } = await run([none, absent], [open(1)], ['--stack', 'prod-cluster', '--stack', 'prod']);
    assert.equal(issues[0].state, 'closed');
  });

  test('is not opened where there is none, or nothing is deployed', async () => {
    for (const found of [[none], []]) assert.deepEqual((await run(found)).issues, []);
  });

  test('of somebody else with that label stays as it is, and so does a pull request', async () => {
    const others = [
      open(1, { user: { login: 'x', type: 'User' }, body: 'mine' }),
      open(2, { pull_request: {}, body: 'x' }),
    ];
    const { issues } = await run([drift], others);
    assert.deepEqual(issues.slice(0, 2), others);
    assert.equal(issues.length, 3);
  });

  test('that is there twice is there once', async () => {
    const { issues } = await run([drift], [open(1), open(2)]);
    assert.deepEqual(
      issues.map(({ state }) => state),
      ['open', 'closed'],
    );
  });

  test('is not written from an artifact that names another stack', async () => {
    const { code, issues } = await run([{ ...drift, name: 'drift-prod-cluster' }]);
    assert.deepEqual([code, issues], [1, []]);
  });
});

describe('the deployed commit', () => {
  const SHAS = ['c', 'b', 'a'].map((letter) => letter.repeat(40));
  const find = async (...statuses) => {
    const deployments = statuses.map((list, id) => ({
      id,
      environment: 'prod',
      sha: SHAS[id],
      statuses: list.map((state) => ({ state })),
    }));
    const github = await fakeGitHub({ deployments });
    const result = await capture(process.execPath, [script('deployed.mjs'), '--environment', 'prod'], {
      env: github.env,
    });
    github.close();
    return result.stdout.trim();
  };

  test('is that of the last success, also if another is running or has failed', async () =>
    assert.equal(
      await find(['in_progress'], ['failure', 'in_progress'], ['success', 'in_progress']),
      `commit=${SHAS[2]}`,
    ));
  test('may be inactive by now', async () =>
    assert.equal(await find(['waiting'], ['inactive', 'success'], ['success']), `commit=${SHAS[1]}`));
  test('is none where nothing succeeded', async () => assert.equal(await find(['failure']), 'commit='));
});
