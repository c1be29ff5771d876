import { join } from 'node:path';
import type { ApplicationDefinition } from '../../../components/application-spec';
import type { MicroserviceArgs } from '../../../components/microservice-spec';
import { root } from './environment';
import { fixtureImage } from './fixture-image';
import { Stack } from './stack';
import type { StackConfig } from './stack-config';
import { target } from './target';

/** The key of the configuration that has the whole definition. */
const APPLICATION = 'given:application';

/** A stack that deploys whatever definition it is given. */
export async function givenStack(name: string): Promise<Stack> {
  const place = Object.entries(await target.fixtureConfig()).map(([key, value]) => [
    key.replace(/^fixture:/, 'given:'),
    value,
  ]);
  return new Stack('given', name, join(root, 'test', 'behaviour', 'given'), Object.fromEntries(place) as StackConfig);
}

/** Configuration with which a stack of `givenStack` deploys an application. */
export function given(definition: ApplicationDefinition): StackConfig {
  return { [APPLICATION]: JSON.stringify(definition) };
}

/** What a small service of the fixture's image needs; ready after a second, and watched for two. */
export async function smallService(): Promise<MicroserviceArgs> {
  return {
    image: await target.published(await fixtureImage()),
    port: 8080,
    replicas: 1,
    resources: { cpu: { request: 0.02, limit: 0.5 }, memory: '96Mi' },
    alive: { http: { path: '/healthz' }, interval: '2s', timeout: '1s', failures: 5 },
    ready: { http: { path: '/readyz' }, interval: '500ms', timeout: '1s', failures: 2 },
    startup: '20s',
    monitor: '2s',
  };
}
