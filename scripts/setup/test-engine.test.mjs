import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../lib/report.mjs';
import { TOOLS } from './go.mjs';
import { TEST_ENGINES, besideEngine, placeOf, refuseEngine, runArguments } from './test-engine.mjs';

const root = { platform: 'linux', uid: 0, backend: undefined };

test('an engine is refused by its version, and where the tests cannot be in its network', () => {
  for (const version of Object.keys(TEST_ENGINES)) refuseEngine(version, root);
  const refused = (version, machine, words) =>
    assert.throws(
      () => refuseEngine(version, machine),
      (error) => error instanceof UserError && words.test(error.message),
    );
  refused('20.10', root, /no recipe for 20\.10/);
  refused('toString', root, /no recipe/);
  refused('26.1', { platform: 'linux', uid: 1000 }, /root on Linux/);
  refused('26.1', { platform: 'darwin', uid: 0 }, /root on Linux/);
  refused('26.1', { ...root, backend: 's3://states' }, /in s3:\/\/states/);
});

test('two engines share nothing, and the socket lies where the container starts its engine', () => {
  const [one, other] = ['26.1', '29.8'].map((version) => placeOf(version, '/state'));
  for (const key of Object.keys(one)) assert.notEqual(one[key], other[key]);
  const args = runArguments(one);
  const [, inside] = args.find((word) => word.startsWith(`${one.folder}:`)).split(':');
  assert.equal(one.host, `unix://${one.folder}/docker.sock`);
  const start = readFileSync(join(TOOLS, 'engine', 'start'), 'utf8');
  assert.ok(start.includes(`--host unix://${inside}/docker.sock`));
});

test('an engine gets no network, no process and no right of the machine but those it needs', () => {
  const args = runArguments(placeOf('29.8', '/state'));
  for (const word of ['--privileged', '--network', '--pid', 'ALL']) assert.ok(!args.includes(word), word);
  assert.equal(args.at(-1), 'shop-engine-29.8');
});

test('a command beside an engine is a list of words, and knows the engine', () => {
  const command = ['node', 'a b', '$(c)'];
  const { args, env } = besideEngine({ ...placeOf('29.8', '/state'), pid: 42 }, '29.8', command);
  assert.deepEqual(args.slice(-3), command);
  assert.ok(args.includes('--target=42'));
  assert.equal(env.DOCKER_HOST, 'unix:///state/engines/29.8/docker.sock');
  assert.equal(env.E2E_ENGINE, '29.8');
});
