import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Arrows point one way: infra → stacks → components → {docker, kubernetes, aws}. */
const directions = [
  { target: './components', from: ['./stacks', './infra', './app', './test', './bench', './scripts'] },
  { target: './stacks', from: ['./infra', './test', './bench', './scripts'] },
  { target: './infra', from: ['./test', './bench', './scripts'] },
  { target: './components/docker', from: ['./components/kubernetes', './components/aws'] },
  { target: './components/kubernetes', from: ['./components/docker', './components/aws'] },
  { target: './components/haproxy', from: ['./components/docker', './components/kubernetes', './components/aws'] },
  {
    target: './components/!(docker|kubernetes|aws)*',
    from: ['./components/docker', './components/kubernetes', './components/aws'],
  },
  // It judges stacks of others as well, and knows nothing of these.
  { target: './policy', from: ['./components', './stacks', './infra', './app', './test', './bench', './scripts'] },
].map((zone) => ({
  ...zone,
  message: 'Arrows point one way: infra → stacks → components → {docker, kubernetes, aws}.',
}));

export default tseslint.config(
  { ignores: ['**/node_modules/', '.local/', 'coverage/', 'app/**', '**/*.js'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: directions }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // An Output in a template string prints its error text; numbers are fine.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Indexing what was checked a line before.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Creating a resource is a statement.
      'no-new': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['stacks/shop.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/docker*', '**/kubernetes*', '**/aws*'], message: 'The shop names no platform.' }] },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'Literal[value=/docker|kubernetes|swarm|aws|eks/i]', message: 'The shop names no platform.' },
        { selector: 'Identifier[name=/docker|kubernetes|swarm|aws|eks/i]', message: 'The shop names no platform.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // What comes from an engine, a page or a mock is not always what its types say.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      // What an API answers is data; its client's types call it instances.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
  },
);
