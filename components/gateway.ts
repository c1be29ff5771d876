import * as pulumi from '@pulumi/pulumi';
import type { GatewaySpec } from './gateway-spec';
import type { MemberArgs, MemberResourceOptions } from './microservice';

/** The public entry of an application: sends requests to healthy replicas by host and path. */
export class Gateway extends pulumi.ComponentResource {
  /** Where it answers. */
  readonly url: pulumi.Output<string>;

  constructor(
    name: string,
    { spec, scope, after }: MemberArgs<GatewaySpec>,
    { dependsOn = [], ...options }: MemberResourceOptions,
  ) {
    super('shop:components:Gateway', name, {}, options);
    this.url = scope.gateway(spec, name, { parent: this, dependsOn, after });
    this.registerOutputs({ url: this.url });
  }
}
