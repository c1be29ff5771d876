// What we ask of a Docker engine through its command line: the one interface that is the same for every context,
// DOCKER_HOST and credential set-up.
import { UserError } from './report.mjs';
import { capture, must, which } from './run.mjs';

const ANSWER_MS = 20_000;

/**
 * The engine's own description, or the reason why there is none.
 *
 * @param host address of another engine than the one that the user has chosen.
 */
export async function engineInfo(host) {
  const args = [...(host ? ['--host', host] : []), 'info', '--format', '{{json .}}'];
  const { code, stdout, stderr } = await capture('docker', args, { timeout: ANSWER_MS });
  if (code === 127) return { missing: true, reason: 'there is no `docker` command' };
  if (code === 124) return { reason: `no answer within ${ANSWER_MS / 1000} s` };
  let info;
  try {
    info = JSON.parse(stdout);
  } catch {
    return { reason: stderr.trim() || `docker info ended with exit code ${code}` };
  }
  // `docker info` succeeds even if only the client answers; the server's errors and version tell.
  if (info.ServerErrors?.length || !info.ServerVersion)
    return { reason: (info.ServerErrors ?? [stderr.trim()]).join('; ') };
  return { info };
}

/**
 * The address that the user has chosen (DOCKER_HOST, or a docker context other than the default), or undefined for the
 * engine of this machine.
 */
export async function chosenHost(env = process.env) {
  if (env.DOCKER_HOST) return { from: 'DOCKER_HOST', host: env.DOCKER_HOST };
  if (!which('docker')) return undefined;
  const context = env.DOCKER_CONTEXT || (await must('docker', ['context', 'show']).catch(() => 'default')).trim();
  if (context === 'default' || context === '') return undefined;
  const host = await must('docker', ['context', 'inspect', context, '--format', '{{.Endpoints.docker.Host}}'], {
    mend: `choose another context with \`docker context use\``,
  });
  return { from: `the docker context "${context}"`, host: host.trim() };
}

/** Objects that carry all given labels, as parsed JSON lines of `docker <kind> ls`. */
export async function list(kind, labels, extra = []) {
  const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
  return jsonLines(await must('docker', [kind, 'ls', '--format', '{{json .}}', ...extra, ...filters]));
}

/** In what Docker prints as errors, the lines that say of an object that there is none. Pure. */
export function linesOfGone(stderr) {
  return stderr.split('\n').filter((line) => /no such (?!host)|not found/i.test(line));
}

/** Whether an error is only that what was asked for is not there. Pure. */
export function saysGone(stderr) {
  const gone = linesOfGone(stderr).length;
  return gone > 0 && gone === stderr.split('\n').filter((line) => line.trim() !== '').length;
}

/** What `docker KIND inspect` says of objects that were listed, without those that have gone since. */
export async function inspectAll(kind, ids) {
  return ids.length === 0 ? [] : JSON.parse(present(await capture('docker', [kind, 'inspect', ...ids])));
}

/**
 * What a command of Docker has printed of several objects. It prints those that there are, and fails where one of them is not
 * there: it may have ended between being listed and being asked for. Pure.
 *
 * @throws UserError where it failed for anything else.
 */
export function present({ code, stdout, stderr }) {
  if (code !== 0 && !saysGone(stderr))
    throw new UserError(`a command of Docker failed: ${stderr.trim() || `exit code ${code}`}`);
  return stdout;
}

export function jsonLines(text) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}
