// Behaviour tests on a real engine (`npm run e2e`). They share one engine and one processor, so they run one by one.
/** By target, the suites that are about the other one. */
const NOT_OF = {
  docker: [
    'admission',
    'autoscale',
    'bad-input-kubernetes',
    'environments',
    'exposure',
    'many-nodes',
    'nodes',
    'service-proxy',
  ],
  kubernetes: ['changed-rules', 'engine-restart', 'image', 'model', 'removal'],
};
const others = NOT_OF[process.env.E2E_TARGET ?? 'docker'] ?? [];

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/*.test.ts'],
  testPathIgnorePatterns: others.map((name) => `<rootDir>/${name}\\.test\\.ts$`),
  transform: {
    '^.+\\.[jt]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // The client of Kubernetes, and some of what it needs, are ECMAScript modules only.
  transformIgnorePatterns: ['/node_modules/(?!(@kubernetes/client-node|openid-client|oauth4webapi|jose)/)'],
  maxWorkers: 1,
  testTimeout: 600_000,
  reporters: ['default', '<rootDir>/support/summary-reporter.js'],
  testSequencer: '<rootDir>/support/sequencer.js',
  globalTeardown: '<rootDir>/support/teardown.ts',
};
