// Reading arguments that are for the Pulumi CLI. Pure, but for the folder that a command runs in.

/** Options of every command that have a value in the next argument. */
const VALUED = ['--color', '--cwd', '-C', '--verbose', '-v', '--tracing', '--profiling', '--memprofilerate'];

/** Where in the arguments of the CLI its command is; options of every command may come before. */
export function commandAt(args) {
  return args.findIndex((text, index) => !text.startsWith('-') && !VALUED.includes(args[index - 1]));
}

export const isHelp = (args) => args.includes('--help') || args.includes('-h');

/** The value of an option with a long and a short name; undefined if it is not given. */
export function valueOf(args, long, short) {
  for (const [index, text] of args.entries()) {
    if (text === long || text === short) return args[index + 1];
    if (text.startsWith(`${long}=`)) return text.slice(long.length + 1);
  }
  return undefined;
}

/** Options that name the same stack to another command. */
export function placeOptions(args) {
  const stack = valueOf(args, '--stack', '-s');
  return [...(stack === undefined ? [] : ['--stack', stack]), '--cwd', valueOf(args, '--cwd', '-C') ?? process.cwd()];
}

/** Arguments with which the CLI reads everything first, unless they say whether it shall. */
export function withRefresh(args) {
  const after = commandAt(args) + 1;
  return saysRefresh(args) ? args : [...args.slice(0, after), '--refresh', ...args.slice(after)];
}

export const saysRefresh = (args) => args.some((text) => /^(--refresh(=|$)|-r$)/.test(text));
