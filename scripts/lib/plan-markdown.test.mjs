import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { environment, isQuiet, MOST_CHARACTERS, planMarkdown } from './plan-markdown.mjs';

const SERVICE = 'docker:index/service:Service';
const parent = (name) => `urn:pulumi:dev::shop::shop:components:Application$shop:components:Microservice::shop-${name}`;
const state = (name, inputs) => ({ urn: 'x', type: SERVICE, parent: parent(name), inputs });
const scaled = (name, from, to, more = {}) => {
  const inputs = (replicas, env) => ({ name, mode: { replicated: { replicas } }, ...(env ? { labels: env } : {}) });
  return {
    op: 'update',
    urn: `urn:pulumi:dev::shop::shop:components:Microservice$${SERVICE}::shop-${name}-service`,
    oldState: state(name, inputs(from)),
    newState: state(name, { ...inputs(to), ...more }),
  };
};
const APPLICATION = {
  op: 'same',
  urn: 'urn:pulumi:dev::shop::shop:components:Application::shop',
  oldState: { inputs: {} },
  newState: { inputs: {} },
};
const dev = (...steps) => environment('dev', { target: 'docker', steps: [APPLICATION, ...steps] });
const plan = (...environments) => ({ base: 'main (1234567)', head: 'change (89abcde)', environments });

describe('a plan', () => {
  test('begins with a table, in which nothing is one line', () => {
    const text = planMarkdown(plan(dev(scaled('api', 2, 3)), environment('prod', { target: 'eks' })));
    assert.match(text, /^### Plan: `change \(89abcde\)` against `main \(1234567\)`\n/);
    assert.match(text, /\n\| `dev` \| {2}\| 1 \| {2}\| {2}\| {2}\| \*\*cost\*\* \|\n/);
    assert.match(text, /\n\| `prod` \| no change \|/);
    assert.ok(!text.includes('#### `prod`'));
  });

  test('says what changes by service, and every property below', () => {
    const text = planMarkdown(plan(dev(scaled('api', 2, 3))));
    assert.match(
      text,
      /- \*\*api \(microservice\)\*\* — \*\*cost\*\*\n {2}- replicas: 2 → 3\n {2}- → the 2 running replicas are kept/,
    );
    assert.match(text, /<details><summary>1 resource, by property<\/summary>[^]*mode\.replicated\.replicas: 2 → 3/);
  });

  test('of what cannot be rendered says why', () => {
    const text = planMarkdown(
      plan(environment('dev', { target: 'docker', problem: 'services.api.port: 0 is not allowed' })),
    );
    assert.match(text, /\| `dev` \| \*\*cannot be rendered\*\* \|/);
    assert.match(text, /```\nservices\.api\.port: 0 is not allowed\n```/);
  });

  test('names what is assumed, and ciphertext that is another', () => {
    const found = environment('prod', { target: 'eks', assumed: { 'shop:host': 'x' }, reencrypted: ['shop:token'] });
    assert.ok(!isQuiet(found));
    const text = planMarkdown(plan(found));
    assert.match(text, /this plan assumes: `shop:host`/);
    assert.match(text, /`shop:token`: encrypted again, or changed/);
  });

  test('says what is left out, and stays as short as a comment has to be', () => {
    const many = Array.from({ length: 250 }, (_, n) =>
      scaled(`service-${n}`, 1, 2, { labels: { note: 'x'.repeat(50) } }),
    );
    const whole = planMarkdown(plan(dev(...many)), Number.POSITIVE_INFINITY);
    const shorter = planMarkdown(plan(dev(...many)));
    assert.ok(whole.length > MOST_CHARACTERS);
    assert.ok(shorter.length <= MOST_CHARACTERS);
    assert.match(shorter, /> Properties are left out/);
    const shortest = planMarkdown(plan(dev(...many)), 5_000);
    assert.ok(shortest.length <= 5_000);
    assert.match(shortest, /> This is cut off/);
    assert.ok(!/```[^`]*$/.test(shortest), 'no block is left open');
  });
});

describe('what a user has written', () => {
  const HOSTILE = '`x` <img src=x onerror=a> @everyone https://evil.example | [a](b) **b** ::set-output name=a::b';

  test('is no markup in a line', () => {
    const text = planMarkdown(plan(dev(scaled('api', 1, 2, { name: HOSTILE }))));
    const line = text.split('\n').find((one) => one.includes('everyone') && one.startsWith('  - '));
    assert.ok(!/<img|@everyone|https:\/\/|[^\\]\|/.test(line ?? ''), line);
  });

  test('ends no block', () => {
    const problem = 'a\n```\n</details>\n````\n# b';
    const text = planMarkdown(plan(environment('dev', { target: 'docker', problem })));
    assert.match(text, /\n`````\na\n```\n<\/details>\n````\n# b\n`````/);
  });

  test('is one cell of the table', () => {
    const text = planMarkdown(plan(environment('a|b\nc`', { target: 'docker' })));
    assert.match(text, /\| `a b c ` \| no change \|/);
  });
});
