import assert from 'node:assert/strict';
import { test } from 'node:test';
import pulumi from '@pulumi/pulumi';
import { tsImport } from 'tsx/esm/api';

const { failure } = await tsImport('./failure.ts', import.meta.url);
const ROOT = '/checkout';

const thrown = (error, ...frames) =>
  Object.assign(error, { stack: [`${error}`, ...frames.map((frame) => `    at ${frame}`)].join('\n') });

test('a mistake in the program is told with its line, without the folder of the checkout', () => {
  const error = thrown(
    new TypeError("Cannot read properties of undefined (reading 'port')"),
    'ports (/checkout/node_modules/zod/index.js:1:2)',
    'rendered (/checkout/scripts/plan/render.ts:3:4)',
    'Object.<anonymous> (/checkout/stacks/shop.ts:12:34)',
    '/checkout/infra/config.ts:56:7',
  );
  assert.equal(
    failure(error, ROOT),
    "TypeError: Cannot read properties of undefined (reading 'port')\n  at stacks/shop.ts:12",
  );
});

test('a frame without a function has a line as well', () => {
  assert.equal(
    failure(thrown(new Error('no'), 'file:///checkout/infra/config.ts:56:7'), ROOT),
    'no\n  at infra/config.ts:56',
  );
});

test('what lies outside the checkout is not named', () => {
  assert.equal(failure(thrown(new Error('no'), 'x (/checkout-2/stacks/shop.ts:1:1)', 'node:fs:1:1'), ROOT), 'no');
});

test('an error for users has no line', () => {
  const error = thrown(new pulumi.RunError('services.web.port: must be a number'), '/checkout/stacks/shop.ts:1:1');
  assert.equal(failure(error, ROOT), 'services.web.port: must be a number');
});

test('what is thrown and is no error is told as it is', () => {
  assert.equal(failure('enough', ROOT), 'enough');
});
