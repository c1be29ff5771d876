import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterSources } from './cluster-logs.mjs';
import { engineSources, logArguments } from './engine-logs.mjs';
import { followLines, idleTimer, inOrderOfTime, newOnes, printLines } from './log-lines.mjs';

// As an engine of version 20.10 printed them during a rollout, without what is not read.
const APPLICATION = 'fixture-faults-3672d1';
const task = (Id, id, State) => ({
  Id,
  Name: `/${APPLICATION}-echo.2.${id}`,
  Config: {
    Labels: {
      'app.kubernetes.io/name': 'echo',
      'app.kubernetes.io/part-of': APPLICATION,
      'com.docker.swarm.service.name': `${APPLICATION}-echo`,
      'com.docker.swarm.task.name': `${APPLICATION}-echo.2.${id}`,
    },
  },
  State,
});
const INSPECTED = [
  task('a9a767ae5dbb', 'bs0298zgx96i16bai845t5vrj', {
    Status: 'running',
    StartedAt: '2026-11-28T14:26:12.392835816Z',
  }),
  task('cdcef4c20b75', 'xjef2teuza9anfhywf52pxsdo', {
    Status: 'exited',
    StartedAt: '2026-11-28T14:20:23.692314549Z',
  }),
  task('0e816706abca', 'z0amie076j5guo747r72rc6s4', { Status: 'created', StartedAt: '0001-01-01T00:00:00Z' }),
  {
    Id: '607d70e58b5b',
    Name: `/${APPLICATION}-gateway`,
    Config: { Labels: { 'app.kubernetes.io/name': 'gateway', 'app.kubernetes.io/part-of': APPLICATION } },
    State: { Status: 'running', StartedAt: '2026-11-28T14:12:00.984229807Z' },
  },
];

test('on an engine every container that has started has lines, by the name of its replica', () => {
  assert.deepEqual(
    engineSources(INSPECTED, APPLICATION).map(({ name, own }) => [name, own]),
    [
      ['echo', 'echo.2.bs029'],
      ['echo', 'echo.2.xjef2'],
      ['gateway', 'gateway'],
    ],
  );
});

test('lines are asked of a container, never of a service, and without --follow the question ends', () => {
  assert.deepEqual(logArguments('a9', { tail: 5 }), ['container', 'logs', '--timestamps', '--tail', '5', 'a9']);
  assert.deepEqual(logArguments('a9', { follow: true, since: 't' }).slice(2), [
    '--timestamps',
    '--since',
    't',
    '--follow',
    'a9',
  ]);
});

test('a container that starts again is new, and known', () => {
  const next = newOnes();
  const [first] = engineSources([INSPECTED[3]], APPLICATION);
  const restarted = { ...INSPECTED[3], State: { Status: 'running', StartedAt: '2026-11-28T14:30:00.000000000Z' } };
  assert.deepEqual(next([first]), [{ source: first, again: false }]);
  assert.deepEqual(next([first]), []);
  const [second] = engineSources([restarted], APPLICATION);
  assert.deepEqual(next([first, second]), [{ source: second, again: true }]);
});

test('in a cluster a container that waits says why, and has another key once it has started', () => {
  const pod = (status) => ({
    metadata: { uid: 'u', name: 'echo-1', namespace: 'n', labels: { 'app.kubernetes.io/name': 'echo' } },
    spec: { containers: [{ name: 'main' }] },
    status,
  });
  const state = (one) => pod({ phase: 'Pending', containerStatuses: [{ name: 'main', ...one }] });
  const [waits] = clusterSources([state({ state: { waiting: { reason: 'ImagePullBackOff' } } })]);
  const [runs] = clusterSources([state({ containerID: 'containerd://1' })]);
  const [restarted] = clusterSources([state({ containerID: 'containerd://2' })]);
  assert.deepEqual([waits.waits, runs.waits], ['ImagePullBackOff', undefined]);
  assert.equal(clusterSources([pod({ phase: 'Pending' })])[0].waits, 'Pending');
  assert.equal(new Set([waits.key, runs.key, restarted.key]).size, 3);
  assert.deepEqual([runs.own, runs.name, runs.where], ['echo-1', 'echo', ['n', 'echo-1', 'main']]);
});

const at = (seconds, text) => `2026-11-28T14:26:${seconds}.474845045Z ${text}`;
const source = (key, lines, code = 0, more = {}) => ({
  key,
  container: key,
  own: key,
  show: async (onLine) => {
    lines.forEach((line) => onLine(line));
    return code;
  },
  ...more,
});

test('the lines of all replicas are in the order of time, each with its replica; one failure is the exit code', async () => {
  const printed = [];
  const sources = [source('a', [at(10, 'one'), '  at f', at(30, 'three')]), source('b', [at(20, 'two')], 1)];
  assert.equal(await printLines(sources, (line) => printed.push(line), { tail: 9 }), 1);
  assert.deepEqual(printed, [`a | ${at(10, 'one')}`, 'a |   at f', `b | ${at(20, 'two')}`, `a | ${at(30, 'three')}`]);
  assert.deepEqual(inOrderOfTime([]), []);
});

test('with --follow a replica that starts later is followed from its first line, until looking fails', async () => {
  const asked = [];
  const noting = (key, more) =>
    source(key, [], 0, { ...more, show: async (_, options) => asked.push([key, options]) && 0 });
  const looks = [
    [noting('a')],
    [noting('a'), noting('b')],
    [noting('b'), noting('a again', { container: 'a', startedAt: 't' })],
  ];
  const look = async () => {
    const found = looks.shift();
    if (found) return found;
    throw new Error('the engine is gone');
  };
  await assert.rejects(
    followLines(look, () => {}, { tail: 7, every: 1 }),
    /the engine is gone/,
  );
  assert.deepEqual(asked, [
    ['a', { follow: true, tail: 7 }],
    ['b', { follow: true }],
    ['a again', { follow: true, since: 't' }],
  ]);
});

test('who only reads what is there does not wait for ever', async () => {
  const given = [];
  const timer = idleTimer({}, (why) => given.push(why), { after: 40 });
  idleTimer({ follow: true }, () => given.push('follower'), { after: 1 });
  await sleep(20);
  timer.touch();
  await sleep(25);
  assert.deepEqual(given, []);
  await sleep(40);
  assert.deepEqual(given, ['no more lines came within 0.04 s']);
});
