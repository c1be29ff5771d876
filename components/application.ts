import * as pulumi from '@pulumi/pulumi';
import { applicationSpec, type ApplicationDefinition, type ApplicationSpec } from './application-spec';
import { Gateway } from './gateway';
import { GATEWAY } from './gateway-spec';
import { Job } from './job';
import { Microservice } from './microservice';
import type { Platform } from './platform';
import { startOrder } from './start-order';
import { formatProblem, throwIfAny, type Problem } from './validation';

export interface ApplicationArgs extends ApplicationDefinition {
  /** Where the application runs. */
  platform: Platform;
}

/**
 * Validates an application for its platform. Pure: it creates nothing. A program that creates other resources first,
 * such as images, calls it before them.
 *
 * @throws InvalidArgumentsError with every problem.
 */
export function validateApplication(
  name: string,
  { platform, ...definition }: ApplicationArgs,
): { spec: ApplicationSpec; warnings: Problem[] } {
  const spec = applicationSpec(name, definition);
  const { problems, warnings } = platform.validate(spec);
  throwIfAny(`application ${JSON.stringify(name)} on ${platform.target}`, problems);
  return { spec, warnings };
}

/**
 * Microservices, jobs and a gateway in isolation from everything else: each microservice accepts connections only from
 * those that declare to call it, and from the gateway if a route leads to it.
 *
 * All arguments are validated before the first resource is created.
 *
 * @throws InvalidArgumentsError with every problem: path, value, what is allowed and how to mend it.
 */
export class Application extends pulumi.ComponentResource {
  readonly services: Readonly<Record<string, Microservice>>;
  readonly jobs: Readonly<Record<string, Job>>;
  readonly gateway: Gateway | undefined;
  /** Where the application answers; `undefined` without a gateway. */
  readonly url: pulumi.Output<string> | undefined;

  constructor(name: string, args: ApplicationArgs, options?: pulumi.ComponentResourceOptions) {
    const { spec, warnings } = validateApplication(name, args);
    const { platform } = args;
    super('shop:components:Application', name, {}, options);

    for (const warning of warnings) void pulumi.log.warn(formatProblem(warning), this);
    const scope = platform.application(spec, this);
    const services: Record<string, Microservice> = {};
    const jobs: Record<string, Job> = {};
    const members = () => ({ ...services, ...jobs });
    const order = startOrder(spec, (member) => scope.isDeployed(member));
    for (const { name: member, after } of order) {
      const service = spec.services.find((candidate) => candidate.name === member);
      const job = spec.jobs.find((candidate) => candidate.name === member);
      const dependsOn = after.map((dependency) => members()[dependency]!);
      const awaited = order.some((other) => other.after.includes(member));
      const memberName = `${name}-${member}`;
      if (service)
        services[member] = new Microservice(memberName, { spec: service, scope, awaited }, { parent: this, dependsOn });
      if (job) jobs[member] = new Job(memberName, { spec: job, scope }, { parent: this, dependsOn });
    }
    this.services = services;
    this.jobs = jobs;
    // Later it changes after what it leads to; at first there is nothing to lose.
    const routed = scope.isDeployed(GATEWAY) ? (spec.gateway?.routes ?? []).map(({ to }) => services[to]!) : [];
    this.gateway =
      spec.gateway &&
      new Gateway(`${name}-gateway`, { spec: spec.gateway, scope }, { parent: this, dependsOn: [...new Set(routed)] });
    scope.complete?.();
    this.url = this.gateway?.url;
    this.registerOutputs({ url: this.url });
  }
}
