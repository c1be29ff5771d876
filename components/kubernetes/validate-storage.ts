import { isDeepStrictEqual } from 'node:util';
import { formatSize } from '../quantity';
import { suggest, type Report } from '../validation';
import { ACCESS_MODES, claimName } from './claim';
import type { KubernetesPlatformArgs } from './platform';
import type { ClaimFacts } from './preflight';

/** What the cluster lacks for a storage, and what cannot change in one that it has. */
export function checkStorage(
  path: string,
  name: string,
  size: number,
  options: Pick<KubernetesPlatformArgs, 'facts' | 'storageClass' | 'namespace'>,
  error: Report,
): void {
  const { facts, storageClass } = options;
  const classes = facts?.storageClasses;
  const chosen = classes?.find((one) => (storageClass === undefined ? one.isDefault : one.name === storageClass));
  if (classes && !chosen) {
    const names = classes.map((one) => one.name);
    error(
      storageClass === undefined
        ? {
            path,
            allowed: `the cluster has no default storage class; ${suggest('', names)}`,
            fix: 'set storageClass',
          }
        : {
            path: 'storageClass',
            value: storageClass,
            allowed: `the cluster has no such storage class; ${suggest(storageClass, names)}`,
          },
    );
  }
  const claim = claimName(name);
  const found = facts?.claims?.get(claim);
  if (found === undefined) return;
  checkClaim(path, claim, found, options, error);
  const current = found.size;
  if (size < current) {
    error({
      path: `${path}.size`,
      value: formatSize(size),
      allowed: `must not be below ${formatSize(current)}, which the claim has: volumes do not shrink`,
    });
  }
  // The default may be another since the claim was made.
  const its = classes?.find((one) => one.name === found.storageClass) ?? chosen;
  if (size > current && its?.canGrow === false) {
    error({
      path: `${path}.size`,
      value: formatSize(size),
      allowed: `the claim has ${formatSize(current)}, and storage class ${its.name} does not let volumes grow`,
    });
  }
}

/** Never the context and namespace that somebody happens to have chosen. */
export const kubectl = (namespace = 'NAMESPACE') => `kubectl --context CONTEXT --namespace ${namespace}`;

/** What cannot change while a claim lives. The API's own refusal names no argument, and no way out. */
function checkClaim(
  path: string,
  claim: string,
  { storageClass: current, choseClass, accessModes }: ClaimFacts,
  { storageClass, namespace }: Pick<KubernetesPlatformArgs, 'storageClass' | 'namespace'>,
  error: Report,
): void {
  const fix = (keep: string) =>
    `${keep}. To move the data: 1. back it up, and copy the backup out of the cluster where another claim of this stack has it, ` +
    `2. remove \`storage\` and deploy, 3. \`${kubectl(namespace)} delete pvc ${claim}\`, 4. add \`storage\` again and deploy, ` +
    '5. restore the backup';
  // Without an argument a claim keeps the class that was the cluster's default then.
  const changed = storageClass === undefined ? choseClass : storageClass !== current;
  if (changed) {
    const has = current === undefined ? 'no storage class' : `storage class ${JSON.stringify(current)}`;
    error({
      path: 'storageClass',
      value: storageClass ?? "the cluster's default",
      allowed: `claim ${claim} has ${has}, which cannot change`,
      fix: fix(current === undefined ? 'remove the argument' : `keep ${JSON.stringify(current)}`),
    });
  }
  if (accessModes.length > 0 && !isDeepStrictEqual([...accessModes], ACCESS_MODES)) {
    error({
      path,
      allowed: `claim ${claim} is for ${accessModes.join(', ')}, which cannot change to ${ACCESS_MODES.join(', ')}`,
      fix: fix('give the storage another name with `storage.name`, which starts empty'),
    });
  }
}
