// Every command of package.json, as somebody types it: with programs beside it that only note that they were started.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readManifest, root, versions } from './lib/project.mjs';
import { capture } from './lib/run.mjs';

const PROGRAMS = ['docker', 'npm', 'npx', 'kubectl', 'kind', 'k3d', 'go', 'curl', 'sudo', 'apt-get', 'systemctl'];
const top = mkdtempSync(join(tmpdir(), 'commands-'));
after(() => rmSync(top, { recursive: true, force: true }));

const scripts = Object.entries(readManifest().scripts).map(([name, line]) => ({
  name,
  file: join(root, /^node (\S+)$/.exec(line)[1]),
}));
const named = (...names) => scripts.filter(({ name }) => names.includes(name));

/** A machine with nothing but programs that note their arguments; the CLI refuses what it does not know. */
function machine() {
  const folder = mkdtempSync(join(top, 'machine-'));
  const log = join(folder, 'started');
  const bin = join(folder, 'bin');
  const program = (file, more = '') => {
    writeFileSync(file, `#!/bin/sh\necho "\${0##*/} $*" >> ${log}\n${more}\n`);
    chmodSync(file, 0o755);
  };
  mkdirSync(bin);
  for (const name of PROGRAMS) program(join(bin, name));
  symlinkSync(process.execPath, join(bin, 'node'));
  const home = join(folder, 'pulumi');
  const cli = join(home, 'versions', versions().pulumi, 'bin');
  mkdirSync(cli, { recursive: true });
  program(
    join(cli, 'pulumi'),
    `case "$*" in
      *--nonsense*) echo "error: unknown flag: --nonsense" >&2; exit 1;;
      *--dat*) echo "error: unknown flag: --dat" >&2; exit 1;;
      "stack ls --json") echo '[]';;
    esac`,
  );
  program(join(cli, 'pulumi-language-nodejs'));
  return {
    env: { PATH: bin, HOME: folder, PULUMI_HOME: home, XDG_STATE_HOME: join(folder, 'state') },
    started: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []),
  };
}

async function run({ file }, args, more = {}) {
  const { env, started } = machine();
  const result = await capture(process.execPath, [file, ...args], {
    cwd: root,
    env: { ...env, ...more },
    timeout: 60_000,
  });
  return { ...result, started: started() };
}

/** One line that says what is wrong, and one that says what to do. */
function isRefused({ code, stderr }, what) {
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^\nerror: [^\n]+\n→ [^\n]+\n$/);
  assert.match(stderr, what);
}

describe('every command', { concurrency: 4 }, () => {
  for (const script of scripts) {
    test(`${script.name} --help shows how it is used, and starts nothing`, async () => {
      for (const option of ['--help', '-h']) {
        const { code, stdout, stderr, started } = await run(script, [option]);
        assert.deepEqual({ code, stderr, started }, { code: 0, stderr: '', started: [] });
        assert.match(stdout, new RegExp(`^Usage: npm run ${script.name} -- [\\s\\S]+Options:[\\s\\S]+--help`));
      }
    });

    // All options of kubectl are kubectl's.
    if (script.name === 'kubectl') continue;
    test(`${script.name} --nonsense is refused, and starts nothing`, async () => {
      const words = script.name === 'restore' ? ['latest'] : [];
      const result = await run(script, [...words, '--nonsense']);
      isRefused(result, /--nonsense/);
      assert.deepEqual(
        result.started.filter((line) => !/^pulumi \w+ --help --nonsense$/.test(line)),
        [],
      );
    });
  }

  const onStack = ['up', 'preview', 'down', 'backup', 'restore', 'status', 'logs', 'setup'];
  for (const script of named(...onStack)) {
    test(`${script.name} --stack with a name that does not exist is refused, and makes no stack`, async () => {
      const words = script.name === 'restore' ? ['latest'] : [];
      const result = await run(script, [...words, '--stack', 'stagign']);
      isRefused(result, /there is no stack "stagign"\n→ did you mean staging\?/);
      const looks = /^(pulumi stack ls --json|docker context show|docker volume ls .*)$/;
      assert.deepEqual(
        result.started.filter((line) => !looks.test(line)),
        [],
      );
    });
  }

  for (const script of named('down', 'restore')) {
    test(`${script.name} acts on a selected stack only if it is named, unless that is dev`, async () => {
      const result = await run(script, ['latest'].slice(script.name === 'down' ? 1 : 0), { PULUMI_STACK: 'prod' });
      isRefused(
        result,
        /the current stack is prod \(PULUMI_STACK\), and this command .*\n→ name the stack: --stack prod/,
      );
      assert.deepEqual(result.started, []);
    });
  }

  test('e2e --engine is refused before set-up where there is no such engine, and on a cluster', async () => {
    const [e2e] = named('e2e');
    for (const [words, message] of [
      [['--engine', '20.10'], /no recipe for 20\.10\n→ one of 26\.1, 29\.8/],
      [['--engine', '26.1', '--target', 'kubernetes'], /--engine is for --target docker/],
    ]) {
      const result = await run(e2e, words);
      isRefused(result, message);
      assert.deepEqual(result.started, []);
    }
  });

  test('a misspelt option of our own is not first found by Pulumi, after services were stopped', async () => {
    const result = await run(named('down')[0], ['--dat']);
    isRefused(result, /unknown flag: --dat\n→ did you mean --data\?/);
    assert.deepEqual(result.started, ['pulumi destroy --help --dat']);
  });
});
