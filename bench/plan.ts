import { rmSync } from 'node:fs';
import { Checkout } from '../test/behaviour/support/checkout';
import type { Outcome } from './section';
import { byTurns, median, noise } from './statistics';

const SIZES = [50, 100, 200];
const ROUNDS = 3;
const END = '  const problems = setReplicas(definition, args.replicas);';

/** So many services more in the shop, four of five of which call one of them. */
const more = (count: number) => `
  for (let index = 0; index < ${count}; index++) {
    definition.services[\`extra-\${index}\`] = {
      image: images.frontend,
      port: 8080,
      ...health,
      replicas: 2,
      resources: { memory: '64Mi' },
      calls: index % 5 === 0 ? [] : [\`extra-\${index - (index % 5)}\`],
    };
  }
`;

interface Case {
  name: string;
  resources: number;
  run: () => Promise<number>;
  checkout: Checkout;
}

/** A base, and beside it a change that is not committed. */
async function prepared(name: string, services: number): Promise<Case> {
  const checkout = await Checkout.create((created) => {
    if (services === 0) return;
    created.edit('stacks/shop.ts', END, `${more(services)}${END}`);
    // Docker has room for 63.
    rmSync(created.path('Pulumi.dev.yaml'));
  });
  const limit = services > 0 ? "memory: '64Mi' },\n      calls" : "memory: '64Mi'";
  checkout.edit('stacks/shop.ts', limit, limit.replace('64Mi', '96Mi'));
  const one: Case = { name, resources: 0, checkout, run: () => once(one) };
  return one;
}

async function once(one: Case): Promise<number> {
  const { code, output, stdout, seconds } = await one.checkout.run('npm', [
    'run',
    '--silent',
    'plan',
    '--',
    '--base',
    'HEAD',
    '--json',
  ]);
  if (code !== 0) throw new Error(output);
  const { environments } = JSON.parse(stdout) as { environments: { changes: object[] }[] };
  one.resources = environments.reduce((sum, { changes }) => sum + changes.length, 0);
  return seconds;
}

export async function plan(): Promise<Outcome> {
  const cases = [await prepared('the shop', 0)];
  for (const size of SIZES) cases.push(await prepared(`${size} services more`, size));
  try {
    const values = await byTurns(
      ROUNDS,
      cases.map(({ run }) => run),
    );
    const seconds = values.map(median);
    const added = (index: number) => seconds[index]! - seconds[0]!;
    return {
      title: 'Plan of a change',
      about: `\`npm run plan\` of a changed memory limit, both revisions of every stack: of one service of the shop in five stacks, and of every service that is added to it in the four that are not on Docker. Median of ${ROUNDS}. Aims: at most 15 s for the shop; linear, so that twice the services add at most twice the time.`,
      head: ['', 'resources that change', 'seconds', 'added to the shop', 'against half', 'noise'],
      rows: cases.map(({ name, resources }, index) => [
        name,
        String(resources),
        seconds[index]!.toFixed(1),
        index === 0 ? '' : added(index).toFixed(1),
        index < 2 ? '' : `${(added(index) / added(index - 1)).toFixed(2)} ×`,
        noise(values[index]!),
      ]),
    };
  } finally {
    for (const { checkout } of cases) checkout.remove();
  }
}
