import { join } from 'node:path';
import { Image } from '../components';
import type { ShopImages } from './shop';

/** Official base images, pinned; a registry prefix stands before them where they come from elsewhere. */
export const BASE_IMAGES = {
  haproxy: 'haproxy:3.0',
  java11: 'eclipse-temurin:11-jre',
  java18: 'eclipse-temurin:18-jre',
  maven: 'maven:3.9-eclipse-temurin-21',
  nginx: 'nginx:1.26-bookworm',
  node: 'node:24-trixie-slim',
  postgres: 'postgres:17-trixie',
  python: 'python:3.13-slim-trixie',
} as const;

/** Build arguments of each image: which base image stands for which of its Dockerfile's arguments. */
const BASES: Record<keyof ShopImages, Record<string, keyof typeof BASE_IMAGES>> = {
  database: { POSTGRES_IMAGE: 'postgres' },
  frontend: { BUILD_IMAGE: 'node', NGINX_IMAGE: 'nginx' },
  'order-service': { PYTHON_IMAGE: 'python' },
  'product-service': { BUILD_IMAGE: 'maven', JRE_IMAGE: 'java18' },
  'user-service': { BUILD_IMAGE: 'maven', JRE_IMAGE: 'java11' },
};

/** Stand for the images while the definition is validated. */
export const UNBUILT_IMAGES = Object.fromEntries(Object.keys(BASES).map((name) => [name, name])) as ShopImages;

export interface ImageSource {
  /** Folder of the project. */
  projectFolder: string;
  /** Registry prefix of the base images, with its closing slash, or nothing. */
  prefix: string;
  /** Network of the build steps where the builder's own has no way out. */
  network?: 'host';
}

/** Builds the shop's images. */
export function shopImages({ projectFolder, prefix, network }: ImageSource): ShopImages {
  return Object.fromEntries(
    Object.entries(BASES).map(([name, bases]) => [
      name,
      new Image(name, {
        folder: join(projectFolder, 'app', name),
        repository: `shop/${name}`,
        buildArgs: Object.fromEntries(
          Object.entries(bases).map(([argument, base]) => [argument, prefix + BASE_IMAGES[base]]),
        ),
        ...(network === undefined ? {} : { network }),
      }).reference,
    ]),
  ) as unknown as ShopImages;
}
