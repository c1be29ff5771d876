import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import type { SecretSpec } from '../workload';
import { shortHash } from '../identity';
import { objectName, type Label } from './identity';
import type { ConfigFile, SecretFile } from './service';

/**
 * A file of services. Another content is another resource, not a replacement: should the deployment fail half-way, the old
 * one is still in use, and a replaced resource would have to be deleted before anything else the next time.
 */
export function configFile(
  prefix: string,
  name: string,
  parts: string[],
  content: string | Buffer,
  parent: pulumi.Resource,
): ConfigFile {
  const data = (typeof content === 'string' ? Buffer.from(content) : content).toString('base64');
  const hash = shortHash(data, 10);
  const fullName = objectName(prefix, ...parts, hash);
  const config = new docker.ServiceConfig(`${name}-${hash}`, { name: fullName, data }, { parent });
  return { id: config.id, name: fullName };
}

/** A secret of a service. Another version is another resource, for the same reason. */
export function secretFile(
  name: string,
  fileName: string,
  { value, version }: SecretSpec,
  labels: Label[],
  parent: pulumi.Resource,
): SecretFile {
  const data = pulumi.secret(pulumi.output(value).apply((text) => Buffer.from(text).toString('base64')));
  const resourceName = version === undefined ? name : `${name}-${version}`;
  const secret = new docker.Secret(resourceName, { data, labels }, { parent });
  return { id: secret.id, name: secret.name, fileName };
}
