import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './environment';
import { describeLoad, type LoadResult } from './load';

/** One line of the report: a case and what was measured. */
export interface CaseFigures {
  name: string;
  requests?: number;
  failed?: number;
  p99?: number;
  note?: string;
}

/** Lines of one run; the reporter makes a table of them at the end. */
export const casesFile = join(root, '.local', 'behaviour.jsonl');

export function report(figures: CaseFigures): void {
  mkdirSync(dirname(casesFile), { recursive: true });
  appendFileSync(casesFile, `${JSON.stringify(figures)}\n`);
}

/** Records a load case and, when requests failed, says which. */
export function reportLoad(name: string, result: LoadResult, note?: string): LoadResult {
  report({
    name,
    requests: result.requests,
    failed: result.failed,
    p99: result.latency.p99,
    ...(note === undefined ? {} : { note }),
  });
  if (result.failed > 0) console.log(`${name}: ${describeLoad(result)}`);
  return result;
}

/** Records a case and fails the test if any request did. */
export function expectNoneLost(name: string, result: LoadResult, note?: string): void {
  reportLoad(name, result, note);
  if (result.failed > 0) throw new Error(`${name}: ${describeLoad(result)}`);
}
