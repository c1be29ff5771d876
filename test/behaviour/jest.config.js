// Behaviour tests on a real engine (`npm run e2e`). They share one engine and one processor, so they run one by one.
/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  maxWorkers: 1,
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/support/summary-reporter.js'],
  testSequencer: '<rootDir>/support/sequencer.js',
  globalTeardown: '<rootDir>/support/teardown.ts',
};
