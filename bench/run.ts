import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { gateway } from './gateway';
import { memory } from './memory';
import { plan } from './plan';
import { preview } from './preview';
import { previewOfMany } from './preview-of-many';
import { recovery } from './recovery';
import { rendering } from './rendering';
import { sectionText, withSection } from './results';
import type { Outcome } from './section';
import { up } from './up';
import { upKubernetes } from './up-kubernetes';

const BENCHMARKS: Record<string, () => Promise<Outcome>> = {
  rendering,
  memory,
  preview,
  plan,
  'preview-of-many': previewOfMany,
  gateway,
  up,
  'up-kubernetes': upKubernetes,
  recovery,
};
const RESULTS = join(__dirname, 'results.md');

/** Runs all benchmarks, or those named on the command line, and writes the section of each into `results.md`. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in BENCHMARKS));
  if (unknown.length > 0) {
    console.error(`error: no benchmark ${unknown.join(', ')}; there are: ${Object.keys(BENCHMARKS).join(', ')}`);
    process.exitCode = 1;
    return;
  }
  for (const [name, benchmark] of Object.entries(BENCHMARKS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`${name} …`);
    const outcome = await benchmark();
    if ('skipped' in outcome) {
      console.log(`\n${name}: skipped: ${outcome.skipped}`);
      continue;
    }
    const text = sectionText(outcome, measured());
    console.log(`\n${text}`);
    writeFileSync(RESULTS, withSection(existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '', outcome.title, text));
  }
}

function measured(): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${new Date().toISOString().slice(0, 10)} on ${machine}, Linux ${release()} ${arch()}, Node ${process.version}`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
