import assert from 'node:assert/strict';
import { test } from 'node:test';
import { swarmProblem } from './engine.mjs';

const manager = {
  OSType: 'linux',
  LiveRestoreEnabled: false,
  Swarm: { LocalNodeState: 'active', ControlAvailable: true },
};

test('a manager, and an engine without Swarm mode, can be used', () => {
  assert.equal(swarmProblem(manager), undefined);
  assert.equal(swarmProblem({ ...manager, Swarm: { LocalNodeState: 'inactive' } }), undefined);
});

test('everything that stands in the way is named, with its mend', () => {
  const cases = {
    'live-restore': { LiveRestoreEnabled: true },
    worker: { Swarm: { LocalNodeState: 'active', ControlAvailable: false } },
    locked: { Swarm: { LocalNodeState: 'locked' } },
    'state "pending"': { Swarm: { LocalNodeState: 'pending' } },
    'state "error": no route': { Swarm: { LocalNodeState: 'error', Error: 'no route' } },
    'windows containers': { OSType: 'windows' },
  };
  for (const [words, change] of Object.entries(cases)) {
    const problem = swarmProblem({ ...manager, ...change });
    assert.ok(problem?.message.includes(words), words);
    assert.ok(problem.mend, words);
  }
});
