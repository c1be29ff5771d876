// What a plan knows of secrets: that one has changed, and nothing else.
import { createHmac } from 'node:crypto';
import type { Registration } from '../../test/support/deployment';
import type { PlannedResource } from './planned';

/** As Pulumi's own previews show one. */
export const SECRET = '[secret]';

/** The same for the same value in one run, for whose key nobody but the run knows. */
export function digest(key: string, value: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(value)).digest('hex');
}

/** Pure. A resource whose secrets are digests. */
export function withoutSecrets(
  { provider: _provider, secrets: paths, ...rest }: Registration,
  key: string,
): PlannedResource {
  const secrets: Record<string, string> = {};
  const shown = (value: unknown, path: string): unknown => {
    if (paths.includes(path)) {
      secrets[path] = digest(key, value);
      return SECRET;
    }
    if (Array.isArray(value)) return value.map((one, index) => shown(one, `${path}[${index}]`));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, shown(one, path === '' ? name : `${path}.${name}`)]),
    );
  };
  return { ...rest, inputs: shown(rest.inputs, '') as Record<string, unknown>, secrets };
}
