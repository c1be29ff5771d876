// Every stack of the checkout in which this file lies, as JSON for `npm run plan`. Standard input has the revision before, if there is
// one, and the key with which secrets are told apart. Nothing is asked over a network.
import { print, throwRejections } from './output';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { steps, type Step } from './compare';
import { failure } from './failure';
import { identityChange } from './identity';
import type { PlannedStack, Rendering } from './planned';
import { renderStack, type Rendered } from './render-stack';
import { partOf } from './replaced-outputs';
import { withoutSecrets } from './secrets';
import { readStackFile, type StackFile } from './stack-file';

const ROOT = join(__dirname, '..', '..');
const STACK_FILE = /^Pulumi\.(.+)\.yaml$/;
/** What is replaced gets another id, which may replace what has it among its inputs, and so on. */
const MOST_ROUNDS = 5;

interface Input {
  /** Without it, each stack is rendered as it is once it has been deployed. */
  before?: Rendering;
  /** Of this run only. */
  key: string;
}

interface Result {
  rendered: Rendered;
  /** What changes, where the revision before is known. */
  steps?: Step[];
}

/** Renders stacks by name, each once, also where another one reads its outputs. */
class Stacks {
  private readonly files: Map<string, () => StackFile>;
  private readonly results = new Map<string, Promise<Result>>();

  constructor(
    private readonly project: string,
    readonly names: readonly string[],
    private readonly input: Input,
  ) {
    this.files = new Map(names.map((stack) => [stack, once(() => readStackFile(ROOT, project, stack, input.key))]));
  }

  async planned(stack: string): Promise<PlannedStack> {
    let file: StackFile;
    try {
      file = this.files.get(stack)!();
    } catch (error) {
      const problem = `Pulumi.${stack}.yaml cannot be read: ${failure(error, ROOT)}`;
      return { target: '', assumed: {}, encrypted: {}, plain: [], problem };
    }
    const { values, assumed, encrypted } = file;
    const target = values[`${this.project}:target`] ?? '';
    const plain = Object.keys(values).filter((key) => !(key in assumed));
    try {
      const { rendered, steps } = await this.result(stack);
      await throwRejections();
      const { registrations, warnings, facts } = rendered;
      const resources = registrations.map((one) => withoutSecrets(one, this.input.key));
      const refused = identityChange(steps);
      return {
        target,
        assumed,
        encrypted,
        plain,
        resources,
        warnings,
        facts,
        ...(steps ? { steps } : {}),
        ...(refused === undefined ? {} : { refused }),
      };
    } catch (error) {
      return { target, assumed, encrypted, plain, problem: failure(error, ROOT) };
    }
  }

  /** What goes with stacks that have no file any more. */
  removed(): [stack: string, planned: PlannedStack][] {
    return Object.entries(this.input.before?.stacks ?? {})
      .filter(([stack]) => !this.files.has(stack))
      .map(([stack, { facts: _facts, resources = [], ...one }]) => [
        stack,
        { ...one, removed: true, steps: steps(resources, [], { project: this.project, stack }) },
      ]);
  }

  private result(stack: string): Promise<Result> {
    const found = this.results.get(stack) ?? (this.input.before ? this.after(stack) : this.deployed(stack));
    this.results.set(stack, found);
    return found;
  }

  /** A first deployment, and what the next one asks for. */
  private async deployed(stack: string): Promise<Result> {
    const { facts } = await this.render(stack, {});
    return { rendered: await this.render(stack, { before: facts }) };
  }

  private async after(stack: string): Promise<Result> {
    const { resources: old = [], facts: before = {} } = this.input.before?.stacks[stack] ?? {};
    let replaced: ReadonlySet<string> = new Set();
    for (let round = 1; ; round++) {
      const rendered = await this.render(stack, { before, replaced });
      const now = rendered.registrations.map((one) => withoutSecrets(one, this.input.key));
      const found = steps(old, now, { project: this.project, stack });
      const names = found.filter(({ op }) => op === 'replace').flatMap(namesOf);
      if (names.every((name) => replaced.has(name)) || round === MOST_ROUNDS) return { rendered, steps: found };
      replaced = new Set([...replaced, ...names]);
    }
  }

  private render(
    stack: string,
    more: Pick<Parameters<typeof renderStack>[2], 'before' | 'replaced'>,
  ): Promise<Rendered> {
    return renderStack({ project: this.project, stack }, this.files.get(stack)!().values, {
      ...more,
      outputsOf: async (other) => {
        const name = other.split('/').at(-1)!;
        if (!this.files.has(name))
          throw new Error(`it joins the stack ${other}, and there is no file Pulumi.${name}.yaml`);
        return (await this.result(name)).rendered.outputs;
      },
    });
  }
}

const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= make());
};

/** Of what a step replaces. */
function namesOf({ urn, replacedParts = [] }: Step): string[] {
  const name = urn.split('::').at(-1)!;
  return [name, ...replacedParts.map((part) => partOf(name, part))];
}

async function main(): Promise<void> {
  const input = JSON.parse(await text(process.stdin)) as Input;
  const { name: project } = parse(readFileSync(join(ROOT, 'Pulumi.yaml'), 'utf8')) as { name: string };
  const names = readdirSync(ROOT).flatMap((file) => STACK_FILE.exec(file)?.[1] ?? []);
  const stacks = new Stacks(project, names.sort(), input);
  const output: Rendering = { format: 1, project, stacks: Object.fromEntries(stacks.removed()) };
  // One after the other: a process has one set of mocks.
  for (const stack of stacks.names) output.stacks[stack] = await stacks.planned(stack);
  print(output);
}

void main();
