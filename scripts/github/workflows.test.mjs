// What holds for every workflow, whoever changes it: that it is thin, and what it may do with whose code.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { readManifest, root, versions } from '../lib/project.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const folder = join(root, '.github', 'workflows');
const FILES = readdirSync(folder).sort();
const WORKFLOWS = FILES.map((file) => {
  const text = read('.github', 'workflows', file);
  return { file, text, ...parse(text) };
});
const ACTION = { file: 'action.yml', text: read('.github/actions/project/action.yml') };
const JOBS = WORKFLOWS.flatMap((workflow) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({
    ...{ at: `${workflow.file}: ${name}`, workflow, name, steps: [], if: '', env: {} },
    ...job,
  })),
);
const OWN_BRANCH = 'github.event.pull_request.head.repo.full_name == github.repository';
const OWN_CODE = '${{ github.event.repository.default_branch }}';
const CHECKOUT = 'actions/checkout@';

const triggers = ({ on }) => (typeof on === 'string' ? [on] : Array.isArray(on) ? on : Object.keys(on));
const jobsOf = (file) => JOBS.filter(({ workflow }) => workflow.file === file);
const stepsOf = (jobs) => jobs.flatMap(({ at, steps }) => steps.map((step) => ({ at, ...step })));
const RUNS = stepsOf(JOBS).filter(({ run }) => run !== undefined);
/** Permissions to change something. A token for a cloud is one: what it may do is said elsewhere. */
const writes = ({ permissions }) => Object.keys(permissions).filter((name) => permissions[name] === 'write');
const secretsIn = ({ workflow: _, ...job }) => JSON.stringify(job).match(/secrets\.\w+|"secrets":"inherit"/g) ?? [];
/** Whether it runs on the code of a pull request. */
const isOfPullRequest = (job) =>
  triggers(job.workflow).includes('pull_request') &&
  !/event_name != 'pull_request'/.test(job.if) &&
  !job.steps.some((step) => step.uses?.startsWith(CHECKOUT) && step.with?.ref === OWN_CODE);

test('there are the workflows that the documentation describes', () =>
  assert.deepEqual(
    FILES,
    ['ci', 'comment', 'deploy-stack', 'deploy', 'drift', 'environments', 'preview'].map((name) => `${name}.yml`),
  ));

describe('every workflow', () => {
  test('begins without permissions, and its jobs name theirs', () => {
    for (const { file, permissions } of WORKFLOWS) assert.deepEqual(permissions, {}, file);
    for (const { at, permissions } of JOBS) {
      assert.equal(typeof permissions, 'object', at);
      assert.equal(Object.values(permissions).includes('admin'), false, at);
    }
  });

  test('ends in time', () => {
    for (const { at, uses, 'timeout-minutes': minutes } of JOBS) assert.ok(uses || minutes <= 90, at);
  });

  test('is never triggered by pull_request_target, or by what anybody can write', () => {
    const known = [
      'pull_request',
      'push',
      'merge_group',
      'workflow_run',
      'workflow_dispatch',
      'workflow_call',
      'schedule',
    ];
    for (const workflow of WORKFLOWS) {
      assert.deepEqual(
        triggers(workflow).filter((name) => !known.includes(name)),
        [],
        workflow.file,
      );
    }
  });

  test('uses actions by commit, each with one version, which is written beside it', () => {
    const found = new Map();
    for (const { file, text } of [...WORKFLOWS, ACTION]) {
      for (const [line, action, rest] of text.matchAll(/uses: ([^@\s]+)(.*)/g)) {
        if (action.startsWith('./')) {
          assert.ok(existsSync(join(root, action)), `${file}: ${line}`);
          continue;
        }
        assert.match(rest, /^@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${file}: ${line}`);
        assert.equal(found.get(action) ?? rest, rest, `${file}: ${action} has two versions`);
        found.set(action, rest);
      }
    }
    assert.ok(found.size > 3);
  });

  test('keeps the token out of the checkout', () => {
    for (const { at, uses, with: inputs } of stepsOf(JOBS)) {
      if (uses?.startsWith(CHECKOUT)) assert.equal(inputs?.['persist-credentials'], false, at);
    }
  });
});

describe('every step', () => {
  test('that runs something runs one command of the project', () => {
    const { scripts } = readManifest();
    for (const { at, run } of RUNS) {
      const [, script, file] =
        /^(?:npm (?:run )?([a-z0-9-]+)|node (scripts\/github\/[\w-]+\.mjs))( [^;&|`$<>\n]*(?:"\$[A-Z]+")?)*$/.exec(
          run,
        ) ?? [];
      assert.ok(script ? script in scripts : file && existsSync(join(root, file)), `${at}: ${run}`);
    }
  });

  test('gets what comes from outside through its environment', () => {
    for (const { at, run } of RUNS) {
      assert.doesNotMatch(run, /\$\{\{/, at);
      // In quotes, so that it is one argument whatever is in it.
      assert.doesNotMatch(run.replaceAll(/"\$[A-Z]+"/g, ''), /\$/, at);
    }
  });

  test('with a title, a text or a name that somebody has chosen is not there at all', () => {
    const chosen =
      /github\.(head_ref|event\.(pull_request\.(title|body|head\.(ref|label))|issue|comment|review|head_commit))/;
    for (const { file, text } of WORKFLOWS) assert.doesNotMatch(text, chosen, file);
  });
});

describe('code of a pull request', () => {
  const jobs = JOBS.filter(isOfPullRequest);

  test('runs in the jobs that this is known of', () =>
    assert.deepEqual(
      jobs.map(({ at }) => at),
      [
        'ci.yml: checks',
        'ci.yml: docker',
        'environments.yml: up',
        'preview.yml: plan',
        'preview.yml: dev',
        'preview.yml: aws',
      ],
    ));

  test('may write nothing to the repository', () => {
    for (const job of jobs)
      assert.deepEqual(
        writes(job).filter((name) => name !== 'id-token'),
        [],
        job.at,
      );
  });

  test('has a secret or a token for a cloud only if it is of this repository', () => {
    for (const job of jobs) {
      if (writes(job).length === 0 && secretsIn(job).length === 0 && job.environment === undefined) continue;
      assert.ok(job.if.includes(OWN_BRANCH), job.at);
      // The environments of the main branch have secrets that no pull request may read.
      assert.ok([undefined, 'review'].includes(job.environment?.name ?? job.environment), job.at);
      assert.doesNotMatch(job.if, /\|\|(?![^(]*\))/, job.at);
    }
  });

  test('meets no cache that another run trusts', () => {
    assert.match(ACTION.text, /package-manager-cache: false/);
    for (const { text, file } of [...WORKFLOWS, ACTION]) assert.doesNotMatch(text, /actions\/cache@|cache: npm/, file);
  });
});

describe('a job that may write to the repository', () => {
  const jobs = JOBS.filter((job) => writes(job).some((name) => name !== 'id-token'));

  test('holds no credentials of a cloud, but for the sweep', () => {
    const both = jobs.filter((job) => !job.uses && (writes(job).includes('id-token') || secretsIn(job).length > 0));
    assert.deepEqual(
      both.map(({ at }) => at),
      ['environments.yml: sweep'],
    );
  });

  test('installs no package, but for the sweep', () => {
    for (const { at, steps } of jobs) {
      const installing = steps.filter(({ run }) => /^npm|mjs (up|down|sweep)\b/.test(run ?? ''));
      assert.equal(installing.length, at === 'environments.yml: sweep' ? 1 : 0, at);
    }
  });

  test('reads artifacts into memory, by the script that takes them for hostile', () => {
    for (const { file, text } of WORKFLOWS) assert.doesNotMatch(text, /download-artifact/, file);
  });
});

test('the comment on a fork is posted by the code of the main branch', () => {
  const [{ workflow, steps, if: condition }, ...more] = jobsOf('comment.yml');
  assert.deepEqual([triggers(workflow), more], [['workflow_run'], []]);
  assert.equal(steps.find(({ uses }) => uses?.startsWith(CHECKOUT)).with.ref, OWN_CODE);
  assert.match(condition, /workflow_run\.event == 'pull_request'/);
});

test('everything that is previewed is posted', () => {
  const uploaded = stepsOf(jobsOf('preview.yml')).filter(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
  const posted = [...read('scripts/github/post-plan.mjs').matchAll(/artifact: '([\w-]+)'/g)].map(([, name]) => name);
  assert.deepEqual(
    uploaded.map(({ with: { name, path } }) => [name, path]),
    [
      ['plan', 'plan.md'],
      ['preview-dev', 'plan.md'],
      ['preview-${{ matrix.stack }}', 'plan.md'],
    ],
  );
  assert.deepEqual(posted, ['plan', 'preview-dev', 'preview-prod-cluster', 'preview-prod']);
});

describe('a stack', () => {
  test('is changed by one run at a time, which no other cancels', () => {
    const changing = /^npm run (up|down) -- --stack (?!dev)|--approved|environment\.mjs (up|down)/;
    const jobs = JOBS.filter(({ steps }) => steps.some(({ run }) => changing.test(run ?? '')));
    assert.deepEqual(
      jobs.map(({ at, concurrency }) => [at, concurrency]),
      [
        ['deploy-stack.yml: deploy', { group: 'stack-${{ inputs.stack }}' }],
        ['deploy.yml: staging', { group: 'stack-staging' }],
        ['environments.yml: up', { group: 'stack-pr-${{ github.event.pull_request.number }}' }],
        ['environments.yml: down', { group: 'stack-pr-${{ github.event.pull_request.number }}' }],
      ],
    );
  });

  test('of production is deployed only with the hash of what was approved, in the environment of its name', () => {
    const [plan, deploy] = jobsOf('deploy-stack.yml');
    assert.equal(plan.environment, 'plan');
    assert.equal(deploy.environment, '${{ inputs.stack }}');
    assert.equal(deploy.needs, 'plan');
    const { run, env } = deploy.steps.at(-1);
    assert.equal(run, 'node scripts/github/deploy.mjs --stack "$STACK" --approved "$APPROVED"');
    assert.equal(env.APPROVED, '${{ needs.plan.outputs.hash }}');
    for (const { steps } of [plan, deploy]) assert.equal(steps[0].with.ref, '${{ github.sha }}');
  });
});

test('each role for CI is taken on by a job, and each job takes one on that trusts it', () => {
  const subjects = new Set(
    [...read('test/golden/bootstrap.json').matchAll(/"repo:example\/shop:([\w:-]+)"/g)].map(([, run]) => run),
  );
  const stacks = jobsOf('deploy.yml').flatMap(({ with: inputs }) => inputs?.stack ?? []);
  const taking = JOBS.filter((job) => job.steps.some(({ with: inputs }) => inputs?.role));
  const runs = taking.flatMap(({ environment }) => {
    if (environment === undefined) return ['pull_request'];
    const name = environment.name ?? environment;
    return name === '${{ inputs.stack }}' ? stacks.map((stack) => `environment:${stack}`) : [`environment:${name}`];
  });
  // Those of staging have a role only if the team makes one.
  const optional = ['environment:staging', 'environment:review'];
  assert.deepEqual([...new Set(runs)].filter((run) => !optional.includes(run)).sort(), [...subjects].sort());
});

test('the Pulumi CLI is the one that the project pins', () =>
  assert.equal(/pulumi-version: (\S+)/.exec(ACTION.text)[1], versions().pulumi));

test('every behaviour suite of Docker runs in exactly one job', () => {
  const config = read('test/behaviour/jest.config.js');
  const notOfDocker = [.../docker: \[([^\]]*)\]/.exec(config)[1].matchAll(/'([\w-]+)'/g)].map(([, name]) => name);
  const suites = readdirSync(join(root, 'test/behaviour')).flatMap(
    (name) => /^([\w-]+)\.test\.ts$/.exec(name)?.[1] ?? [],
  );
  const groups = jobsOf('ci.yml').flatMap(({ strategy }) => strategy?.matrix.include ?? []);
  const times = (suite) =>
    groups.filter(({ suites: pattern }) => new RegExp(pattern).test(`test/behaviour/${suite}.test.ts`)).length;
  for (const suite of suites) assert.equal(times(suite), notOfDocker.includes(suite) ? 0 : 1, suite);
});
