// A resource as Pulumi hands it to a policy pack, as rules read one.
import type { Resource } from './rule';
import { UNKNOWN, Value } from './value';

export interface PulumiResource {
  type: string;
  name: string;
  urn: string;
  props: Record<string, unknown>;
  opts: { protect: boolean };
  provider?: { props: Record<string, unknown> };
}

export function fromPulumi({ type, name, urn, props, opts, provider }: PulumiResource): Resource {
  return {
    type,
    name,
    urn,
    props: new Value(plain(props)),
    protect: opts.protect,
    provider: provider === undefined ? undefined : new Value(plain(provider.props)),
  };
}

/** Pulumi's objects throw when a value is read that is not known yet. Its class of error is not exported. */
const isUnknownError = (error: unknown) => (error as object).constructor.name === 'UnknownValueError';

/** Data in which unknown values are marked. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const read = (name: string): unknown => {
    try {
      return plain((value as Record<string, unknown>)[name]);
    } catch (error) {
      if (isUnknownError(error)) return UNKNOWN;
      throw error;
    }
  };
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, index) => read(String(index)));
  return Object.fromEntries(Object.keys(value).map((name) => [name, read(name)]));
}
