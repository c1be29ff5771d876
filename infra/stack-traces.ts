/**
 * Makes stack traces name files that exist, at the line that runs: sucrase keeps the lines of our sources.
 *
 * Pulumi installs source-map-support, and the maps in its packages lead one folder too high, to places such as
 * `node_modules/@pulumi/resource.ts`. A frame with no folder behind the package makes Node.js, up to its fix of
 * nodejs/node#64011, grow a coloured trace until no string can hold it: some 13 s, each time that a program fails.
 *
 * Pulumi asks for the trace of an error without a message for every promise that it makes. Nobody reads those.
 */
export function readableStackTraces(): void {
  Error.prepareStackTrace = (error, frames) =>
    [
      header(error),
      ...(isEmpty(error) ? [] : frames.map((frame) => `    at ${(frame as { toString(): string }).toString()}`)),
    ].join('\n');
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
