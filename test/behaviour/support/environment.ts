import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BASE_IMAGES } from '../../../stacks/image-bases';

export const root = join(__dirname, '..', '..', '..');

/** All that the promises name, which takes hours; else what suffices for every change. */
export const FULL = process.env['E2E_FULL'] === '1';

/** Requests of a load case. */
export const REQUESTS = Number(process.env['E2E_REQUESTS'] ?? (FULL ? 50_000 : 10_000));
/** One request in so many is a POST. */
export const ONE_POST_IN = 5;

/** What set-up found out about this machine; where it has not run, the defaults of an ordinary machine. */
export function environment(): { imagePrefix?: string } {
  const file = join(root, '.local', 'environment.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { imagePrefix?: string }) : {};
}

/** A pinned base image: the official one, or its stand-in where no image registry answers. */
export function baseImage(name: string): string {
  return `${environment().imagePrefix ?? ''}${name}`;
}

export const pythonImage = () => baseImage(BASE_IMAGES.python);
export const nginxImage = () => baseImage(BASE_IMAGES.nginx);
export const jdkImage = () => baseImage(BASE_IMAGES.maven);
export const haproxyImage = () => baseImage(BASE_IMAGES.haproxy);
