import { z } from 'zod';
import { containerPathSchema } from './container-path';
import { formatSize, parseSize, SIZE_FORMAT, type Size } from './quantity';
import { parsed } from './validation';

/** A folder of a container that outlives it, and `destroy`. */
export interface StorageArgs {
  /** Absolute path inside the container. */
  path: string;
  /** Room that is asked for. */
  size: Size;
}

/** Storage after validation. The size is bytes. */
export interface StorageSpec {
  path: string;
  size: number;
}

const GIB = 2 ** 30;
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
  },
  'must be an object with path and size',
);
