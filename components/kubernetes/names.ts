import { shortHash } from '../identity';

/** What Pulumi ends a name with that it chooses: a hyphen and eight characters. */
const SUFFIX = 9;
/** Bound of the names of most objects, without that. */
export const MAX_NAME = 253 - SUFFIX;
/** Bound of a Job's name, which becomes a label of its pods, without that. */
export const MAX_JOB_NAME = 63 - SUFFIX;

/** A file's name as part of an object's: letters, digits and hyphens, with a hash where it has anything else. */
export function objectNamePart(fileName: string): string {
  return /^[a-z0-9]+((\.|-+)[a-z0-9]+)*$/.test(fileName)
    ? fileName
    : `${fileName.replace(/[^a-z0-9]+/g, '-')}-${shortHash(fileName)}`;
}

const LABEL_TEXT = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const HOST = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;

/** Whether the API takes a text for a host name, or for all names below one. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && HOST.test(text.replace(/^\*\.(?=.*\.)/, ''));
}

/** Whether the API takes a label. */
export function isLabel(key: string, value: string): boolean {
  const [name, prefix, ...more] = key.split('/').reverse();
  if (more.length > 0 || !LABEL_TEXT.test(name!)) return false;
  return (
    (prefix === undefined || (prefix.length <= 253 && HOST.test(prefix))) && (value === '' || LABEL_TEXT.test(value))
  );
}
