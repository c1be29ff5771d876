// The result of a rendering is all that is written to standard output. Loaded before the stacks: what these print, whenever they do, is
// for people, and whatever ends this process before there is a result is a failure of theirs.
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

/** Writes the result. */
export const print = (result: object) => void write(JSON.stringify(result));

process.exit = (code) => {
  throw new Error(`the program ended itself by process.exit(${code ?? ''})`);
};

const rejections: unknown[] = [];
process.on('unhandledRejection', (error) => rejections.push(error));

/** Throws what a promise that nobody waits for was rejected with since the last call. */
export async function throwRejections(): Promise<void> {
  // Node.js tells of them once the promises of this turn are through.
  await new Promise((resolve) => setImmediate(resolve));
  const [first] = rejections.splice(0);
  if (first !== undefined) throw first as Error;
}
