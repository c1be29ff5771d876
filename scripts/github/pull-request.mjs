// Which pull request a run belongs to. GitHub says it, never anything that the run has made: a fork's run makes what it likes.

/**
 * The open pull request of a run, as the API describes it; undefined if there is none any more, or if it has moved on.
 *
 * @param run `workflow_run` of the event. For forks its list of pull requests is empty, so the commit, the branch and the
 *   repository of the head are looked up.
 * @param base branch that pull requests are planned against.
 */
export async function pullRequestOf(github, run, base) {
  const { head_sha: sha, head_branch: branch, head_repository: repository } = run;
  if (!repository?.owner?.login || !branch) return undefined; // the fork is deleted
  const candidates = await github.list('pulls', { state: 'open', base, head: `${repository.owner.login}:${branch}` });
  return candidates.find(
    ({ head, base: into }) => head.sha === sha && head.repo?.id === repository.id && into.ref === base,
  );
}

export const isFork = ({ head, base }) => head.repo?.id !== base.repo.id;
