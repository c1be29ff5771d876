import type * as pulumi from '@pulumi/pulumi';
import type { ApplicationSpec, JobSpec } from './application-spec';
import type { GatewaySpec } from './gateway-spec';
import type { MicroserviceSpec } from './microservice-spec';
import type { Problem } from './validation';

/** What tells a deployed application from every other: all names, addresses and ports follow from it. */
export interface Identity {
  project: string;
  stack: string;
  /**
   * Tells apart stacks of the same name whose states know nothing of each other, such as those of two checkouts.
   * Lower-case letters and digits.
   * @default - none: project and stack are enough
   */
  installation?: string;
}

/** Where applications run. A value that is handed to an application, never a global. */
export interface Platform {
  /** Name of the target, for messages. */
  readonly target: string;
  /** What this target cannot honour. Called before anything is created. */
  validate(spec: ApplicationSpec): { problems: Problem[]; warnings: Problem[] };
  /** Creates what an application's members share, as children of `parent`. */
  application(spec: ApplicationSpec, parent: pulumi.Resource): ApplicationScope;
}

/** Creates the children of an application's members. Every resource is a child of the given parent. */
export interface ApplicationScope {
  microservice(spec: MicroserviceSpec, name: string, options: MicroserviceOptions): void;
  job(spec: JobSpec, name: string, options: MemberOptions): void;
  /** @returns where the application answers. */
  gateway(spec: GatewaySpec, name: string, options: MemberOptions): pulumi.Output<string>;
  /** Whether a member, or the gateway, was deployed before. */
  isDeployed(member: string): boolean;
  /** Called when all members have been asked for. */
  complete?(): void;
}

export interface MemberOptions {
  parent: pulumi.Resource;
  /** Members that must be up before this one is created. */
  dependsOn: pulumi.Resource[];
}

export interface MicroserviceOptions extends MemberOptions {
  /** Other members start after this one. */
  awaited: boolean;
}
