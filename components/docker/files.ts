import * as docker from '@pulumi/docker';
import type * as pulumi from '@pulumi/pulumi';
import { shortened, shortHash } from '../identity';
import { secretData, settledInputs } from '../secret-value';
import type { SecretSpec } from '../workload';
import { objectName, type Label } from './identity';
import type { ConfigFile, SecretFile } from './service';

export interface ConfigOptions {
  parent: pulumi.Resource;
  /** From the names of resource and config: both have the content's hash. */
  hooks?: (resource: string, config: string) => pulumi.ResourceHookBinding;
}

/**
 * A file of services. Another content is another resource, not a replacement: should the deployment fail half-way, the old
 * one is still in use, and a replaced resource would have to be deleted before anything else the next time.
 */
export function configFile(
  prefix: string,
  name: string,
  parts: string[],
  content: string | Buffer,
  { parent, hooks }: ConfigOptions,
): ConfigFile {
  const data = (typeof content === 'string' ? Buffer.from(content) : content).toString('base64');
  const hash = shortHash(data, 10);
  const fullName = objectName(prefix, ...parts, hash);
  const resourceName = `${name}-${hash}`;
  const config = new docker.ServiceConfig(
    resourceName,
    { name: fullName, data },
    { parent, ...(hooks ? { hooks: hooks(resourceName, fullName) } : {}) },
  );
  return { id: config.id, name: fullName };
}

/** Swarm's bound of a secret's name, less the hyphen and the seven characters that Pulumi ends it with. */
const MAX_SECRET_NAME = 64 - 8;

/**
 * A secret of a service. Another version is another resource, for the same reason. The name in the engine is chosen by
 * Pulumi, at random: another value needs another one, and one that is derived from the value would tell about it.
 */
export function secretFile(
  name: string,
  fileName: string,
  secret: SecretSpec,
  labels: Label[],
  parent: pulumi.Resource,
): SecretFile {
  const fullName = secret.version === undefined ? name : `${name}-${secret.version}`;
  const resource = new docker.Secret(
    shortened(fullName, MAX_SECRET_NAME),
    { data: secretData(secret), labels },
    { parent, ignoreChanges: settledInputs(secret) },
  );
  return { id: resource.id, name: resource.name, fileName };
}
