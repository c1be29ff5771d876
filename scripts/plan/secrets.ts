// What a plan knows of secrets: that one has changed, and nothing else.
import { createHmac } from 'node:crypto';
import type { Registration } from '../../test/support/deployment';
import { mapInputs } from '../../test/support/map-inputs';
import type { PlannedResource } from './planned';

/** As Pulumi's own previews show one. */
const SECRET = '[secret]';

/** The same for the same value in one run, for whose key nobody but the run knows. */
export function digest(key: string, value: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(value)).digest('hex');
}

/** Pure. A resource whose secrets are digests. */
export function withoutSecrets({ secrets: paths, ...rest }: Registration, key: string): PlannedResource {
  const secrets: Record<string, string> = {};
  const inputs = mapInputs(rest.inputs, (value, path) => {
    if (!paths.includes(path)) return undefined;
    secrets[path] = digest(key, value);
    return SECRET;
  });
  return { ...rest, inputs: inputs as Record<string, unknown>, secrets };
}
