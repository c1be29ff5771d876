// Which version of an image runs.
import { matchesAny } from '../globs';
import { stackOf } from '../metadata';
import { resourceRule, shown, strings, type Resource } from '../rule';
import { PRODUCTION } from '../settings';
import type { Value } from '../value';
import { containersOf } from '../workloads';

/** Images that a resource names. */
function imagesOf(resource: Resource): Value[] {
  const { type, props } = resource;
  if (type === 'docker:index/remoteImage:RemoteImage') return props.get('build').isAbsent ? [props.get('name')] : [];
  return containersOf(resource).map(({ image }) => image);
}

/** An image that an engine knows by its content alone. */
const isId = (image: string) => /^(sha256:)?[0-9a-f]{64}$/.test(image);
const isDigest = (image: string) => image.includes('@') || isId(image);

/** The tag; undefined if the name has none. */
export function tagOf(image: string): string | undefined {
  const last = image.split('/').at(-1)!;
  return last.includes(':') ? last.slice(last.indexOf(':') + 1) : undefined;
}

export const noFloatingTags = resourceRule<{ floating: readonly string[] }>({
  name: 'no-floating-image-tags',
  level: 'mandatory',
  description: 'No image is referenced without a tag or digest, or by a mutable tag such as `latest`.',
  remedy: 'Reference a version, such as `:1.4.2`, or a digest, `@sha256:…`',
  settings: {
    floating: strings('Mutable tags; "*" matches any characters', [
      ...['latest', 'stable', 'edge', 'nightly', 'main', 'master', 'develop', 'dev', 'prod', 'production', 'current'],
    ]),
  },
  check: (resource, { floating }) =>
    imagesOf(resource).flatMap((value) => {
      const image = value.string;
      if (!image || isDigest(image)) return [];
      const tag = tagOf(image);
      if (tag === undefined) return [{ path: value.path, problem: `${shown(value)} has no tag, which means "latest"` }];
      return matchesAny(floating, tag) ? [{ path: value.path, problem: `${shown(value)} has a mutable tag` }] : [];
    }),
});

export const imagesByDigest = resourceRule<{ production: readonly string[] }>({
  name: 'images-by-digest',
  level: 'advisory',
  description:
    'In production, containers reference images by digest, so that the image that runs is the one that was tested.',
  remedy: 'Add the image digest: `name:tag@sha256:…`',
  settings: { production: PRODUCTION },
  check: (resource, { production }) =>
    matchesAny(production, stackOf(resource))
      ? containersOf(resource)
          .filter(({ image }) => image.string !== undefined && !isDigest(image.string))
          .map(({ image }) => ({ path: image.path, problem: `${shown(image)} has no digest` }))
      : [],
});
