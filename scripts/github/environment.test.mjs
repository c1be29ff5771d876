import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parse } from 'yaml';
import { root } from '../lib/project.mjs';
import { capture } from '../lib/run.mjs';
import { GitHub } from './api.mjs';
import { sectionsOf } from './comment.mjs';
import { bringUp, forget, sweep, takeDown, tell } from './environment-actions.mjs';
import { configOf, numberOf, placeOfEnvironment, stackOf, writeStackFile } from './environment-file.mjs';
import { fakeGitHub, pullRequest } from './fake-github.mjs';

const top = mkdtempSync(join(tmpdir(), 'environment-'));
after(() => rmSync(top, { recursive: true, force: true }));
const HOUR = 3_600_000;
const NOW = Date.parse('2026-12-01T03:00:00Z');
const applicationOf = (stack) => `shop-${stack}-0123ab`;

/** A backend and a cluster in memory. Deploying and removing take a moment, so that two at once are. */
function world({ stacks = [], namespaces = [], broken = [] } = {}) {
  const backend = new Map(stacks.map(({ name, hours = 1 }) => [name, new Date(NOW - hours * HOUR).toISOString()]));
  const cluster = new Set(namespaces);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  return {
    backend,
    cluster,
    applicationOf,
    writeFile: async (number) => stackOf(number),
    async npmRun(script, args) {
      const [, stack, ...rest] = args;
      await pause();
      if (broken.includes(stack)) throw new Error('the state is locked');
      if (script === 'up') {
        backend.set(stack, new Date(NOW).toISOString());
        cluster.add(applicationOf(stack));
      } else {
        assert.deepEqual([script, rest], ['down', ['--data']]);
        cluster.delete(applicationOf(stack));
      }
    },
    async pulumi(args) {
      await pause();
      const [, action, name] = args;
      if (action === 'ls') return JSON.stringify([...backend].map(([one, lastUpdate]) => ({ name: one, lastUpdate })));
      if (action === 'output') return `http://${args.at(-1)}.staging.example.com\n`;
      assert.equal(action, 'rm');
      assert.ok(backend.delete(name));
      return '';
    },
    namespaces: async () => [...cluster],
    async deleteNamespace(number) {
      const name = applicationOf(stackOf(number));
      return cluster.delete(name) ? name : undefined;
    },
  };
}
const nothingLeft = ({ backend, cluster }) => assert.deepEqual([[...backend.keys()], [...cluster]], [[], []]);

async function onGitHub(state, body) {
  const github = await fakeGitHub(state);
  try {
    return await body(new GitHub(github.options), github.state);
  } finally {
    github.close();
  }
}
const label = 'environment';
const sweptOn = (github, place) => sweep(github, place, { label, hours: 72, now: NOW, options: { wait: 1 } });

describe('the environment of a pull request', () => {
  test('is deployed, deployed again by a push, and removed with everything', async () => {
    const place = world();
    assert.equal(await bringUp(7, place), 'http://pr-7.staging.example.com');
    assert.equal(await bringUp(7, place), 'http://pr-7.staging.example.com');
    assert.deepEqual([...place.backend.keys()], ['pr-7']);
    await takeDown(7, place);
    nothingLeft(place);
    await takeDown(7, place);
  });

  test('of two pull requests at once do not touch each other, nor what is beside them', async () => {
    const place = world({ stacks: [{ name: 'staging' }], namespaces: ['shop-staging-0123ab'] });
    await Promise.all([bringUp(7, place), bringUp(71, place)]);
    await Promise.all([takeDown(7, place), bringUp(71, place)]);
    assert.deepEqual([...place.backend.keys()].sort(), ['pr-71', 'staging']);
    assert.deepEqual([...place.cluster].sort(), ['shop-pr-71-0123ab', 'shop-staging-0123ab']);
  });

  test('of a state that is lost is removed from the cluster all the same', async () => {
    const place = world({ namespaces: ['shop-pr-7-0123ab'] });
    await takeDown(7, place);
    nothingLeft(place);
  });

  test('that cannot be removed keeps its state', async () => {
    const place = world({ stacks: [{ name: 'pr-7' }], namespaces: ['shop-pr-7-0123ab'], broken: ['pr-7'] });
    await assert.rejects(takeDown(7, place), /locked/);
    assert.deepEqual([...place.backend.keys()], ['pr-7']);
  });

  test('has its address in the comment, or that it failed, until it is gone', () =>
    onGitHub({ pulls: [pullRequest()] }, async (github, { comments }) => {
      const said = () => sectionsOf(comments[7][0].body).environment;
      await tell(github, 7, { address: 'http://pr-7.staging.example.com', options: { wait: 1 } });
      assert.match(said(), /Deployed to <http:\/\/pr-7\.staging\.example\.com>/);
      await tell(github, 7, { address: '', run: 'https://github.com/x/y/actions/runs/5', options: { wait: 1 } });
      assert.match(said(), /could not be deployed: see \[the run\]/);
      await forget(github, 7, { wait: 1 });
      assert.equal(said(), undefined);
    }));

  test('has no address that is anything but one', () =>
    onGitHub({ pulls: [pullRequest()] }, async (github, { requests }) => {
      for (const address of ['javascript:alert(1)', 'http://x/> @admins', 'http://x)\n# x', 'http://x y', 'ftp://x']) {
        await assert.rejects(tell(github, 7, { address }), /is not a valid URL/);
      }
      assert.deepEqual(requests, []);
    }));
});

describe('the sweep', () => {
  const labelled = (number, more = {}) => pullRequest({ number, labels: [label], ...more });

  test('removes what is closed, unlabelled, too old or nobody’s, and nothing else', async () => {
    const place = world({
      stacks: [
        { name: 'staging', hours: 9_999 },
        { name: 'prod', hours: 9_999 },
        { name: 'pr-x', hours: 9_999 },
        { name: 'pr-1' },
        { name: 'organization/shop/pr-2' },
        { name: 'pr-3', hours: 72 },
        { name: 'pr-4', hours: 73 },
        { name: 'pr-5' },
      ],
      namespaces: [
        ...['shop-staging-0123ab', 'shop-pr-1-0123ab', 'shop-pr-3-0123ab', 'shop-pr-4-0123ab', 'shop-pr-6-0123ab'],
        ...['shop-pr-7-0123ab', 'shop-pr-8-ffffff', 'other'],
      ],
    });
    place.backend.set('pr-2', place.backend.get('organization/shop/pr-2'));
    place.backend.delete('organization/shop/pr-2');
    const pulls = [labelled(1, { state: 'closed' }), pullRequest({ number: 2 }), labelled(3), labelled(4), labelled(7)];
    await onGitHub({ pulls }, async (github, state) => {
      const { removed, failed } = await sweptOn(github, place);
      // 5 and 6 are of no pull request; 7 may be being made at this moment; 8 is of another installation.
      assert.deepEqual([removed, failed], [[1, 2, 4, 5, 6], []]);
      assert.deepEqual([...place.backend.keys()].sort(), ['pr-3', 'pr-x', 'prod', 'staging']);
      const left = ['other', 'shop-pr-3-0123ab', 'shop-pr-7-0123ab', 'shop-pr-8-ffffff', 'shop-staging-0123ab'];
      assert.deepEqual([...place.cluster].sort(), left);
      assert.deepEqual(state.pulls[3].labels, []);
      assert.match(sectionsOf(state.comments[4][0].body).environment, /deleted after 72 hours without an update/);
      assert.deepEqual(await sweptOn(github, place), { removed: [], failed: [] });
    });
  });

  test('finds a namespace whose name is cut before the end of the number', async () => {
    const cut = (stack) =>
      `my-platform-pr-1-${stack === 'pr-1234' ? 'aaaaaa' : stack === 'pr-1235' ? 'bbbbbb' : 'cccccc'}`;
    const place = {
      ...world({ namespaces: [cut('pr-1234'), cut('pr-1235'), 'my-platform-stag-0123ab'] }),
      applicationOf: cut,
    };
    place.deleteNamespace = async (number) =>
      place.cluster.delete(cut(`pr-${number}`)) ? cut(`pr-${number}`) : undefined;
    const pulls = [labelled(1300), labelled(1235), labelled(1234, { state: 'closed' })];
    await onGitHub({ pulls }, async (github) => {
      assert.deepEqual(await sweptOn(github, place), { removed: [1234], failed: [] });
      assert.deepEqual([...place.cluster], [cut('pr-1235'), 'my-platform-stag-0123ab']);
    });
  });

  test('goes on after one that cannot be removed, and says which', async () => {
    const place = world({ stacks: [{ name: 'pr-1' }, { name: 'pr-2' }], broken: ['pr-1'] });
    await onGitHub({ pulls: [] }, async (github) => {
      assert.deepEqual(await sweptOn(github, place), { removed: [2], failed: [1] });
    });
  });

  test('removes nothing that it cannot look up', async () => {
    const place = world({ stacks: [{ name: 'pr-1' }] });
    await onGitHub({ pulls: [], fail: [403] }, async (github) => {
      assert.deepEqual(await sweptOn(github, place), { removed: [], failed: [1] });
      assert.deepEqual([...place.backend.keys()], ['pr-1']);
    });
  });
});

describe('the stack of a pull request', () => {
  test('has a name of numbers only', () => {
    assert.equal(stackOf('7'), 'pr-7');
    for (const bad of ['', '0', '-1', '7a', '../x', '$(id)', '1e9', '7;rm', '1'.repeat(10)]) {
      assert.throws(() => stackOf(bad), /is not a pull request number/);
    }
    assert.deepEqual(['pr-7', 'example/shop/pr-7', 'pr-07', 'pr-7x', 'prod'].map(numberOf), [
      7,
      7,
      undefined,
      undefined,
      undefined,
    ]);
  });

  const folder = mkdtempSync(join(top, 'project-'));
  writeFileSync(join(folder, 'Pulumi.yaml'), 'name: shop\n');
  const config = { 'shop:target': 'kubernetes', 'shop:kubeconfig': 'k', 'shop:context': 'c' };
  const own = { 'shop:host': 'staging.example.com', 'shop:namespace': 'staging', 'shop:nodePort': 30_000 };
  writeFileSync(join(folder, 'Pulumi.staging.yaml'), JSON.stringify({ config: { ...config, ...own } }));

  test('is configured as staging, without what is of staging alone', async () => {
    assert.deepEqual(await configOf(7, { folder }), { ...config, 'shop:host': 'staging.example.com' });
    const host = '{stack}.example.com';
    assert.deepEqual(await configOf(7, { folder, host }), { ...config, 'shop:host': 'pr-7.example.com' });
  });

  test('has a file that says what it is, whatever one of that name said', async () => {
    writeFileSync(join(folder, 'Pulumi.pr-7.yaml'), 'config: { shop:target: eks }');
    assert.equal(await writeStackFile(7, { folder }), 'pr-7');
    assert.equal(parse(readFileSync(join(folder, 'Pulumi.pr-7.yaml'), 'utf8')).config['shop:target'], 'kubernetes');
  });

  test('runs in a namespace of its own on staging’s cluster', async () => {
    const place = await placeOfEnvironment(7, { folder, installation: '3f2a' });
    assert.equal(place.context, 'c');
    assert.match(place.namespace, /^shop-pr-7-[0-9a-f]{6}$/);
  });
});

describe('credentials', () => {
  const run = (folder, env, ...args) =>
    capture(process.execPath, [join(root, 'scripts/github/credentials.mjs'), '--folder', folder, ...args], { env });
  const key = 'k'.repeat(43);

  test('are written for their owner only, and never printed', async () => {
    const folder = mkdtempSync(join(top, 'clone-'));
    const { code, stdout, stderr } = await run(folder, {
      INSTALLATION_KEY: key,
      INSTALLATION_ID: '3f2a',
      KUBECONFIG_FILE: 'clusters: []',
    });
    assert.equal(code, 0, stderr);
    for (const [name, content] of [
      ['installation-id', '3f2a\n'],
      ['installation-key', `${key}\n`],
      ['kubeconfig', 'clusters: []\n'],
    ]) {
      const file = join(folder, '.local', name);
      assert.equal(readFileSync(file, 'utf8'), content);
      assert.equal(statSync(file).mode & 0o777, 0o600);
    }
    assert.doesNotMatch(stdout + stderr, /kkk|clusters/);
  });

  test('that are missing, damaged or others than those there are refused', async () => {
    const folder = mkdtempSync(join(top, 'clone-'));
    assert.match((await run(folder, {}, '--need', 'INSTALLATION_KEY')).stderr, /INSTALLATION_KEY must be set/);
    assert.match((await run(folder, { INSTALLATION_KEY: 'short' })).stderr, /INSTALLATION_KEY is not the contents/);
    assert.match((await run(folder, { INSTALLATION_ID: 'short' })).stderr, /INSTALLATION_ID is not the contents/);
    assert.equal((await run(folder, { INSTALLATION_KEY: key })).code, 0);
    const { code, stderr } = await run(folder, { INSTALLATION_KEY: 'l'.repeat(43) });
    assert.equal(code, 1);
    assert.match(stderr, /differs from the existing file/);
  });
});
