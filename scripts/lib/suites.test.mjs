import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './project.mjs';
import { countJest, countTap, judgeJestOptions, unknownOptions } from './suites.mjs';

test('jest: what failed has a name, a file that cannot run too', () => {
  const testResults = [
    {
      name: join(root, 'test/a.test.ts'),
      status: 'failed',
      startTime: 1_000,
      endTime: 13_400,
      assertionResults: [
        { status: 'passed', fullName: 'a shop opens', failureMessages: [] },
        {
          status: 'failed',
          fullName: 'a shop closes',
          failureMessages: ['Error: expected\n\n- 1\n+ 2\n    at f (a:1)'],
        },
      ],
    },
    {
      ...{ name: join(root, 'test/b.test.ts'), status: 'failed', startTime: 0, endTime: 10 },
      ...{ assertionResults: [], message: '● cannot run\n\n  x' },
    },
    { name: join(root, 'test/c.test.ts'), status: 'passed', startTime: 0, endTime: 1_900, assertionResults: [] },
  ];
  assert.deepEqual(countJest(JSON.stringify({ numPassedTests: 1, numFailedTests: 1, testResults })), {
    passed: 1,
    failed: 2,
    names: ['test/b.test.ts: ● cannot run x', 'a shop closes: Error: expected - 1 + 2'],
    times: ['a 12 s', 'b 0 s', 'c 2 s'],
  });
  assert.deepEqual(countJest(''), { passed: 0, failed: 0, names: [], times: [] });
});

test('tap: cancelled tests count as failed', () => {
  assert.deepEqual(countTap('ok 1 - opens\nnot ok 2 - closes\n# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n'), {
    passed: 2,
    failed: 2,
    names: ['closes'],
  });
});

test('an option that jest does not know is refused before anything runs, with a hint', async () => {
  await judgeJestOptions(['-t', 'name', '--runInBand', '--no-cache', '--test-name-pattern=x', 'a.test.ts']);
  await assert.rejects(judgeJestOptions(['a.test.ts', '--nonsense=1']), {
    message: 'jest has no option --nonsense',
    mend: '`npx jest --help` shows what there is',
  });
  await assert.rejects(judgeJestOptions(['--runInBnad']), { mend: 'did you mean --runInBand?' });
  assert.deepEqual(unknownOptions(['-t', '-x', '-5', '--', '--y'], ['t']), ['-x']);
});
