import type * as pulumi from '@pulumi/pulumi';
import { join } from 'node:path';
import { Image, type ImageArgs } from '../components';
import { imageTag } from '../components/image';
import { BASE_IMAGES, BASES, GATEWAY_BASES, type ShopImages } from './image-bases';

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

/** Where images go that a cluster fetches. */
export interface ImageTarget {
  registry: string;
  /** What the cluster's nodes run. */
  platform: NonNullable<ImageArgs['platform']>;
}

/** Builds the shop's images. */
export function shopImages(source: ImageSource): ShopImages {
  const args = imageArgs(source);
  // A folder that is not valid is found before another one is built.
  for (const [name, one] of Object.entries(args)) imageTag(name, one);
  return created(args) as unknown as ShopImages;
}

/** Arguments of the shop's images and of the gateway's, for a registry. */
export function pushedImageArgs(source: ImageSource, target: ImageTarget): Record<string, ImageArgs> {
  const gateway: ImageArgs = {
    folder: join(source.projectFolder, 'components', 'haproxy', 'image'),
    repository: 'shop/gateway',
    ...buildInputs(source, GATEWAY_BASES),
  };
  return Object.fromEntries(
    Object.entries({ ...imageArgs(source), gateway }).map(([name, args]) => [name, { ...args, ...target }]),
  );
}

/** Builds and pushes images, but for the tags that the registry has. */
export function pushedImages(
  args: Record<string, ImageArgs>,
  published: ReadonlySet<string>,
  options: pulumi.ComponentResourceOptions,
): ShopImages & { gateway: pulumi.Output<string> } {
  const withLookUp = Object.entries(args).map(([name, one]) => [
    name,
    { ...one, published: published.has(imageTag(name, one)) },
  ]);
  return created(Object.fromEntries(withLookUp) as Record<string, ImageArgs>, options) as unknown as ShopImages & {
    gateway: pulumi.Output<string>;
  };
}

function imageArgs(source: ImageSource): Record<string, ImageArgs> {
  return Object.fromEntries(
    Object.entries(BASES).map(([name, bases]) => [
      name,
      { folder: join(source.projectFolder, 'app', name), repository: `shop/${name}`, ...buildInputs(source, bases) },
    ]),
  );
}

function buildInputs({ prefix, network }: ImageSource, bases: Record<string, keyof typeof BASE_IMAGES>) {
  return {
    buildArgs: Object.fromEntries(
      Object.entries(bases).map(([argument, base]) => [argument, prefix + BASE_IMAGES[base]]),
    ),
    ...(network === undefined ? {} : { network }),
  };
}

function created(
  args: Record<string, ImageArgs>,
  options: pulumi.ComponentResourceOptions = {},
): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(Object.entries(args).map(([name, one]) => [name, new Image(name, one, options).reference]));
}
