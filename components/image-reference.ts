/** Host of a registry, with its port: what has a dot or a port, or is this machine. */
const HOST_LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST = `(?:localhost|${HOST_LABEL}(?:\\.${HOST_LABEL})+|${HOST_LABEL}(?:\\.${HOST_LABEL})*:\\d+|\\[[0-9A-Fa-f:]+\\](?::\\d+)?|localhost:\\d+)`;
const SEGMENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}';
const REFERENCE = new RegExp(`^(?:${HOST}/)?(${SEGMENT}(?:/${SEGMENT})*)(?::${TAG})?(?:@${DIGEST})?$`);
const MAX_NAME = 255;

export const IMAGE_FORMAT =
  'must be an image reference such as "registry.example.com/shop/api:1.4": the name in lower case, then a tag or a digest';

/** Whether container engines take a text for the name of an image. */
export function isImageReference(text: string): boolean {
  const name = REFERENCE.exec(text)?.[1];
  return name !== undefined && name.length <= MAX_NAME;
}
