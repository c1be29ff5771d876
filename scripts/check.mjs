// `npm run check`: format, lint without a warning, types, the workflows where there is an actionlint, and the Go tools' format and
// vet where there is a Go.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './lib/command.mjs';
import { root } from './lib/project.mjs';
import { UserError, main, say, step } from './lib/report.mjs';
import { capture, which } from './lib/run.mjs';
import { setup } from './setup.mjs';

const bin = (...path) => join(root, 'node_modules', ...path);
const node = (...args) => ['node', args];

const CHECKS = {
  format: { run: node(bin('prettier', 'bin', 'prettier.cjs'), '--check', '.'), mend: '`npx prettier --write .`' },
  lint: {
    run: node(bin('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'),
    mend: '`npx eslint --fix .` mends some',
  },
  reference: {
    run: node(bin('tsx', 'dist', 'cli.mjs'), 'scripts/reference.ts', '--check'),
    mend: '`npm run reference`',
  },
  types: { run: node(bin('typescript', 'bin', 'tsc'), '--noEmit') },
};

const COMMAND = {
  name: 'check',
  about:
    'Checks format, lint without a warning, the reference, types, the workflows if actionlint is on PATH, and the format and vet of\n' +
    'the Go tools if Go is.',
};

await main(async () => {
  commandLine(COMMAND);
  await setup({ nodeOnly: true });
  const checks = { ...CHECKS, ...workflowChecks(), ...goChecks() };
  const failed = [];
  for (const [name, { run, mend, cwd = root, quietIsGood }] of Object.entries(checks)) {
    try {
      await step(name, async () => {
        const { code, stdout, stderr } = await capture(run[0], run[1], { cwd });
        if (code === 0 && !(quietIsGood && stdout.trim())) return;
        throw new UserError(`${stdout}${stderr}`.trim(), mend);
      });
    } catch (error) {
      say(error.message);
      if (error.mend) say(`→ ${error.mend}`);
      failed.push(name);
    }
  }
  if (failed.length) say(`\nfailed: ${failed.join(', ')}`);
  return failed.length ? 1 : 0;
});

/** What every machine can check of the workflows is in scripts/github/workflows.test.mjs. */
function workflowChecks() {
  return which('actionlint') ? { actionlint: { run: ['actionlint', []] } } : {};
}

/** Only what is small is vetted and tested: the others would compile half of Terraform or Kubernetes for it. */
function goChecks() {
  if (!which('go') || !which('gofmt')) return {};
  const files = readdirSync(join(root, 'tools'), { recursive: true }).filter((file) => file.endsWith('.go'));
  const cwd = join(root, 'tools');
  const small = { cwd: join(cwd, 'kubernetes'), packages: ['./pause', './volumes'] };
  return {
    gofmt: { run: ['gofmt', ['-l', ...files]], cwd, quietIsGood: true, mend: '`gofmt -w tools`' },
    'go vet': { run: ['go', ['vet', './...']], cwd: join(cwd, 'language-host') },
    'go test': { run: ['go', ['test', './...']], cwd: join(cwd, 'language-host') },
    'go vet (cluster)': { run: ['go', ['vet', ...small.packages]], cwd: small.cwd },
    'go test (cluster)': { run: ['go', ['test', ...small.packages]], cwd: small.cwd },
  };
}
