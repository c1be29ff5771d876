import { z } from 'zod';

/** What every engine mounts itself, and what these components mount. */
const RESERVED = ['/proc', '/sys', '/dev', '/run/secrets', '/run/probe'];
/** Shared memory is a folder like any other. */
const SHARED_MEMORY = '/dev/shm';

/**
 * Absolute path of a folder inside a container that something is mounted at. Kubernetes refuses `:` in it, Docker `,`, and
 * Swarm expands what stands in `{{`.
 */
export const containerPathSchema = z
  .string('must be an absolute path')
  .max(1024, 'must have at most 1024 characters')
  .regex(/^\/[^\s\p{Cc}:,{]*$/u, 'must be an absolute path inside the container, such as "/tmp"')
  .transform((path) => path.replace(/\/+$/, ''))
  .refine((path) => path !== '', 'must not be the root folder')
  .refine(
    (path) =>
      path
        .slice(1)
        .split('/')
        .every((segment) => segment !== '' && segment !== '.' && segment !== '..'),
    'must be a path without "//", "." and ".."',
  )
  .refine((path) => !isReserved(path), `must not be in ${RESERVED.join(', ')}, which are mounted already`);

function isReserved(path: string): boolean {
  return !isIn(path, SHARED_MEMORY) && RESERVED.some((folder) => isIn(path, folder));
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
