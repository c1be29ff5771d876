import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { environment, MOST_CHARACTERS, planMarkdown } from './plan-markdown.mjs';
import { breaksPolicies, policyDetails, policySection } from './plan-policies.mjs';

const violation = (more = {}) => ({
  rule: 'no-root-containers',
  level: 'mandatory',
  name: 'shop-api-service',
  message: 'taskSpec.containerSpec.user: "root" is not allowed. Set a user by number.',
  ...more,
});
const advice = violation({ rule: 'cpu-limit', level: 'advisory' });
const found = ({ introduced = [], existing = [], exempted = [] }) => ({ introduced, existing, exempted });
const dev = (policies) => environment('dev', { target: 'docker', policies });
const plan = (...environments) => ({ base: 'main (1234567)', head: 'change (89abcde)', environments });

describe('policies in a plan', () => {
  test('that a change breaks come first, the mandatory ones before the others', () => {
    const text = policySection([dev(found({ introduced: [advice, violation()] }))]);
    assert.match(
      text,
      /^#### Policies\n\n- \*\*mandatory\*\* `no-root-containers` \(`dev`, `shop-api-service`\): .*\n- advisory `cpu-limit`/,
    );
  });

  test('that nothing breaks are said to be', () => assert.match(policySection([dev(found({}))]), /No new findings/));

  test('are silent where no environment is judged', () =>
    assert.equal(policySection([environment('dev', { target: 'docker', problem: 'x' })]), ''));

  test('name the environments that could not be checked', () => {
    const broken = environment('prod', { target: 'eks', problem: 'x' });
    assert.match(policySection([dev(found({})), broken]), /No new findings\.\n\nNot checked: `prod`\.$/);
    assert.match(
      policySection([dev(found({ introduced: [advice] })), broken]),
      /cpu-limit[^]*\n\nNot checked: `prod`\.$/,
    );
  });

  test('that the base breaks as well are folded, as are exemptions with their reason', () => {
    const policies = found({ existing: [violation()], exempted: [violation({ exemption: 'It must be root' })] });
    const text = planMarkdown(plan(dev(policies)));
    assert.match(text, /<summary>1 existing finding<\/summary>\n\n- `no-root-containers`/);
    assert.match(text, /<summary>1 policy exemption<\/summary>\n\n- .*: It must be root\n/);
    assert.match(text, /No new findings/);
    assert.equal(policyDetails([dev(found({}))]), '');
  });

  test('mark the environment if they are mandatory', () => {
    assert.deepEqual(dev(found({ introduced: [violation()] })).marks, ['policies']);
    assert.deepEqual(dev(found({ introduced: [advice], existing: [violation()] })).marks, []);
    assert.ok(!breaksPolicies({}));
  });

  test('are no markup, whatever a resource is called', () => {
    const text = policySection([
      dev(found({ introduced: [violation({ name: 'a`<b>', message: '<img src=x> @team' })] })),
    ]);
    assert.match(text, /`a <b>`\): \\<img src=x\\> @\u200bteam$/);
  });

  test('leave room in a comment, however many they are', () => {
    const introduced = Array.from({ length: 2_000 }, (_, index) => violation({ name: `shop-${index}` }));
    const text = planMarkdown(plan(dev(found({ introduced, existing: introduced }))));
    assert.ok(text.length <= MOST_CHARACTERS);
    assert.match(text, /… and 1980 more/);
  });
});
