// What every command that hands its options to Pulumi does first, in the order in which a mistake costs least.
import { setup } from '../setup.mjs';
import { judgeOptions } from './cli.mjs';
import { commandLine } from './command.mjs';
import { chooseStack } from './stack-choice.mjs';

/**
 * @param spec of the command line; with `pulumi`, the command of the CLI that gets the options, and `refuse`, which looks at
 *   what was given before anything is done.
 * @param choice see `chooseStack`.
 * @returns values and options as `commandLine` does, and the stack.
 */
export async function prepare(spec, choice) {
  const { values, rest } = commandLine(spec);
  const options = spec.refuse?.(values, rest) ?? rest;
  const judge = () => judgeOptions(spec.pulumi, options, Object.keys(spec.options));
  const judged = await judge();
  const stack = await chooseStack(values.stack, choice);
  await setup({ stack });
  if (!judged) await judge();
  return { values, options, stack, rest };
}
