// What a step leaves for the run that it is part of: outputs and the summary. Outside of a workflow both are printed.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/** Sets an output of the step. The value may have any lines: what ends it cannot be guessed. */
export function setOutput(name, value, env = process.env) {
  if (!/^[a-z][\w-]*$/i.test(name)) throw new Error(`${JSON.stringify(name)} is not a valid output name`);
  if (!env.GITHUB_OUTPUT) {
    console.log(`${name}=${value}`);
    return;
  }
  const end = randomUUID();
  appendFileSync(env.GITHUB_OUTPUT, `${name}<<${end}\n${value}\n${end}\n`);
}

/** Adds Markdown to the summary of the job. */
export function summarize(markdown, env = process.env) {
  if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, `${markdown.trimEnd()}\n\n`);
  else console.log(markdown);
}

/** A link to the run, from GitHub's own variables. */
export function runUrl({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env, id = GITHUB_RUN_ID) {
  return `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}/actions/runs/${Number(id)}`;
}

/** A text of somebody else's in a line of the log: no command of the runner begins in it. */
export function inLog(text) {
  return JSON.stringify(String(text)).replaceAll('::', ':\u200b:').replaceAll('##[', '#\u200b#[');
}
