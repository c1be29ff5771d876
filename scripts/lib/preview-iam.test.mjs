import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { statementLines } from './preview-iam.mjs';
import { groupsOf } from './preview-summary.mjs';

const lines = (...Statement) => statementLines(JSON.stringify({ Version: '2012-10-17', Statement }));

describe('the statements of a policy', () => {
  test('are told one by one', () =>
    assert.deepEqual(
      lines(
        { Effect: 'Allow', Action: ['iam:PassRole', 'sts:AssumeRole'], Resource: 'arn:aws:iam::*:role/*' },
        { Effect: 'Deny', Action: 's3:*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        { Effect: 'Allow', NotAction: 'iam:*', NotResource: ['a', 'b'] },
      ),
      [
        'Allow iam:PassRole, sts:AssumeRole on arn:aws:iam::*:role/*',
        'Deny s3:* on *, on a condition',
        'Allow everything but iam:* on everything but a, b',
      ],
    ));

  test('may be one, without a list', () =>
    assert.deepEqual(statementLines({ Statement: { Effect: 'Allow', Action: 'a:B', Resource: 'c' } }), [
      'Allow a:B on c',
    ]));

  test('are counted where they are many', () => {
    const Action = Array.from({ length: 10 }, (_, index) => `s3:${index}`);
    assert.match(lines({ Action, Resource: '*' })[0], /s3:7 and 2 more on \*$/);
  });

  test('may not be known yet', () => {
    for (const policy of ['04da6b54-80e4-46f7-96ec-b56ff0331ba9', undefined, 'no JSON'])
      assert.deepEqual(statementLines(policy), ['its statements are known after up']);
  });
});

test('a new policy is shown with its statements, beside what comes with it', () => {
  const urn = (type, name) => `urn:pulumi:prod::shop::${type}::${name}`;
  const policy = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }] });
  const found = groupsOf({
    steps: [
      { op: 'create', urn: urn('aws:iam/role:Role', 'pod-order-role'), newState: { inputs: {} } },
      { op: 'create', urn: urn('aws:iam/rolePolicy:RolePolicy', 'pod-order'), newState: { inputs: { policy } } },
    ],
  });
  assert.deepEqual(found[0].lines, [
    'Role pod-order-role is created',
    'RolePolicy pod-order is created',
    '  Allow iam:PassRole on *',
  ]);
});
