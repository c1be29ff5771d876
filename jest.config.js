// The fast tests: no engine, no network. The behaviour tests (`npm run e2e`) have a configuration of their own.
/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/test'],
  testEnvironment: '<rootDir>/test/support/environment.js',
  // By default one processor is left idle.
  maxWorkers: '100%',
  // Whole stacks are rendered, on machines that do other things, too.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Of the behaviour tests only those of their own tools.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/behaviour/(?!support/.*\\.unit\\.test\\.ts$)'],
  // Nothing here serializes a function.
  moduleNameMapper: {
    '^@npmcli/arborist$': '<rootDir>/test/support/nothing.js',
    'typescript-shim$': '<rootDir>/test/support/nothing.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/.local/'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  collectCoverageFrom: ['{components,infra,policy,stacks}/**/*.ts'],
};
