import { z } from 'zod';
import { containerPathSchema } from './container-path';
import { formatSize, parseSize, SIZE_FORMAT, type Size } from './quantity';
import { DNS_LABEL, DNS_LABEL_FORMAT, formatPath, parsed, type Problem } from './validation';

/** A folder of a container that outlives it, and `destroy`. */
export interface StorageArgs {
  /** Absolute path inside the container. */
  path: string;
  /** Room that is asked for. */
  size: Size;
  /**
   * Name of the data. A microservice or job that is renamed keeps its data by giving its former name here.
   * @default - the name of the microservice or job
   */
  name?: string;
}

/** Storage after validation. The size is bytes. */
export interface StorageSpec {
  path: string;
  size: number;
  name?: string | undefined;
}

/** Name of a workload's data. */
export function dataName({ name, storage }: { name: string; storage?: StorageSpec }): string {
  return storage?.name ?? name;
}

const GIB = 2 ** 30;
/** As long as the name of a microservice, whose it was. */
const MAX_NAME = 40;
const NAME_RULE = `the name ${DNS_LABEL_FORMAT}, at most ${MAX_NAME} characters`;
const storageSize = parsed(
  (value) => {
    const bytes = parseSize(value);
    return bytes !== undefined && bytes >= 2 ** 20 && bytes <= 65_536 * GIB ? bytes : undefined;
  },
  `${SIZE_FORMAT}, from 1Mi to ${formatSize(65_536 * GIB)}`,
);

export const storageSchema = z.strictObject(
  {
    path: containerPathSchema,
    size: storageSize,
    name: z.string(NAME_RULE).regex(DNS_LABEL, NAME_RULE).max(MAX_NAME, NAME_RULE).optional(),
  },
  'must be an object with path and size',
);

/** Two at once would write to one volume. */
export function checkDataNames(
  members: readonly [kind: string, members: readonly { name: string; storage?: StorageSpec }[]][],
  problems: Problem[],
): void {
  const owners = new Map<string, string>();
  const stored = members.flatMap(([kind, list]) =>
    list.filter(({ storage }) => storage).map((one) => [kind, one] as const),
  );
  // Those that say nothing first: the error is for who names the data of another.
  for (const [kind, one] of stored.sort(
    ([, a], [, b]) => Number(a.storage!.name !== undefined) - Number(b.storage!.name !== undefined),
  )) {
    const data = dataName(one);
    const owner = owners.get(data);
    if (owner === undefined) owners.set(data, formatPath([kind, one.name]));
    else
      problems.push({
        path: formatPath([kind, one.name, 'storage', 'name']),
        value: data,
        allowed: `must not name the data of another; it is that of ${owner}`,
      });
  }
}
