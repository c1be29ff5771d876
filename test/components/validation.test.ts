import * as pulumi from '@pulumi/pulumi';
import fc from 'fast-check';
import {
  DNS_LABEL,
  formatPath,
  formatProblem,
  InvalidArgumentsError,
  nearest,
  suggest,
  throwIfAny,
} from '../../components/validation';

describe('a problem as its user reads it', () => {
  it('has path, value, rule and fix', () => {
    expect(
      formatProblem({ path: 'services.a.replicas', value: -1, allowed: 'must be positive', fix: 'raise it' }),
    ).toBe('services.a.replicas: -1 is not allowed; must be positive (raise it)');
    expect(formatProblem({ path: 'a', allowed: 'is missing' })).toBe('a: is missing');
  });

  it('quotes texts, so that spaces and newlines show', () =>
    expect(formatProblem({ path: 'a', value: ' x\n', allowed: 'no' })).toBe('a: " x\\n" is not allowed; no'));

  it.each([
    [NaN, 'NaN'],
    [1.5, '1.5'],
    [null, 'null'],
    [{ min: 2 }, '{"min":2}'],
    [true, 'true'],
  ])('shows %p as %s', (value, shown) =>
    expect(formatProblem({ path: 'a', value, allowed: 'no' })).toBe(`a: ${shown} is not allowed; no`),
  );

  it('cuts a long value', () =>
    expect(formatProblem({ path: 'a', value: 'x'.repeat(500), allowed: 'no' }).length).toBeLessThan(120));

  it('never prints an Output', () =>
    expect(formatProblem({ path: 'a', value: pulumi.output('hush'), allowed: 'no' })).toBe(
      'a: an Output is not allowed; no',
    ));
});

describe('an error of several problems', () => {
  it('counts and lists every one and says that nothing happened', () => {
    const error = new InvalidArgumentsError('application "x"', [
      { path: 'a', allowed: 'no' },
      { path: 'b', value: 1, allowed: 'never' },
    ]);
    expect(error.message).toBe(
      'application "x": 2 arguments are not valid; nothing was created or changed.\n  a: no\n  b: 1 is not allowed; never',
    );
    expect(new InvalidArgumentsError('x', [{ path: 'a', allowed: 'no' }]).message).toMatch(
      /^x: one argument is not valid;/,
    );
  });

  it('is one that Pulumi prints without a stack trace', () =>
    expect(pulumi.RunError.isInstance(new InvalidArgumentsError('x', []))).toBe(true));

  it('is thrown only if there is a problem', () => {
    expect(() => throwIfAny('x', [])).not.toThrow();
    expect(() => throwIfAny('x', [{ path: 'a', allowed: 'no' }])).toThrow(InvalidArgumentsError);
  });
});

describe('suggestions', () => {
  const candidates = ['replicas', 'resources', 'ready', 'port'];

  it.each([
    ['replica', 'replicas'],
    ['Replicas', 'replicas'],
    ['resorces', 'resources'],
    ['raedy', 'ready'],
    ['prot', 'port'],
    ['zzzzzz', undefined],
  ])('%s is nearest to %s', (word, expected) => expect(nearest(word, candidates)).toBe(expected));

  it('finds every word that is listed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (words) =>
        expect(nearest(words[0]!, words)!.toLowerCase()).toBe(words[0]!.toLowerCase()),
      ),
    );
  });

  it('names the nearest, else all, else that there are none', () => {
    expect(suggest('prt', candidates)).toBe('did you mean "port"?');
    expect(suggest('zzzzzz', candidates)).toBe('there are: replicas, resources, ready, port');
    expect(suggest('x', [])).toBe('there are none');
  });
});

describe('paths', () => {
  it('are written as in code', () => {
    expect(formatPath(['services', 'my-api', 'calls', 0])).toBe('services.my-api.calls[0]');
    expect(formatPath(['env', 'a.b', ''])).toBe('env["a.b"][""]');
    expect(formatPath([])).toBe('');
  });

  it('of different keys differ', () => {
    const keys = fc.array(fc.oneof(fc.string(), fc.nat()), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(formatPath(a)).not.toBe(formatPath(b));
      }),
    );
  });
});

it.each([
  ['a', true],
  ['a1', true],
  ['my-api', true],
  ['', false],
  ['1a', false],
  ['A', false],
  ['-a', false],
  ['a-', false],
  ['a_b', false],
  ['a.b', false],
  ['a\n', false],
  ['ä', false],
])('%j is a DNS label: %s', (text, valid) => expect(DNS_LABEL.test(text)).toBe(valid));
