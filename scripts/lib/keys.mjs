// The keys of an installation, in .local/.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesBelow } from './backend-files.mjs';
import { UserError } from './report.mjs';

/** The keys that cannot be done without: with the id of an installation alone, there are previews without its own key. */
export function keysOf({ passphrase, installationId, installationKey }) {
  return existsSync(installationId) ? [passphrase] : [passphrase, installationKey];
}

/**
 * New keys in place of lost ones would fit neither the state nor the data of the stacks that are deployed. With the id of the
 * installation, previews do without its key.
 *
 * @throws UserError
 */
export function refuseLostKeys(places) {
  const files = filesBelow(join(places.state, '.pulumi', 'stacks'), '.json');
  const stacks = files.map((file) => basename(file, '.json')).join(', ');
  const lost = keysOf(places).filter((file) => !existsSync(file));
  if (stacks === '' || lost.length === 0) return;
  const names = lost.map((file) => `.local/${basename(file)}`).join(' and ');
  throw new UserError(
    `${names} ${lost.length === 1 ? 'is' : 'are'} missing, and without ${lost.length === 1 ? 'it' : 'them'} these stacks cannot be deployed: ${stacks}`,
    'put it back from a backup of .local. Without one, to begin anew: delete what these stacks have deployed with the tools of Docker or Kubernetes, then .local/state',
  );
}
