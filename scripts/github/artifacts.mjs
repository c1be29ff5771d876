// The artifacts of a run, read from GitHub's API one file each, into memory.
import { UserError } from '../lib/report.mjs';
import { onlyFile } from './zip.mjs';

/** Bytes, packed and unpacked. */
const LIMIT = 256 * 1024;

/** The artifacts of a run that have not expired: `id`, `name`, `size_in_bytes`. */
export async function artifactsOf(github, runId) {
  const all = await github.list(`actions/runs/${Number(runId)}/artifacts`, {}, 'artifacts');
  return all.filter(({ expired }) => !expired);
}

/**
 * The text of the one file in an artifact.
 *
 * @throws UserError saying why it is refused.
 */
export async function textOf(github, { id, size_in_bytes: size }, file) {
  if (size > LIMIT) throw tooLarge();
  const response = await github.redirected(`actions/artifacts/${Number(id)}/zip`);
  const chunks = [];
  let length = 0;
  // Whatever the answer says of its length.
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return onlyFile(Buffer.concat(chunks), file, LIMIT);
}

const tooLarge = () => new UserError(`the artifact is refused: it has more than ${LIMIT} bytes`);
