import * as pulumi from '@pulumi/pulumi';
import { hkdfSync } from 'node:crypto';
import type { VersionedSecret } from '../components';
import type { ShopSecrets } from './shop';

const PASSWORD_BYTES = 24;
/** A preview shows no secret, and compares none that has a version. */
const UNKNOWN_TO_PREVIEWS = 'known only to a deployment';

/**
 * Derives a password (RFC 5869). The same key, stack, name and generation give the same password; another generation
 * gives one that has nothing in common with it.
 *
 * @param key of the installation; without one, the password is a stand-in.
 */
export function derivePassword(
  key: Buffer | undefined,
  identity: { project: string; stack: string },
  name: string,
  generation: number,
): pulumi.Output<string> {
  if (key === undefined) return pulumi.secret(UNKNOWN_TO_PREVIEWS);
  const info = JSON.stringify([identity.project, identity.stack, name, generation]);
  return pulumi.secret(Buffer.from(hkdfSync('sha256', key, '', info, PASSWORD_BYTES)).toString('base64url'));
}

/** The passwords of a stack of the shop, each a version of its own for each generation. */
export function shopSecrets(
  key: Buffer | undefined,
  identity: { project: string; stack: string },
  generation: number,
): ShopSecrets {
  const secret = (name: keyof ShopSecrets): VersionedSecret => ({
    value: derivePassword(key, identity, name, generation),
    version: String(generation),
  });
  return {
    'postgres-password': secret('postgres-password'),
    'user-password': secret('user-password'),
    'product-password': secret('product-password'),
    'order-password': secret('order-password'),
    'token-key': secret('token-key'),
  };
}
