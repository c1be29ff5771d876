import * as pulumi from '@pulumi/pulumi';
import type { SecretSpec } from './workload';

/** Swarm takes less than 500 KiB, Kubernetes 1 MiB for an object: the smaller holds on both. */
const MAX_SECRET_BYTES = 500 * 2 ** 10 - 1;

/** @returns what is wrong with a secret's value, which is not shown, or `undefined`. */
export function secretProblem(value: string): string | undefined {
  if (value === '') return 'must not be empty';
  const bytes = Buffer.byteLength(value);
  return bytes > MAX_SECRET_BYTES ? `must have less than 500 KiB, has ${bytes} bytes` : undefined;
}

/**
 * A secret's value as engines want it, in base64. A value that another resource produces is checked as soon as it is
 * known, before anything is made of it.
 */
export function secretData({ value, path }: SecretSpec): pulumi.Output<string> {
  return pulumi.secret(pulumi.output(value).apply((text) => encodedSecret(text, path)));
}

/**
 * Inputs of a secret's resource whose change is none: the value of a version is the one that it was created with. So a preview
 * need not know it.
 */
export function settledInputs({ version }: Pick<SecretSpec, 'version'>): string[] {
  return version === undefined ? [] : ['data'];
}

/** @throws RunError with the argument's path, and without the value. */
export function encodedSecret(text: string, path: string): string {
  const problem = secretProblem(text);
  if (problem !== undefined) throw new pulumi.RunError(`${path}: the value ${problem}`);
  return Buffer.from(text).toString('base64');
}
