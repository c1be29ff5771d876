// The command line of a script: its options, its --help, and what it says to an option that it does not know.
import { parseArgs } from 'node:util';
import { UserError } from './report.mjs';
import { suggest } from './suggest.mjs';

const HELP = { help: { type: 'boolean', short: 'h', about: 'Print this help' } };

/** The option of every command that acts on a stack. */
export const STACK = {
  stack: {
    type: 'string',
    short: 's',
    value: 'NAME',
    about: 'The stack; by default the one that `npx pulumi stack select` has selected, else dev',
  },
};

/**
 * What a command was asked for. Prints the help and ends the process if that is what it was.
 *
 * @param spec `name` of the npm script, or `program` of a script that is none; `about`, a sentence or more; `positionals`, as the usage shows them; `options` as for
 *   `parseArgs`, each with `about` and, for a string, `value`; `passesTo`, the program that gets what is not known here;
 *   `more`, lines below the options; `examples`.
 */
export function commandLine(spec, argv = process.argv.slice(2)) {
  const parsed = parse(spec, argv);
  if (!parsed.values.help) return parsed;
  console.log(helpText(spec));
  return process.exit(0);
}

/** Values of the command's own options, positional arguments, and in `rest` what goes on to another program. Pure. */
export function parse(spec, argv) {
  const options = { ...spec.options, ...HELP };
  const { tokens } = parseArgs({ args: argv, options, strict: false, allowPositionals: true, tokens: true });
  const values = {};
  for (const [name, { default: value }] of Object.entries(options)) if (value !== undefined) values[name] = value;
  const end = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? argv.length;
  const own = new Set([end]);
  const given = new Set();
  for (const token of tokens) {
    if (token.kind !== 'option' || token.index > end) continue;
    const option = options[token.name];
    if (!option) {
      if (spec.passesTo) continue;
      throw new UserError(`there is no option ${token.rawName}`, hintFor(spec, token.name, options));
    }
    values[token.name] = valueOf(spec, token, option, given.has(token.name) ? values[token.name] : undefined);
    given.add(token.name);
    own.add(token.index);
    if (option.type === 'string' && !token.inlineValue) own.add(token.index + 1);
  }
  const rest = argv.filter((_, index) => !own.has(index));
  if (spec.passesTo) {
    const [word] = rest;
    if (!values.help && !spec.positionals && word !== undefined && !word.startsWith('-')) {
      throw new UserError(`"${word}" is not an option`, spec.options?.stack && `did you mean --stack ${word}?`);
    }
    return { values, positionals: [], rest };
  }
  const positionals = tokens.filter(({ kind }) => kind === 'positional').map(({ value }) => value);
  const most = spec.positionals?.most ?? 0;
  if (!values.help && positionals.length > most) {
    throw new UserError(`"${positionals[most]}" is one argument too many`, seeHelp(spec));
  }
  return { values, positionals, rest: [] };
}

function valueOf(spec, { rawName, value, inlineValue }, { type, multiple }, before) {
  if (type === 'boolean') {
    if (inlineValue) throw new UserError(`${rawName} takes no value`, seeHelp(spec));
    return true;
  }
  if (value === undefined || value === '' || (!inlineValue && value.startsWith('-'))) {
    throw new UserError(`${rawName} needs a value`, seeHelp(spec));
  }
  return multiple ? [...(before ?? []), value] : value;
}

function hintFor(spec, name, options) {
  const meant = suggest(name, Object.keys(options));
  return meant ? `did you mean --${meant}?` : seeHelp(spec);
}

function seeHelp(spec) {
  return `\`${programOf(spec)} --help\` shows what there is`;
}

/** As it is typed, up to its options. */
const programOf = ({ name, program = `npm run ${name} --` }) => program;

export function helpText(spec) {
  const { about, positionals, options = {}, passesTo, more = [], examples = [] } = spec;
  const all = Object.entries({ ...options, ...HELP });
  const left = ([long, { short, value }]) =>
    `  ${short ? `-${short}, ` : '    '}--${long}${value === undefined ? '' : ` ${value}`}`;
  const width = Math.max(...all.map((one) => left(one).length));
  const right = ({ about: says, default: value }) =>
    `${says}${value === undefined || value === false ? '' : ` (default: ${[value].flat().join(', ')})`}`;
  const words = ['[options]', positionals?.usage, passesTo && `[options of ${passesTo}]`].filter(Boolean);
  return [
    `Usage: ${programOf(spec)} ${words.join(' ')}`,
    '',
    about,
    '',
    'Options:',
    ...all.map((one) => `${left(one).padEnd(width)}  ${right(one[1])}`),
    ...(passesTo ? ['', `Every other option goes to \`${passesTo}\`.`] : []),
    ...(more.length > 0 ? ['', ...more] : []),
    ...(examples.length > 0 ? ['', 'Examples:', ...examples.map((line) => `  ${line}`)] : []),
  ].join('\n');
}
