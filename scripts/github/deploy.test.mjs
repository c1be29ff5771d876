import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from '../lib/project.mjs';
import { capture, must } from '../lib/run.mjs';
import { changes, errorOf, fingerprint } from './approval.mjs';
import { fakeGitHub } from './fake-github.mjs';

const top = mkdtempSync(join(tmpdir(), 'deploy-'));
after(() => rmSync(top, { recursive: true, force: true }));

const SERVICE = 'docker:index/service:Service';
const urn = (name) => `urn:pulumi:prod::shop::${SERVICE}::shop-${name}`;
const state = (inputs) => ({ type: SERVICE, id: 'x', inputs });
const step = (name, from, to, op = 'update') => ({
  op,
  urn: urn(name),
  oldState: from && state(from),
  newState: to && state(to),
  diffReasons: ['replicas'],
});
const same = { ...step('web', { a: 1 }, { a: 1 }), op: 'same' };
const SCALED = { steps: [same, step('api', { replicas: 2, name: 'api' }, { replicas: 3, name: 'api' })] };
const at = { stack: 'prod', commit: 'a'.repeat(40) };

describe('the hash of a plan', () => {
  const hash = (preview, more = {}) => fingerprint(preview, { ...at, ...more });

  test('is the same for the same changes, in whatever order they are written', () => {
    const steps = [
      { ...step('db', { b: 1, a: 2 }, { a: 2, b: 2 }), diffReasons: ['b', 'a'] },
      step('api', { replicas: 2 }, { replicas: 3 }),
    ];
    const turned = [steps[1], { ...step('db', { a: 2, b: 1 }, { b: 2, a: 2 }), diffReasons: ['a', 'b'] }, same];
    assert.equal(hash({ steps, duration: 1 }), hash({ steps: turned, duration: 2, diagnostics: [] }));
  });

  for (const [what, preview, more] of [
    ['commit', SCALED, { commit: 'b'.repeat(40) }],
    ['stack', SCALED, { stack: 'prod-cluster' }],
    ['value', { steps: [step('api', { replicas: 2, name: 'api' }, { replicas: 4, name: 'api' })] }],
    ['value before', { steps: [step('api', { replicas: 1, name: 'api' }, { replicas: 3, name: 'api' })] }],
    ['operation', { steps: [step('api', { replicas: 2, name: 'api' }, { replicas: 3, name: 'api' }, 'replace')] }],
    ['resource', { steps: [...SCALED.steps, step('db', { a: 1 }, undefined, 'delete')] }],
  ]) {
    test(`is another for another ${what}`, () => assert.notEqual(hash(preview, more), hash(SCALED)));
  }

  describe('leaves out what a preview makes up for a name that the program leaves open:', () => {
    const KEY = 'shop-key-1';
    const key = (inputs, before) => ({
      op: before ? 'replace' : 'create',
      urn: urn('key-1'),
      newState: state(inputs),
      oldState: before && state(before),
    });
    const user = (name) => step('api', { secrets: [{ name: 'x' }] }, { secrets: [{ name }] });
    const named = (random, before) =>
      hash({ steps: [key({ name: `${KEY}-${random}` }, before), user(`${KEY}-${random}`)] });
    const object = (random) => hash({ steps: [key({ metadata: { name: `${KEY}-${random}` }, data: 1 })] });

    test('on Docker and AWS, also in what refers to it', () => assert.equal(named('0a1b2c3'), named('fedcba9')));
    test('on Kubernetes', () => assert.equal(object('0a1b2c3d'), object('fedcba98')));
    test('where it is replaced', () => {
      const before = { name: `${KEY}-1111111` };
      assert.equal(named('0a1b2c3', before), named('fedcba9', before));
    });
    test('but not a name that is there already', () => {
      const kept = (random) => named(random, { name: `${KEY}-${random}` });
      assert.notEqual(kept('0a1b2c3'), kept('fedcba9'));
    });
    test('but not one of the program', () => assert.notEqual(named('blue'), named('green')));
  });
});

test('nothing happens where everything stays the same, or is only read', () => {
  assert.equal(changes({ steps: [same, { ...same, op: 'read' }, { ...same, op: 'refresh' }] }), false);
  assert.equal(changes(SCALED), true);
  assert.equal(errorOf({ diagnostics: [{ severity: 'error', message: 'no' }] }), 'no');
});

/** A machine whose npm prints a preview, and notes what else it is asked for. */
function machine() {
  const folder = mkdtempSync(join(top, 'machine-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const file = (name) => join(folder, name);
  const script = `#!/bin/sh
echo "$*" >> ${file('ran')}
case "$*" in *preview*) cat ${file('preview')}; exit $(cat ${file('code')});; esac`;
  writeFileSync(join(bin, 'npm'), script);
  chmodSync(join(bin, 'npm'), 0o755);
  const env = {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    GITHUB_OUTPUT: file('output'),
    GITHUB_STEP_SUMMARY: file('summary'),
  };
  return {
    file,
    async run(args, preview, code = 0) {
      for (const name of ['output', 'summary', 'ran']) writeFileSync(file(name), '');
      writeFileSync(file('preview'), typeof preview === 'string' ? preview : JSON.stringify(preview));
      writeFileSync(file('code'), String(code));
      const [program, ...rest] = args;
      const result = await capture(process.execPath, [join(root, 'scripts/github', program), ...rest], { env });
      const outputs = [...readFileSync(file('output'), 'utf8').matchAll(/^(\w+)<<(.+)\n([^]*?)\n\2$/gm)];
      return {
        ...result,
        outputs: Object.fromEntries(outputs.map(([, name, , value]) => [name, value])),
        summary: readFileSync(file('summary'), 'utf8'),
        ran: readFileSync(file('ran'), 'utf8').trim().split('\n'),
      };
    },
  };
}
const planned = (preview) => machine().run(['deploy.mjs', '--stack', 'prod', '--plan'], preview);
const deployed = (hash, preview, code) =>
  machine().run(['deploy.mjs', '--stack', 'prod', '--approved', hash], preview, code);

describe('a deployment', () => {
  test('is planned with a hash, a summary, and whether anything changes', async () => {
    const { code, outputs, summary, ran } = await planned(SCALED);
    assert.equal(code, 0);
    const commit = (await must('git', ['-C', root, 'rev-parse', 'HEAD'])).trim();
    assert.deepEqual(outputs, { hash: fingerprint(SCALED, { stack: 'prod', commit }), changes: 'true' });
    assert.match(summary, /### Preview of prod/);
    assert.match(summary, new RegExp(`Commit ${commit}, plan \`${outputs.hash}\``));
    assert.deepEqual(ran, [
      'run --silent preview -- --stack prod --json --show-sames --show-replacement-steps --policy-pack policy',
    ]);
    assert.equal((await planned({ steps: [same] })).outputs.changes, 'false');
  });

  test('is made if it would still do what was approved', async () => {
    const { outputs } = await planned(SCALED);
    const { code, ran } = await deployed(outputs.hash, SCALED);
    assert.equal(code, 0);
    assert.equal(ran.at(-1), 'run up -- --stack prod --policy-pack policy');
  });

  test('is refused if it would do something else by now, and that is said', async () => {
    const { outputs } = await planned(SCALED);
    const { steps } = SCALED;
    for (const now of [{ steps: [...steps, step('db', { a: 1 }, undefined, 'delete')] }, { steps: [same] }]) {
      const { code, outputs: after, summary, stderr, ran } = await deployed(outputs.hash, now);
      assert.equal(code, 1);
      assert.deepEqual(after, { stale: 'true' });
      assert.equal(ran.length, 1);
      assert.match(summary, /prod is not deployed[^]*The current plan/);
      assert.match(stderr, /has changed since it was approved: nothing is deployed/);
    }
  });

  test('is refused if its preview fails, and not because the plan is another', async () => {
    const { outputs } = await planned(SCALED);
    for (const [preview, code] of [
      ['no JSON', 255],
      [{ ...SCALED, diagnostics: [{ severity: 'error', message: 'no credentials' }] }, 255],
      [SCALED, 1],
    ]) {
      const result = await deployed(outputs.hash, preview, code);
      assert.equal(result.code, 1);
      assert.deepEqual(result.outputs, {});
      assert.equal(result.ran.length, 1);
      assert.match(result.stderr, /the preview of prod failed/);
    }
  });

  test('with anything but a hash is refused before anything is run', async () => {
    for (const hash of ['', 'x', '$(id)', 'A'.repeat(64)]) {
      const { code, ran } = await machine().run(['deploy.mjs', '--stack', 'prod', `--approved=${hash}`], SCALED);
      assert.deepEqual([code, ran], [1, ['']]);
    }
  });
});

describe('drift', () => {
  const looked = async (preview, code) => {
    const place = machine();
    const args = ['drift.mjs', '--stack', 'prod', '--output', place.file('drift/drift.json')];
    const result = await place.run(args, preview, code);
    return { ...result, found: JSON.parse(readFileSync(place.file('drift/drift.json'), 'utf8')) };
  };

  test('is none where nothing changes', async () => {
    const { code, found, ran } = await looked({ steps: [same] });
    assert.deepEqual([code, found.state], [0, 'none']);
    assert.match(ran[0], /--refresh --expect-no-changes$/);
  });

  test('is found where something does, which is no failure', async () => {
    const { code, found, summary } = await looked(SCALED, 255);
    assert.deepEqual([code, found.state], [0, 'drift']);
    assert.match(found.text, /### Preview of prod/);
    assert.match(summary, /### Preview of prod/);
  });

  test('is unknown where the preview fails', async () => {
    for (const [preview, code] of [
      ['', 1],
      [{ steps: [same] }, 1],
      [{ steps: SCALED.steps, diagnostics: [{ severity: 'error', message: 'no credentials' }] }, 255],
    ]) {
      const { code: ended, found } = await looked(preview, code);
      assert.deepEqual([ended, found.state], [1, 'unknown']);
    }
  });
});

describe('the reviewers of an environment', () => {
  const ask = async (environments) => {
    const github = await fakeGitHub({ environments });
    const script = join(root, 'scripts/github/reviewers.mjs');
    const result = await capture(process.execPath, [script, '--environment', 'prod'], { env: github.env });
    github.close();
    return result;
  };
  const rule = (...reviewers) => ({ type: 'required_reviewers', reviewers });

  test('must be there', async () => {
    const { code, stderr } = await ask({
      prod: { protection_rules: [{ type: 'wait_timer' }, rule({ type: 'Team' })] },
    });
    assert.equal(code, 0, stderr);
  });

  for (const [what, environments, message] of [
    ['the environment does not exist', {}, /there is no environment "prod"/],
    ['it is not protected', { prod: { protection_rules: [] } }, /no required reviewers/],
    ['the rule names nobody', { prod: { protection_rules: [rule()] } }, /no required reviewers/],
    ['the plan of GitHub has no such rules', { prod: {} }, /no required reviewers/],
  ]) {
    test(`nothing is planned if ${what}`, async () => {
      const { code, stderr } = await ask(environments);
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }
});

describe('a login to a registry', () => {
  /** A machine whose `aws` and `docker` note what they get. */
  async function login(env, ...args) {
    const bin = mkdtempSync(join(top, 'bin-'));
    const noted = join(bin, 'noted');
    const answers = { aws: 'echo 123456789012', docker: `echo "$* $(cat)" >> ${noted}` };
    for (const [name, line] of Object.entries(answers)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    writeFileSync(noted, '');
    const script = join(root, 'scripts/github/registry-login.mjs');
    const result = await capture(process.execPath, [script, ...args], {
      env: { PATH: `${bin}${delimiter}${process.env.PATH}`, ...env },
    });
    return { ...result, noted: readFileSync(noted, 'utf8').trim() };
  }
  const GIVEN = { REGISTRY: 'registry.example.com', REGISTRY_USERNAME: 'ci', REGISTRY_PASSWORD: 'geheim' };

  test('uses what the environment gives, and never as an argument', async () => {
    const { code, noted, stdout, stderr } = await login({ ...GIVEN, AWS_REGION: 'eu-central-1' });
    assert.equal(code, 0, stderr);
    assert.equal(noted, 'login --username ci --password-stdin registry.example.com geheim');
    assert.doesNotMatch(stdout + stderr, /geheim/);
  });

  test('is one to ECR otherwise', async () => {
    const { noted } = await login({ AWS_REGION: 'eu-central-1' });
    assert.match(noted, /^login --username AWS --password-stdin 123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com /);
  });

  test('is left out only if it may be', async () => {
    assert.deepEqual([(await login({}, '--optional')).code, (await login({}, '--optional')).noted], [0, '']);
    assert.match((await login({})).stderr, /AWS_REGION must be set/);
    assert.match((await login({ REGISTRY_USERNAME: 'ci' }, '--optional')).stderr, /needs REGISTRY and/);
  });
});

test('the base of a pull request is the first parent of what is checked out', async () => {
  const cwd = mkdtempSync(join(top, 'repository-'));
  const git = (...args) => must('git', ['-C', cwd, '-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args]);
  await git('init', '--quiet');
  for (const message of ['base', 'change']) await git('commit', '--quiet', '--allow-empty', '--message', message);
  const script = join(root, 'scripts/github/base.mjs');
  const { stdout } = await capture(process.execPath, [script], { cwd, env: { PATH: process.env.PATH } });
  assert.equal(stdout, `base=${await git('rev-parse', 'HEAD^1')}`);
});
