// Writes docs/reference.md from the doc comments of the public types, and the rules in docs/policies.md from the policy pack. With
// --check it only compares, and fails when a file is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { withRules } from './policy-reference';

const ROOT = join(__dirname, '..');
const OUTPUT = join(ROOT, 'docs', 'reference.md');
const POLICIES = join(ROOT, 'docs', 'policies.md');
const LIBRARY = join(ROOT, 'components', 'index.ts');

/** The chapters, and the types of each in the order in which a reader needs them. */
const CHAPTERS: Record<string, string[]> = {
  Applications: ['Application', 'ApplicationArgs'],
  Microservices: ['MicroserviceArgs', 'ReplicaRange', 'Microservice'],
  Jobs: ['JobArgs', 'Job'],
  Gateways: ['GatewayArgs', 'Route', 'Gateway'],
  Checks: ['Check', 'HttpCheck', 'GrpcCheck', 'TcpCheck', 'ExecCheck'],
  'Resources, storage, hardening, secrets': [
    'ResourcesArgs',
    'StorageArgs',
    'WritablePath',
    'HardeningArgs',
    'VersionedSecret',
  ],
  Images: ['ImageArgs', 'Image'],
  Quantities: ['Cpu', 'Size', 'Duration'],
  'Escape hatch': ['Transform'],
  Errors: ['InvalidArgumentsError', 'IdentityChangedError', 'IdentityAdvice', 'IdentityFacts'],
  'Docker platform': ['DockerPlatformArgs'],
  'AWS cluster': ['NetworkSettings', 'ClusterSettings', 'Access'],
};

/** Public types that are not exported by the library's index, by the file that has them. */
const ELSEWHERE: Record<string, string> = {
  DockerPlatformArgs: join(ROOT, 'components', 'docker', 'platform.ts'),
  NetworkSettings: join(ROOT, 'components', 'aws', 'network-spec.ts'),
  ClusterSettings: join(ROOT, 'components', 'aws', 'cluster-spec.ts'),
  Access: join(ROOT, 'components', 'aws', 'cluster-spec.ts'),
};

/** Exported types that are no arguments of anybody's: what lies between the library and a platform. */
const INTERNAL = new Set(['ApplicationDefinition', 'ApplicationSpec', 'CheckTiming', 'Identity', 'Platform']);

/** The whole reference as Markdown. */
export function renderReference(): string {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')).config,
    ts.sys,
    ROOT,
  );
  const program = ts.createProgram([LIBRARY, ...Object.values(ELSEWHERE)], options);
  const checker = program.getTypeChecker();
  const library = exportsOf(program, checker, LIBRARY);
  checkComplete(library);
  const find = (name: string) => {
    const file = ELSEWHERE[name];
    const symbol = (file === undefined ? library : exportsOf(program, checker, file)).get(name);
    if (!symbol) throw new Error(`there is no exported type ${name}; look at the chapters in scripts/reference.ts`);
    return symbol;
  };
  const links = new Set(Object.values(CHAPTERS).flat());
  return [
    '# Reference',
    '',
    'Generated from the doc comments by `scripts/reference.ts`; do not edit. The words are explained in',
    '[architecture.md](architecture.md), what each argument becomes on which target in [arguments.md](arguments.md).',
    'An `Input<T>` is a value, or an output of another resource. An argument without a default is required.',
    '',
    ...Object.entries(CHAPTERS).flatMap(([chapter, names]) => [
      `## ${chapter}`,
      '',
      ...names.flatMap((name) => describe(checker, name, find(name), links)),
    ]),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function exportsOf(program: ts.Program, checker: ts.TypeChecker, file: string): Map<string, ts.Symbol> {
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${relative(ROOT, file)} exports nothing`);
  return new Map(
    checker.getExportsOfModule(module).map((symbol) => {
      const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
      return [symbol.name, isAlias ? checker.getAliasedSymbol(symbol) : symbol];
    }),
  );
}

/** A type that is added to the library must be given a chapter, or be named as internal. */
function checkComplete(library: Map<string, ts.Symbol>): void {
  const placed = new Set([...Object.values(CHAPTERS).flat(), ...INTERNAL]);
  const types = ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias;
  const missing = [...library].filter(([name, { flags }]) => (flags & types) !== 0 && !placed.has(name));
  if (missing.length > 0) {
    throw new Error(`no chapter of scripts/reference.ts has ${missing.map(([name]) => name).join(', ')}`);
  }
}

function describe(checker: ts.TypeChecker, name: string, symbol: ts.Symbol, links: Set<string>): string[] {
  const declaration = symbol.declarations?.[0];
  if (!declaration) throw new Error(`${name} is declared nowhere`);
  const head = [`### ${name}`, '', ...paragraph(commentOf(checker, symbol)), ...thrown(symbol)];
  if (ts.isTypeAliasDeclaration(declaration)) return [...head, '```ts', declaration.getText(), '```', ''];
  const members = checker
    .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
    .flatMap((member) => membersOf(checker, member, ''))
    .sort((a, b) => Number(b.required) - Number(a.required));
  if (members.length === 0) return head;
  const isClass = ts.isClassDeclaration(declaration);
  return [
    ...head,
    isClass ? '| property | type | meaning |' : '| argument | type | default | meaning |',
    isClass ? '| --- | --- | --- |' : '| --- | --- | --- | --- |',
    ...members.map(({ path, type, fallback, comment }) => {
      const cells = [`\`${path}\``, linked(type, links), ...(isClass ? [] : [fallback]), comment];
      return `| ${cells.map(cell).join(' | ')} |`;
    }),
    '',
  ];
}

interface Member {
  path: string;
  type: string;
  required: boolean;
  fallback: string;
  comment: string;
}

/** One argument; of one that is an object written in place, also the arguments in it. */
function membersOf(checker: ts.TypeChecker, symbol: ts.Symbol, prefix: string): Member[] {
  const declaration = symbol.valueDeclaration;
  if (!declaration || !isOurs(declaration) || isHidden(declaration)) return [];
  if (!ts.isPropertySignature(declaration) && !ts.isPropertyDeclaration(declaration) && !ts.isParameter(declaration)) {
    return [];
  }
  const path = `${prefix}${symbol.name}`;
  const required = declaration.questionToken === undefined;
  const fallback = defaultOf(symbol);
  const own: Member = {
    path,
    type: declaration.type?.getText().replace(/import\('[^']*'\)\./g, '') ?? '',
    required: required && prefix === '',
    fallback: fallback ?? (required ? '' : 'none'),
    comment: commentOf(checker, symbol),
  };
  const nested = declaration.type && ts.isTypeLiteralNode(declaration.type) ? declaration.type.members : [];
  if (nested.length === 0) return [own];
  const inner = nested.flatMap((member) => {
    const found = member.name && checker.getSymbolAtLocation(member.name);
    return found ? membersOf(checker, found, `${path}.`) : [];
  });
  return [{ ...own, type: 'object' }, ...inner.map((member) => ({ ...member, required: own.required }))];
}

/** Inherited from Pulumi or the language: described there. */
function isOurs(declaration: ts.Declaration): boolean {
  return !declaration.getSourceFile().fileName.split('/').includes('node_modules');
}

function isHidden(declaration: ts.Declaration): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Static;
  return (ts.getCombinedModifierFlags(declaration) & hidden) !== 0;
}

function commentOf(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
}

/** `@default value`, or `@default - behaviour`; a value that depends on something is a text, too. */
function defaultOf(symbol: ts.Symbol): string | undefined {
  const tag = symbol.getJsDocTags().find(({ name }) => name === 'default');
  if (!tag) return undefined;
  const text = ts.displayPartsToString(tag.text).trim();
  if (text.startsWith('- ')) return text.slice(2);
  return /^(\S+|[{[].*)$/.test(text) ? `\`${text}\`` : text;
}

function thrown(symbol: ts.Symbol): string[] {
  const tag = symbol.getJsDocTags().find(({ name }) => name === 'throws');
  return tag ? [`Throws ${ts.displayPartsToString(tag.text).trim()}`, ''] : [];
}

function paragraph(text: string): string[] {
  return text === '' ? [] : [text, ''];
}

/** A type in code marks; a single one that has a section here is a link. */
function linked(type: string, links: Set<string>): string {
  const bare = /^(?:Readonly<)?(?:Record<string, )?(\w+)(?:>)*(?:\[\])?$/.exec(type)?.[1];
  return bare !== undefined && links.has(bare) ? `[\`${type}\`](#${bare.toLowerCase()})` : `\`${type}\``;
}

function cell(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}

/** Missing files are out of date as well. */
const readIfPresent = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

function run(): void {
  const wanted = new Map([
    [OUTPUT, renderReference()],
    [POLICIES, withRules(readIfPresent(POLICIES))],
  ]);
  for (const [file, text] of wanted) {
    if (!process.argv.includes('--check')) writeFileSync(file, text);
    else if (readIfPresent(file) !== text) {
      console.error(`${relative(ROOT, file).split(sep).join('/')} is out of date; write it with: npm run reference`);
      process.exitCode = 1;
    }
  }
}

if (require.main === module) run();
