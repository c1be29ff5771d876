// `npm run reference`: writes docs/reference.md from the doc comments, and the rules in docs/policies.md.
import { commandLine } from './lib/command.mjs';
import { main } from './lib/report.mjs';
import { tsx } from './lib/tsx.mjs';
import { setup } from './setup.mjs';

const COMMAND = {
  name: 'reference',
  about: 'Writes docs/reference.md from the doc comments of the public types, and the rules in docs/policies.md.',
  options: { check: { type: 'boolean', about: 'Only compare; fails if a file is out of date' } },
};

await main(async () => {
  const { values } = commandLine(COMMAND);
  await setup({ nodeOnly: true });
  return tsx('scripts/reference.ts', values.check ? ['--check'] : []);
});
