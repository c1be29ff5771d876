// Pulumi would check the types of a pack in TypeScript each time that it starts one. tsx transpiles it in milliseconds;
// `npm run check` checks the types.
require('tsx/cjs');
require('./pack.ts');
