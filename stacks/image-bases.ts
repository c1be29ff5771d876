// Which images there are, without what builds them: the AWS stack needs their names, and none of Docker's package.
import type { Input } from '@pulumi/pulumi';

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

/**
 * The shop's images by the name of their folder in app/, and their build arguments: which base image stands for which of the
 * Dockerfile's arguments.
 */
export const BASES = {
  database: { POSTGRES_IMAGE: 'postgres' },
  frontend: { BUILD_IMAGE: 'node', NGINX_IMAGE: 'nginx' },
  'order-service': { PYTHON_IMAGE: 'python' },
  'product-service': { BUILD_IMAGE: 'maven', JRE_IMAGE: 'java18' },
  'user-service': { BUILD_IMAGE: 'maven', JRE_IMAGE: 'java11' },
} as const satisfies Record<string, Record<string, keyof typeof BASE_IMAGES>>;

/** The shop's images by the name of their folder in app/. */
export type ShopImages = Record<keyof typeof BASES, Input<string>>;

/** The gateway's image, for where it has to be in a registry. */
export const GATEWAY_BASES = { HAPROXY_IMAGE: 'haproxy' } as const;

/** Names of the images that a cluster fetches, the shop's and the gateway's: each has a repository of its own. */
export const PUSHED_IMAGES: readonly string[] = [...Object.keys(BASES), 'gateway'].sort();
