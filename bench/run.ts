import { writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { gateway } from './gateway';
import { memory } from './memory';
import { preview } from './preview';
import { rendering } from './rendering';
import type { Section } from './section';
import { up } from './up';

const BENCHMARKS: Record<string, () => Promise<Section>> = { rendering, memory, preview, gateway, up };

/** Runs all benchmarks, or those named on the command line, and writes `results.md` when all have run. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in BENCHMARKS));
  if (unknown.length > 0)
    throw new Error(`no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHMARKS).join(', ')}`);
  const sections: Section[] = [];
  for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`${name} …`);
    const section = await benchmark();
    sections.push(section);
    console.log(`\n${render(section)}`);
  }
  if (names.length > 0) return;
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()} ${arch()}, Node ${process.version}`;
  const text = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Both sides of a ratio were measured in the same run, by turns; figures of different runs, or',
    'machines, do not compare. The load generator shares the processors with what it measures, so absolute numbers are low.',
    '',
    `${new Date().toISOString().slice(0, 10)} on ${machine}`,
    '',
    ...sections.map(render),
  ].join('\n');
  writeFileSync(join(__dirname, 'results.md'), text);
}

function render({ title, about, head, rows }: Section): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', about, '', line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
