// What a person sees while a script runs: one line when a step begins to take time, a sign of life during long ones,
// and one line with the time taken at its end. Plain lines, no cursor tricks, so that a CI log reads the same.

const SIGN_OF_LIFE_MS = 15_000;

/** A failure that the user can mend: printed without a stack. `mend` says what to do. */
export class UserError extends Error {
  constructor(message, mend) {
    super(message);
    this.name = 'UserError';
    this.mend = mend;
  }
}

/** For what needs set-up and does not do it itself. */
export function notSetUp() {
  return new UserError('this machine is not set up for the project yet', '`npm run setup` does that');
}

/** Seconds in the form "0.4 s", "12 s" or "3 min 5 s". */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function say(line = '') {
  process.stderr.write(`${line}\n`);
}

const listeners = new Set();

/** Calls a function with what this process does, each time that it does something else, until the result is called. */
export function onActivity(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Runs one step. `body` receives a function that prints what is going on: a text, or a function that gives the text of the
 * moment. What `body` returns (a string, or nothing) is the result shown beside the step's name.
 */
export async function step(name, body, { signOfLife = SIGN_OF_LIFE_MS } = {}) {
  const began = Date.now();
  let doing = () => name;
  const tell = (text) => {
    doing = typeof text === 'function' ? text : () => text;
    say(`  ${name}: ${doing()}`);
    for (const listener of listeners) listener(`${name}: ${doing()}`);
  };
  for (const listener of listeners) listener(name);
  const life = setInterval(
    () => say(`  ${name}: still at it (${duration(Date.now() - began)}): ${doing()}`),
    signOfLife,
  );
  try {
    const result = await body(tell);
    say(`✓ ${name}${result ? `: ${result}` : ''} (${duration(Date.now() - began)})`);
  } catch (error) {
    say(`✗ ${name} (${duration(Date.now() - began)})`);
    throw error;
  } finally {
    clearInterval(life);
  }
}

/** Runs a script's body; turns a failure into a message and an exit code. */
export async function main(body) {
  try {
    const code = await body();
    if (typeof code === 'number') process.exitCode = code;
  } catch (error) {
    process.exitCode = 1;
    if (!(error instanceof UserError)) {
      say(error?.stack ?? String(error));
      return;
    }
    say(`\nerror: ${error.message}`);
    if (error.mend) say(`→ ${error.mend}`);
  }
}
