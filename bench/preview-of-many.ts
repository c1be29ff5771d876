import { manyStack } from '../test/behaviour/support/many';
import type { Stack } from '../test/behaviour/support/stack';
import { targetNamed } from '../test/behaviour/support/target';
import { withoutCluster } from './fixture-on';
import type { Outcome } from './section';
import { median, noise } from './statistics';
import { watched } from './watched';

const SIZES = [50, 100, 200];
const ROUNDS = 3;

interface Case {
  target: string;
  services: number;
  seconds: number[];
  peakMiB: number[];
  resources: number;
}

/** One preview of a stack that does not exist yet: everything is to be created. */
async function once(measured: Case): Promise<void> {
  const { target, services } = measured;
  const stacks: Stack[] = [];
  const { result, program } = await watched(`@pulumi/${target}`, async (env) => {
    const stack = await manyStack(`bench-${target}`, { services }, { target: targetNamed(target), env });
    stacks.push(stack);
    return stack.preview();
  });
  if (result.code !== 0) throw new Error(result.output);
  measured.seconds.push(result.seconds);
  measured.peakMiB.push(program.peakMiB);
  measured.resources = Number(/(\d+) to create/.exec(result.output)?.[1]);
  await Promise.all(stacks.map((stack) => stack.remove()));
}

export async function previewOfMany(): Promise<Outcome> {
  const skipped = await withoutCluster();
  if (skipped !== undefined) return { skipped };
  const cases: Case[] = ['docker', 'kubernetes'].flatMap((target) =>
    SIZES.map((services) => ({ target, services, seconds: [], peakMiB: [], resources: 0 })),
  );
  for (let round = 0; round < ROUNDS; round++) for (const one of cases) await once(one);
  return {
    title: 'Preview of many microservices',
    about: `\`pulumi preview\` of so many microservices that do not exist yet, each with three replicas, four of five with one that they call; peak resident memory of the Node process that runs the program. Median of ${ROUNDS}. Aim: linear, so that twice the services take at most twice the time and memory.`,
    head: ['target', 'services', 'resources', 'seconds', 'against half', 'noise', 'peak', 'against half'],
    rows: cases.map((one) => {
      const half = cases.find(({ target, services }) => target === one.target && services * 2 === one.services);
      const ratio = (of: (from: Case) => number[]) =>
        half ? `${(median(of(one)) / median(of(half))).toFixed(2)} ×` : '';
      return [
        one.target,
        String(one.services),
        String(one.resources),
        median(one.seconds).toFixed(1),
        ratio(({ seconds }) => seconds),
        noise(one.seconds),
        `${median(one.peakMiB)} MiB`,
        ratio(({ peakMiB }) => peakMiB),
      ];
    }),
  };
}
