import * as pulumi from '@pulumi/pulumi';
import type { JobSpec } from './application-spec';
import type { MemberArgs, MemberResourceOptions } from './microservice';

/** A container that has run to completion before what comes after it is created. */
export class Job extends pulumi.ComponentResource {
  readonly image: pulumi.Output<string>;

  constructor(
    name: string,
    { spec, scope, after }: MemberArgs<JobSpec>,
    { dependsOn = [], ...options }: MemberResourceOptions,
  ) {
    super('shop:components:Job', name, {}, options);
    scope.job(spec, name, { parent: this, dependsOn, after });
    this.image = pulumi.output(spec.image);
    this.registerOutputs({ image: this.image });
  }
}
