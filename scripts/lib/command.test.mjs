import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STACK, helpText, parse } from './command.mjs';

const options = {
  ...STACK,
  follow: { type: 'boolean', short: 'f', about: 'Go on' },
  tail: { type: 'string', short: 'n', value: 'LINES', default: '100', about: 'How many' },
  provider: { type: 'string', multiple: true, value: 'NAME', default: ['docker'], about: 'Which' },
};
const strict = { name: 'logs', about: 'Prints log lines.', options, positionals: { usage: '[SERVICE]', most: 1 } };
const passing = { name: 'up', about: 'Deploys.', options: STACK, passesTo: 'pulumi up' };

test('options in each way of writing them, with their defaults', () => {
  for (const written of [['--stack', 'a'], ['--stack=a'], ['-s', 'a'], ['-sa']]) {
    assert.equal(parse(strict, written).values.stack, 'a');
  }
  assert.deepEqual(parse(strict, ['user', '-f']), {
    values: { follow: true, tail: '100', provider: ['docker'] },
    positionals: ['user'],
    rest: [],
  });
  assert.deepEqual(parse(strict, ['--provider', 'a', '--provider', 'b']).values.provider, ['a', 'b']);
});

test('what is wrong is one line, with a hint', () => {
  const wrong = (argv) => {
    try {
      return parse(strict, argv);
    } catch ({ message, mend }) {
      return [message, mend];
    }
  };
  const help = '`npm run logs -- --help` shows what there is';
  assert.deepEqual(wrong(['--nonsense']), ['there is no option --nonsense', help]);
  assert.deepEqual(wrong(['--folow']), ['there is no option --folow', 'did you mean --follow?']);
  assert.deepEqual(wrong(['-x']), ['there is no option -x', help]);
  assert.deepEqual(wrong(['--stack']), ['--stack needs a value', help]);
  assert.deepEqual(wrong(['--stack', '--follow']), ['--stack needs a value', help]);
  assert.deepEqual(wrong(['--stack=']), ['--stack needs a value', help]);
  assert.deepEqual(wrong(['--follow=no']), ['--follow takes no value', help]);
  assert.deepEqual(wrong(['a', 'b']), ['"b" is one argument too many', help]);
});

test('what a command does not know goes on as it is, in its order', () => {
  for (const stack of [['--stack', 'pr-1'], ['-s', 'pr-1'], ['--stack=pr-1']]) {
    assert.deepEqual(parse(passing, ['--diff', ...stack, '--target', 'x', '-y']), {
      values: { stack: 'pr-1' },
      positionals: [],
      rest: ['--diff', '--target', 'x', '-y'],
    });
  }
  assert.deepEqual(parse(passing, ['--stack', 'a', '--', '--diff', '--stack', 'b']), {
    values: { stack: 'a' },
    positionals: [],
    rest: ['--diff', '--stack', 'b'],
  });
  assert.deepEqual(parse(passing, ['--refresh']), { values: {}, positionals: [], rest: ['--refresh'] });
});

test('a word that no option precedes is not handed on as one, unless the command takes words', () => {
  assert.throws(() => parse(passing, ['staging']), {
    message: '"staging" is not an option',
    mend: 'did you mean --stack staging?',
  });
  assert.deepEqual(parse({ ...passing, positionals: { usage: '[NAME]' } }, ['x', '-y']).rest, ['x', '-y']);
});

test('the help has usage, options, defaults and examples', () => {
  assert.equal(parse(strict, ['a', 'b', '-h']).values.help, true);
  assert.equal(
    helpText({ ...strict, examples: ['npm run logs -- user -f'] }),
    `Usage: npm run logs -- [options] [SERVICE]

Prints log lines.

Options:
  -s, --stack NAME     ${STACK.stack.about}
  -f, --follow         Go on
  -n, --tail LINES     How many (default: 100)
      --provider NAME  Which (default: docker)
  -h, --help           Print this help

Examples:
  npm run logs -- user -f`,
  );
  assert.match(helpText(passing), /\[options of pulumi up\][\s\S]*Every other option goes to `pulumi up`\./);
});
