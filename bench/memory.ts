import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../test/behaviour/support/environment';
import { shopStack } from '../test/behaviour/support/shop';
import { Stack } from '../test/behaviour/support/stack';
import type { Section } from './section';

interface Seen {
  peakMiB: number;
  packages: string[];
}

/** Looks into the program's own process at its end, through a module that Node loads before it. */
export async function memory(): Promise<Section> {
  const folder = mkdtempSync(join(root, '.local', 'bench-memory-'));
  try {
    const watched = new Stack(
      'shop',
      shopStack.name,
      root,
      {},
      { NODE_OPTIONS: `--require ${join(__dirname, 'watch.cjs')}`, BENCH_WATCH: folder },
    );
    const { code, output } = await watched.preview();
    if (code !== 0) throw new Error(output);
    const seen = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Seen);
    // npx and the wrapper are Node programs, too; the program is the one that loaded the provider's package.
    const program = seen
      .filter(({ packages }) => packages.includes('@pulumi/docker'))
      .sort((a, b) => b.peakMiB - a.peakMiB)[0];
    if (!program) throw new Error('no process loaded @pulumi/docker');
    const foreign = program.packages.filter((name) => /aws|eks|kubernetes/.test(name));
    return {
      title: 'Memory of the program',
      about:
        'Peak resident memory of the Node process that runs the shop for `dev`, and the provider packages it loaded. Aim: none of AWS, EKS or Kubernetes.',
      head: ['peak', '@pulumi packages', 'of AWS, EKS, Kubernetes'],
      rows: [
        [`${program.peakMiB} MiB`, program.packages.join(', '), foreign.length === 0 ? 'none' : foreign.join(', ')],
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
