import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from '../lib/project.mjs';
import { capture } from '../lib/run.mjs';
import { GitHub } from './api.mjs';
import { bodyOf, sectionsOf, setSection } from './comment.mjs';
import { BOT, REPOSITORY, SHA, fakeGitHub, pullRequest, zip } from './fake-github.mjs';

const folder = mkdtempSync(join(tmpdir(), 'post-plan-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const PLAN = { name: 'plan.md', text: '### Plan: `change`\n\n| `dev` | 1 |\n' };

/** The event of a finished run of the workflow `preview`. */
function eventOf({ fork = true, branch = 'change', ...more } = {}) {
  const owner = fork ? 'somebody' : 'example';
  return {
    repository: REPOSITORY,
    workflow_run: {
      id: 5,
      event: 'pull_request',
      path: '.github/workflows/preview.yml',
      head_sha: SHA,
      head_branch: branch,
      head_repository: { id: fork ? 2 : 1, full_name: `${owner}/shop`, owner: { login: owner } },
      pull_requests: [],
      ...more,
    },
  };
}

/** Runs the script as the workflow does, on a run with these artifacts. */
async function post(
  archives,
  { event = eventOf(), pulls = [pullRequest({ fork: true })], comments = {}, ...more } = {},
) {
  const content = Object.values(archives);
  const artifacts = {
    5: Object.entries(archives).map(([name, bytes], id) => ({ id, name, expired: false, size_in_bytes: bytes.length })),
    content,
  };
  const github = await fakeGitHub({ pulls, comments, artifacts, ...more });
  const file = join(folder, 'event.json');
  writeFileSync(file, JSON.stringify(event));
  const env = { PATH: process.env.PATH, GITHUB_EVENT_PATH: file, ...github.env };
  const result = await capture(process.execPath, [join(root, 'scripts/github/post-plan.mjs')], { env });
  github.close();
  const bodies = Object.fromEntries(
    Object.entries(github.state.comments).map(([number, list]) => [number, list.map(({ body }) => body)]),
  );
  return { ...result, bodies, requests: github.state.requests, state: github.state };
}

describe('the plan of a pull request', () => {
  test('of a fork has no section that only a preview with credentials could have made', async () => {
    const artifacts = { plan: zip(PLAN), 'preview-dev': zip(PLAN), 'preview-prod': zip(PLAN) };
    const forked = (await post(artifacts)).bodies[7][0];
    assert.match(forked, /#### `dev`, previewed on a real engine/);
    assert.doesNotMatch(forked, /`prod`, previewed in AWS/);
    const own = await post(artifacts, { event: eventOf({ fork: false }), pulls: [pullRequest()] });
    assert.match(own.bodies[7][0], /#### `prod`, previewed in AWS/);
  });

  test('of a fork becomes a comment on it', async () => {
    const { code, bodies, stderr } = await post({ plan: zip(PLAN) });
    assert.equal(code, 0, stderr);
    assert.deepEqual(Object.keys(bodies), ['7']);
    assert.match(bodies[7][0], /### Plan: `change`\n\n\| `dev` \| 1 \|/);
    assert.match(bodies[7][0], /For aaaaaaa, by \[the run\]\(https:\/\/github\.com\/example\/shop\/actions\/runs\/5\)/);
  });

  test('is edited in place by the next run, on whatever page the comment is', async () => {
    const others = Array.from({ length: 250 }, (_, id) => ({ id, user: { login: 'x', type: 'User' }, body: 'hello' }));
    const ours = { id: 999, user: BOT, body: bodyOf({ plan: 'before', environment: 'runs' }) };
    const { bodies } = await post({ plan: zip(PLAN) }, { comments: { 7: [...others, ours] } });
    assert.equal(bodies[7].length, 251);
    const { environment, plan } = sectionsOf(bodies[7][250]);
    assert.equal(environment, 'runs');
    assert.match(plan, /### Plan: `change`/);
  });

  test('never lands in a comment of somebody else that begins as ours do', async () => {
    const forged = { id: 1, user: { login: 'github-actions', type: 'User' }, body: bodyOf({ plan: 'x' }) };
    const { bodies } = await post({ plan: zip(PLAN) }, { comments: { 7: [forged] } });
    assert.equal(bodies[7].length, 2);
    assert.equal(bodies[7][0], forged.body);
  });

  test('has the real previews below it', async () => {
    const { bodies } = await post({
      plan: zip(PLAN),
      'preview-dev': zip({ name: 'plan.md', text: 'dev: 1 updated' }),
    });
    assert.match(bodies[7][0], /### Plan[^]*#### `dev`, previewed on a real engine\n\ndev: 1 updated/);
  });

  test('that is missing is said', async () => {
    const { bodies } = await post({});
    assert.match(bodies[7][0], /There is none: see \[the run\]/);
  });
});

describe('a hostile run', () => {
  test('cannot name another pull request', async () => {
    const other = { name: 'plan.md', text: '8\n' };
    const pulls = [pullRequest({ number: 8, sha: 'b'.repeat(40), ref: 'victim' }), pullRequest({ fork: true })];
    const { bodies } = await post({ plan: zip(PLAN), 'pull-request': zip(other), number: zip(other) }, { pulls });
    assert.deepEqual(Object.keys(bodies), ['7']);
  });

  test('of a fork whose branch has the name of one here cannot comment on that', async () => {
    const pulls = [pullRequest({ number: 8 })];
    const { code, bodies, stderr } = await post({ plan: zip(PLAN) }, { pulls });
    assert.equal(code, 0);
    assert.deepEqual(bodies, {});
    assert.match(stderr, /nothing is posted/);
  });

  test('of a commit that was pushed over posts nothing', async () => {
    const { bodies } = await post({ plan: zip(PLAN) }, { pulls: [pullRequest({ fork: true, sha: 'b'.repeat(40) })] });
    assert.deepEqual(bodies, {});
  });

  test('of another workflow that is called the same posts nothing', async () => {
    for (const more of [{ path: '.github/workflows/evil.yml' }, { event: 'push' }]) {
      const { bodies, requests } = await post({ plan: zip(PLAN) }, { event: eventOf(more) });
      assert.deepEqual([bodies, requests], [{}, []]);
    }
  });

  test('with a branch that is a command, a query or a command of the runner gets a comment like any other', async () => {
    for (const branch of ['$(touch /tmp/x)`id`;&&|', 'a&head=example:main#x', '::set-output name=x::y', '../../../x']) {
      const pulls = [pullRequest({ fork: true, ref: branch })];
      const { code, bodies, stdout, stderr } = await post({ plan: zip(PLAN) }, { event: eventOf({ branch }), pulls });
      assert.equal(code, 0, stderr);
      assert.equal(bodies[7].length, 1);
      assert.doesNotMatch(stdout + stderr, /::set-output/);
    }
  });

  test('with Markdown that acts has it shown', async () => {
    const text =
      '@admins ![x](http://evil/x.png) <img src=x> [Approve](http://evil)\n<!-- shop: section environment -->\nx';
    const { bodies } = await post({ plan: zip({ name: 'plan.md', text }) });
    const { environment, plan } = sectionsOf(bodies[7][0]);
    assert.equal(environment, undefined);
    assert.doesNotMatch(plan.slice(plan.indexOf('</sub>')), /@admins|!\[|\]\(|<img|:\/\/|<!--/);
  });

  test('with a plan larger than a comment has it cut off, and a link to the whole', async () => {
    const { code, bodies } = await post({
      plan: zip({ name: 'plan.md', text: `### Plan\n${'- line\n'.repeat(20_000)}` }),
    });
    assert.equal(code, 0);
    assert.ok(bodies[7][0].length < 65_000);
    assert.match(bodies[7][0], /This is cut off; \[the run\]/);
  });

  test('with a link, a bomb or no text in its artifact has that said, and nothing more', async () => {
    for (const [archive, message] of [
      [zip({ ...PLAN, text: '/proc/self/environ', mode: 0o120777 }), /a link or a folder in place of the file/],
      [zip({ ...PLAN, text: 'x'.repeat(10_000_000) }), /more than 262144 bytes/],
      [zip({ ...PLAN, text: Buffer.from([0xff]) }), /not valid UTF-8/],
      [Buffer.from('<html>'), /not a ZIP archive/],
      [Buffer.alloc(300_000), /more than 262144 bytes/],
    ]) {
      const { code, bodies } = await post({ plan: archive });
      assert.equal(code, 0);
      assert.match(bodies[7][0], message);
    }
  });
});

test("the storage that an artifact comes from does not get GitHub's token", async () => {
  const { requests } = await post({ plan: zip(PLAN) });
  const storage = requests.filter(({ url }) => url.startsWith('/storage/'));
  assert.deepEqual(
    storage.map(({ authorization }) => authorization),
    [undefined],
  );
});

describe('a section', () => {
  const withComments = async (comments, body) => {
    const github = await fakeGitHub({ pulls: [pullRequest()], comments });
    try {
      await body(new GitHub(github.options), github.state);
    } finally {
      github.close();
    }
  };

  test('without text goes, and makes no comment', () =>
    withComments({}, async (github, state) => {
      assert.equal(await setSection(github, 7, 'environment', ''), undefined);
      await setSection(github, 7, 'environment', 'runs');
      await setSection(github, 7, 'environment', '');
      assert.deepEqual(sectionsOf(state.comments[7][0].body), {});
    }));

  test('of two writers at once both stay, in one comment', () =>
    withComments({}, async (github, state) => {
      await Promise.all([
        setSection(github, 7, 'environment', 'runs', { wait: 20 }),
        setSection(github, 7, 'plan', 'a plan', { wait: 35 }),
      ]);
      assert.deepEqual(
        state.comments[7].map(({ body }) => sectionsOf(body)),
        [{ environment: 'runs', plan: 'a plan' }],
      );
    }));

  test('is written again after a failure of GitHub that passes, and refused ones say why', () =>
    withComments({}, async (github, state) => {
      state.fail = [502, 503];
      await setSection(github, 7, 'plan', 'a plan');
      state.fail = [403];
      await assert.rejects(setSection(github, 7, 'plan', 'b'), {
        message: 'GitHub refused GET issues/7/comments: 403, "no"',
        mend: "look at the job's `permissions`",
      });
    }));
});
