import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { harmless } from './harmless.mjs';

const BREAK = '\u200b';
/** As GitHub would act on it: what is broken up with an invisible character does nothing. */
const acts = (pattern, text) => assert.doesNotMatch(harmless(text), pattern);

test('what a plan is made of stays as it is', () => {
  const plan = [
    '### Plan: `change (1234567)` against `main (89abcde)`',
    '',
    '| environment | created |',
    '| --- | --- |',
    '| `dev` | 1 |',
    '',
    '- **order (microservice)** — **cost**',
    '  - replicas: 2 → 5',
    '  - → 3 replicas are added',
    '',
    '<details><summary>1 resource, by property</summary>',
    '',
    '```',
    'update docker:index/service:Service shop-order-service',
    '    mode.replicated.replicas: 2 → 5',
    '```',
    '',
    '</details>',
    '',
    '<sub>**cost**: replicas</sub>',
  ].join('\n');
  assert.equal(harmless(plan), plan);
});

describe('harmless is', () => {
  test('a mention', () => acts(/@\w/, 'ask @example/admins, mail@example.com or `@me`\n```\n@everybody\n```'));
  test('a reference to an issue', () => acts(/#\d|GH-\d/i, 'fixes #1, example/shop#2, gh-3'));
  test('a link', () =>
    acts(
      /\]\(|\]\[|\]:|:\/\/|www\.|mailto:/i,
      '[x](http://a) [x][y] [y]: //a https://b WWW.c.com mailto:d@e <ftp://f>',
    ));
  test('an image', () => acts(/!\[/, '![x](http://a/x.png) ![y][z]'));
  test('HTML', () =>
    acts(
      /<(?!\/?(?:details|summary|sub)>)[a-z/!?]/i,
      '<img src=x> <IMG> </td> <!-- x --> <?x?> <script> <details open> <a\nhref=x>',
    ));
  test('an entity', () => acts(/&[#a-z]/i, '&commat;admin &#64;admin &lt;img&gt;'));
  test('a command of the runner, which only counts in a log', () =>
    assert.equal(harmless('::set-output name=x::y'), '::set-output name=x::y'));
  test('a command of a bot', () => acts(/^[\s>*-]*\/\w/m, '/merge\n> /approve\n- /deploy prod'));
  test('a diagram', () => acts(/```\w/, '```mermaid\ngraph TD\n```\n> ~~~math\n~~~'));
  test('a marker of ours', () => acts(/<!--/, '<!-- shop: section environment -->'));
  test('invisible and reordering text', () =>
    assert.equal(harmless('a\u202eb\u2066c\u0000d\u200be\u001b[31mf\ufeffg\r\nh'), 'abcde[31mfg\nh'));
});

test('tags are closed, and none that is open elsewhere is', () => {
  assert.equal(harmless('<details><summary>x'), '<details><summary>x</summary></details>');
  assert.equal(harmless('</details>x'), `<${BREAK}/details>x`);
  assert.equal(harmless('<details></summary></details>'), `<details><${BREAK}/summary></details>`);
});

test('what is too long is cut off at a line, with its tags closed', () => {
  const text = harmless(`<details>\n${'line\n'.repeat(100)}</details>`, { limit: 100 });
  assert.ok(text.length < 130);
  assert.match(text, /line<\/details>\n\n…$/);
});
