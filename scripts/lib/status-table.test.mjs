import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusRows, table, taskErrors } from './status-table.mjs';
import { COMPONENT, NAME } from './stack.mjs';

const service = (name, replicas, more = {}) => ({
  Spec: {
    Name: `shop-dev-${name}`,
    Labels: { [NAME]: name, [COMPONENT]: 'microservice' },
    Mode: { Replicated: { Replicas: replicas } },
    TaskTemplate: { ContainerSpec: { Image: `shop/${name}:1@sha256:aa` } },
  },
  ...more,
});
const replica = (name, health, running = true) => ({
  Name: '/x',
  Config: { Image: 'i', Labels: { 'com.docker.swarm.service.name': `shop-dev-${name}`, [NAME]: name } },
  State: { Running: running, ExitCode: 0, ...(health ? { Health: { Status: health } } : {}) },
});
const container = (name, component, state) => ({
  Name: `/shop-dev-${name}`,
  Config: { Image: 'haproxy:3.0', Labels: { [NAME]: name, [COMPONENT]: component } },
  State: state,
});

test('two services of one microservice, where one takes over from the other, have their full names', () => {
  const other = service('user', 1);
  other.Spec.Name = 'shop-dev-user-2';
  const names = statusRows([service('user', 1), other, service('order', 1)], []).map((row) => row.service);
  assert.deepEqual(names, ['order', 'shop-dev-user-2', 'shop-dev-user']);
});

test('a service counts its running replicas against the desired ones', () => {
  const [row] = statusRows(
    [service('user', 3)],
    [replica('user', 'healthy'), replica('user', 'healthy'), replica('user', 'healthy', false)],
  );
  assert.deepEqual(row, {
    service: 'user',
    component: 'microservice',
    replicas: '2/3',
    health: 'healthy',
    update: '',
    image: 'shop/user:1',
  });
});

test('replicas of different health are counted apart; none is down', () => {
  assert.equal(
    statusRows([service('a', 2)], [replica('a', 'healthy'), replica('a', 'starting')])[0].health,
    '1 healthy, 1 starting',
  );
  assert.equal(statusRows([service('a', 2)], [])[0].health, 'down');
});

test('an unfinished update is named, a finished one is not', () => {
  assert.equal(
    statusRows([service('a', 1, { UpdateStatus: { State: 'rollback_completed' } })], [])[0].update,
    'rollback_completed',
  );
  assert.equal(statusRows([service('a', 1, { UpdateStatus: { State: 'completed' } })], [])[0].update, '');
});

test('a finished job is done, a failed one is down', () => {
  const [row] = statusRows([], [container('migrate', 'job', { Running: false, ExitCode: 0 })]);
  assert.deepEqual([row.replicas, row.health], ['done', '']);
  const [failed] = statusRows([], [container('migrate', 'job', { Running: false, ExitCode: 1 })]);
  assert.deepEqual([failed.replicas, failed.health], ['0/1', 'down']);
});

test('a service says what is wrong while a replica of it does not run', () => {
  const task = (Name, CurrentState, Error = '') => ({ Name, CurrentState, Error });
  const tasks = [
    task('shop-dev-a.1', 'Ready 1 second ago'),
    task('shop-dev-a.1', 'Failed 2 seconds ago', '"task: non-zero exit (1)"'),
    task('shop-dev-a.1', 'Failed 9 seconds ago', '"no suitable node"'),
    task('shop-dev-b.1', 'Running 2 minutes ago'),
    task('shop-dev-b.1', 'Failed 3 minutes ago', '"No such container: b"'),
    task('shop-dev-c.1', 'Pending 1 minute ago', '"insufficient memory"'),
    task('shop-dev-d.1', 'Complete 1 minute ago'),
  ];
  assert.deepEqual(taskErrors(tasks), [
    ['shop-dev-a', 'task: non-zero exit (1)'],
    ['shop-dev-c', 'insufficient memory'],
  ]);
});

test('columns are as wide as their widest cell', () => {
  assert.deepEqual(table({ a: 'A', b: 'B' }, [{ a: 'long', b: 1 }]), ['A     B', 'long  1']);
});
