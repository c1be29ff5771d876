import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The source map of a file that was compiled on its way in, such as ours. */
type FindMap = (file: string) => { findEntry(line: number, column: number): object } | undefined;
type Origin = { originalSource?: string; originalLine?: number; originalColumn?: number };

/**
 * Makes stack traces name files that exist, and our own at the line where they stand in the source.
 *
 * The maps in Pulumi's packages lead one folder too high, to places such as `node_modules/@pulumi/resource.ts`. A frame with
 * no folder behind the package makes Node.js, up to its fix of nodejs/node#64011, grow a coloured trace until no string can
 * hold it: some 13 s, each time that a program fails. So frames in packages stay at the JavaScript that runs.
 *
 * Pulumi asks for the trace of an error without a message for every promise that it makes. Nobody reads those.
 */
export function readableStackTraces(find: FindMap = findSourceMap): void {
  Error.prepareStackTrace = (error, frames) =>
    [header(error), ...(isEmpty(error) ? [] : frames.map((frame) => `    at ${frameText(frame, find)}`))].join('\n');
}

function isEmpty(error: Error): boolean {
  return Object.getPrototypeOf(error) === Error.prototype && error.message === '';
}

function header(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}

function frameText(frame: NodeJS.CallSite, find: FindMap): string {
  const text = (frame as { toString(): string }).toString();
  const file = frame.getFileName();
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  if (!file || line === null || column === null || /[/\\]node_modules[/\\]/.test(file)) return text;
  const { originalSource, originalLine, originalColumn }: Origin = find(file)?.findEntry(line - 1, column - 1) ?? {};
  if (originalSource === undefined || originalLine === undefined || originalColumn === undefined) return text;
  const source = originalSource.startsWith('file:') ? fileURLToPath(originalSource) : originalSource;
  return text.replace(`${file}:${line}:${column}`, () => `${source}:${originalLine + 1}:${originalColumn + 1}`);
}
