import * as pulumi from '@pulumi/pulumi';
import { Application, type ApplicationDefinition } from '../../components';
import { NO_ADDRESSES } from '../../components/docker/addresses';
import type { Engine } from '../../components/docker/engine';
import { DockerPlatform } from '../../components/docker/platform';
import { deploy, type Registration } from './deployment';

export const image = 'x';
const engine = { removeUnusedFolders: () => Promise.resolve() } as unknown as Engine;
export const platform = (more: Partial<ConstructorParameters<typeof DockerPlatform>[0]> = {}) =>
  new DockerPlatform({
    identity: { project: 'shop', stack: 'dev' },
    engine,
    deployed: new Map(),
    addresses: NO_ADDRESSES,
    architecture: 'amd64',
    proxyImage: 'haproxy:3.0',
    ...more,
  });

/** A called service with storage, one that calls it, a worker, a job and a gateway. */
export const definition = (): ApplicationDefinition => ({
  services: {
    api: {
      image: pulumi.output('api:1'),
      port: 8080,
      calls: ['db'],
      after: ['migrate'],
      secrets: { 'db-password': 'hush', token: { value: 'hush', version: '7' } },
    },
    db: { image, port: 5432, protocol: 'tcp', storage: { path: '/data', size: '1Gi' } },
    worker: { image, calls: ['api'] },
  },
  jobs: { migrate: { image, command: ['migrate'], calls: ['db'], after: ['db'], secrets: { 'db-password': 'hush' } } },
  gateway: { routes: [{ path: '/', to: 'api' }], port: 8123 },
});
export const run = (
  change: Partial<ApplicationDefinition> = {},
  more: Parameters<typeof platform>[0] = {},
  options: pulumi.ComponentResourceOptions = {},
) => deploy(() => new Application('shop', { platform: platform(more), ...definition(), ...change }, options));

/** Type and name of each resource below its parent; what follows from content is replaced. */
export function tree(registrations: Registration[]): string[] {
  return registrations
    .map(({ type, name, parent }) => `${parent} > ${type.split(':').at(-1)} ${name}`)
    .map((line) => line.replace(/-[0-9a-f]{10}$/, '-HASH'))
    .sort();
}
export const named = (registrations: Registration[], name: string) =>
  registrations.find((one) => one.name.replace(/-[0-9a-f]{10}$/, '') === name)!;
