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

  test('says what AWS replaces, what may be replaced, and what it costs', () => {
    const vpc = (inputs) => ({ type: 'awsx:ec2:Vpc', inputs, protect: true });
    const text = planMarkdown(
      plan(
        environment('prod-cluster', {
          target: 'aws-cluster',
          steps: [
            {
              op: 'update',
              urn: 'urn:pulumi:prod-cluster::shop::shop:components:AwsNetwork$awsx:ec2:Vpc::network-vpc',
              oldState: vpc({
                natGateways: { strategy: 'Single' },
                numberOfAvailabilityZones: 3,
                subnetStrategy: 'Auto',
              }),
              newState: vpc({
                natGateways: { strategy: 'OnePerAz' },
                numberOfAvailabilityZones: 3,
                subnetStrategy: 'Exact',
              }),
              mayReplace: ['subnetStrategy'],
            },
            {
              op: 'replace',
              urn: 'urn:pulumi:prod-cluster::shop::shop:components:AwsCluster$eks:index:Cluster::cluster-eks',
              oldState: { type: 'eks:index:Cluster', inputs: { name: 'a' } },
              newState: { type: 'eks:index:Cluster', inputs: { name: 'b' } },
              replaceReasons: ['name'],
              replacedParts: ['the cluster and everything in it'],
            },
          ],
        }),
      ),
    );
    assert.match(
      text,
      /\n\| `prod-cluster` \| {2}\| 1 \| 1 and perhaps 1 \| {2}\| {2}\| \*\*replaces\*\*, \*\*unknown\*\*, \*\*cost\*\* \(\+\\\$73 a month\) \|\n/,
    );
    assert.match(text, /→ Cluster cluster-eks replaces the cluster and everything in it/);
    assert.match(text, /→ Vpc network-vpc may be replaced: what a change of subnetStrategy does is not known here/);
    assert.match(text, /\n- \*\*cost\*\*: NAT gateways 1 → 3 \(\+\\\$73 a month\)\n/);
    assert.match(text, /\*\*unknown\*\*: a resource may be replaced.*\*\*cost\*\*: [^·]*list prices in docs\/aws\.md/);
  });

  test('says of each resource what changes, also where it is the same', () => {
    const of = (name) => ({
      op: 'update',
      urn: `urn:pulumi:prod-cluster::shop::aws:sns/topic:Topic::${name}`,
      oldState: { type: 'aws:sns/topic:Topic', inputs: { displayName: 'a' } },
      newState: { type: 'aws:sns/topic:Topic', inputs: { displayName: 'b' } },
    });
    const text = planMarkdown(
      plan(environment('prod-cluster', { target: 'aws-cluster', steps: [of('one'), of('two')] })),
    );
    assert.match(
      text,
      /Topic one changes\n {4}- `displayName: a → b`\n {2}- Topic two changes\n {4}- `displayName: a → b`\n/,
    );
  });

  test('says what becomes of what is protected, kept, or deleted first', () => {
    const step = (op, more) => ({
      op,
      urn: `urn:pulumi:bootstrap::shop::aws:kms/key:Key::${op}-key`,
      oldState: { type: 'aws:kms/key:Key', inputs: { multiRegion: false }, ...more },
      ...(op === 'delete'
        ? {}
        : { newState: { type: 'aws:kms/key:Key', inputs: { multiRegion: true }, deleteBeforeReplace: true } }),
    });
    const of = (...steps) => planMarkdown(plan(environment('bootstrap', { target: 'aws-bootstrap', steps })));
    assert.match(
      of(step('replace', { protect: true })),
      /→ Key replace-key is protected: Pulumi refuses to replace it/,
    );
    assert.match(of(step('delete', { protect: true })), /→ Key delete-key is protected: Pulumi refuses to delete it/);
    assert.match(of(step('replace', { retainOnDelete: true })), /→ the former Key replace-key is kept/);
    assert.match(of(step('replace', {})), /→ Key replace-key is deleted before the new one is created/);
  });

  test('names what is assumed, and ciphertext that is another', () => {
    const found = environment('prod', { target: 'eks', assumed: { 'shop:host': 'x' }, reencrypted: ['shop:token'] });
    assert.ok(!isQuiet(found));
    const text = planMarkdown(plan(found));
    assert.match(text, /assumed for this plan: `shop:host`/);
    assert.match(text, /`shop:token`: encrypted again, or changed/);
  });

  test('says of a stack whose file is new or deleted that it is', () => {
    const of = (state) => planMarkdown(plan({ ...dev(scaled('api', 2, 3)), state }));
    assert.match(of(undefined), /\n#### `dev` \(docker\)\n/);
    assert.match(of('added'), /\n#### `dev` \(docker, new\)\n/);
    assert.match(
      of('removed'),
      /\n#### `dev` \(docker; stack file deleted, its resources stay deployed until `npm run down`\)\n/,
    );
    assert.match(of('removed'), /\n\| `dev` \| stack file deleted \|/);
  });

  test('says of a setting that was encrypted that it is in plain text', () => {
    const found = environment('prod', { target: 'eks', decrypted: ['shop:token'] });
    assert.ok(!isQuiet(found));
    assert.match(planMarkdown(plan(found)), /`shop:token`: was encrypted, and is in plain text/);
  });

  test('tells a refused stack from one that cannot be rendered', () => {
    const text = planMarkdown(
      plan(
        environment('prod', { target: 'eks', problem: 'x', refused: true }),
        environment('staging', { target: '', problem: 'y' }),
      ),
    );
    assert.match(text, /\| `prod` \| \*\*refused\*\* \|/);
    assert.match(text, /\| `staging` \| \*\*cannot be rendered\*\* \|[^]*#### `staging` \(target not known\)/);
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
