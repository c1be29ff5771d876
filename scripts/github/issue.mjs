// The one issue on a subject: opened, kept up to date and closed by a workflow.
import { isOurs } from './api.mjs';

/**
 * Opens or updates the open issue with a label that is ours, or closes it.
 *
 * @param wanted `title` and `body`, or undefined if there is nothing to say any more; `closing` is then said.
 * @returns what was done: "opened", "updated", "unchanged", "closed", or "none" where there was and is nothing.
 */
export async function keepIssue(github, label, wanted, { closing } = {}) {
  const issues = await github.list('issues', { state: 'open', labels: label });
  // The label alone is not enough: anybody who may set labels would have their issue overwritten.
  const [own, ...more] = issues.filter((one) => isOurs(one) && !one.pull_request).sort((a, b) => a.number - b.number);
  for (const { number } of more) await close(github, number, `Duplicate of #${own.number}.`);
  if (wanted === undefined) {
    if (own === undefined) return 'none';
    await close(github, own.number, closing);
    return 'closed';
  }
  if (own === undefined) {
    await github.post('issues', { ...wanted, labels: [label] });
    return 'opened';
  }
  if (own.title === wanted.title && own.body === wanted.body) return 'unchanged';
  await github.patch(`issues/${own.number}`, wanted);
  return 'updated';
}

async function close(github, number, reason) {
  await github.post(`issues/${number}/comments`, { body: reason });
  await github.patch(`issues/${number}`, { state: 'closed', state_reason: 'completed' });
}
