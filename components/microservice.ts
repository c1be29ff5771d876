import * as pulumi from '@pulumi/pulumi';
import type { MicroserviceSpec } from './microservice-spec';
import type { ApplicationScope, MicroserviceOptions } from './platform';

/** What the application hands to its members after validation. */
export interface MemberArgs<Spec> {
  spec: Spec;
  scope: ApplicationScope;
}

export interface MemberResourceOptions extends pulumi.ComponentResourceOptions {
  /** Members that must be up before this one is created. */
  dependsOn?: pulumi.Resource[];
}

/** One service of an application: its replicas and the load balancer in front of them. */
export class Microservice extends pulumi.ComponentResource {
  /** Image that the replicas run. */
  readonly image: pulumi.Output<string>;
  /** Number of replicas that always run. */
  readonly replicas: number;

  constructor(
    name: string,
    { spec, scope, awaited }: MemberArgs<MicroserviceSpec> & Pick<MicroserviceOptions, 'awaited'>,
    { dependsOn = [], ...options }: MemberResourceOptions,
  ) {
    super('shop:components:Microservice', name, {}, options);
    scope.microservice(spec, name, { parent: this, dependsOn, awaited });
    this.image = pulumi.output(spec.image);
    this.replicas = spec.replicas.min;
    this.registerOutputs({ image: this.image, replicas: this.replicas });
  }
}
