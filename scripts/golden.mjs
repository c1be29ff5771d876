// `npm run golden`: writes what the tests compare with. Look at the difference before you commit it.
import { commandLine } from './lib/command.mjs';
import { main } from './lib/report.mjs';
import { tsx } from './lib/tsx.mjs';
import { setup } from './setup.mjs';

const COMMAND = {
  name: 'golden',
  about: 'Writes test/golden, what each stack registers, after a change that was meant. Look at the difference.',
};

await main(async () => {
  commandLine(COMMAND);
  await setup({ nodeOnly: true });
  return tsx('test/golden/update.ts');
});
