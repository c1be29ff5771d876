import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import type { SecretSpec } from '../workload';
import type { Label } from './identity';
import type { SecretFile } from './service';

/**
 * A secret of a service. Another version is another resource, not a replacement: should the deployment fail half-way, the
 * old one is still in use, and a replaced resource would have to be deleted before anything else the next time.
 */
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
