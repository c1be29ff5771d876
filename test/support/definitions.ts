import {
  InvalidArgumentsError,
  type ApplicationDefinition,
  type JobArgs,
  type MicroserviceArgs,
} from '../../components';
import { applicationSpec, type ApplicationSpec, type JobSpec } from '../../components/application-spec';
import type { MicroserviceSpec } from '../../components/microservice-spec';
import { formatProblem, type Problem } from '../../components/validation';

export const IMAGE = 'shop/api:1';

/** The problems of something that must be refused. */
export function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof InvalidArgumentsError) return error.problems;
    throw error;
  }
  return [];
}

/** The problems of an application as its user reads them. The definition may be anything, as in plain JavaScript. */
export function messagesOf(definition: unknown, name = 'shop'): string[] {
  return problemsOf(() => applicationSpec(name, definition as ApplicationDefinition)).map(formatProblem);
}

/** An application of one microservice named `api`. */
export function withService(args: Record<string, unknown>): { services: { api: Record<string, unknown> } } {
  return { services: { api: { image: IMAGE, port: 8080, ...args } } };
}

export function serviceSpec(args: Partial<MicroserviceArgs> = {}): MicroserviceSpec {
  return applicationSpec('shop', { services: { api: { image: IMAGE, ...args } } }).services[0]!;
}

export function jobSpec(args: Partial<JobArgs> = {}): JobSpec {
  return applicationSpec('shop', { services: {}, jobs: { migrate: { image: IMAGE, ...args } } }).jobs[0]!;
}

/** An application with a microservice for each name that calls those listed, all on one port. */
export function callGraph(
  calls: Readonly<Record<string, readonly string[]>>,
  routed: readonly string[] = [],
  name = 'shop',
): ApplicationSpec {
  return applicationSpec(name, {
    services: Object.fromEntries(
      Object.entries(calls).map(([service, callees]) => [
        service,
        { image: IMAGE, port: 8080, calls: [...callees], after: [] },
      ]),
    ),
    ...(routed.length > 0 ? { gateway: { routes: routed.map((to) => ({ path: `/${to}`, to })) } } : {}),
  });
}
