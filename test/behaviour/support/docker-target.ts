import { namePrefix } from '../../../components/identity';
import { CONNECT, labelsOf } from './connections';
import { belongings, containers, engine, exec, freeze, helper, kill, logs, replicas, usage } from './engine';
import { haproxyImage, pythonImage } from './environment';
import { statusOf } from './process-status';
import type { Container, Target } from './target';
import { waitFor } from './wait';

/** The Docker engine of this machine. */
export const dockerTarget: Target = {
  name: 'docker',
  shopStack: 'dev',
  repeatsBetweenServices: true,
  fixtureConfig: () => Promise.resolve({ 'fixture:target': 'docker', 'fixture:proxyImage': haproxyImage() }),
  published: (image) => Promise.resolve(image),
  scopeOf: namePrefix,
  replicas: async (scope, service) =>
    (await replicas(scope, service)).map((one) => ({ ...one, hostname: one.id.slice(0, 12) })),
  kill,
  freeze: (id) => freeze(id, 'STOP'),
  exec,
  cpuSeconds: async (id) => (await usage(id)).cpuSeconds,
  memory: async (id) => (await usage(id)).memory,
  outOfMemory: async (id) => {
    const { State } = await engine.getContainer(id).inspect();
    return State.OOMKilled || State.ExitCode === 137;
  },
  restart: async (scope, service) => {
    const found = engine.getService(`${scope}-${service}`);
    const { Spec, Version } = (await found.inspect()) as {
      Spec: { TaskTemplate: { ForceUpdate?: number } };
      Version: { Index: number };
    };
    const TaskTemplate = { ...Spec.TaskTemplate, ForceUpdate: (Spec.TaskTemplate.ForceUpdate ?? 0) + 1 };
    await found.update({ ...Spec, version: Version.Index, TaskTemplate });
  },
  containers: async (scope) =>
    (await containers(scope, { all: true })).map((one) => ({ ...one, running: one.state === 'running' })),
  logs: (id) => logs(id),
  secretsOf: async (scope, service) => {
    const [one] = await containers(scope, { service });
    const listed = await exec(one!.id, [
      'sh',
      '-c',
      'for f in /run/secrets/*; do printf "%s=" "${f##*/}"; cat "$f"; echo; done',
    ]);
    return new Map([...listed.output.matchAll(/^([^=\n]+)=(.+)$/gm)].map(([, name, value]) => [name!, value!]));
  },
  described: async (scope) => {
    const all = await containers(scope, { all: true });
    const inspected = await Promise.all(all.map(({ id }) => engine.getContainer(id).inspect()));
    const [services, secrets, configs] = await Promise.all([
      engine.listServices(),
      engine.listSecrets(),
      engine.listConfigs(),
    ]);
    const texts = (configs as { Spec?: { Data?: string } }[]).map(({ Spec }) =>
      Buffer.from(Spec?.Data ?? '', 'base64').toString(),
    );
    return JSON.stringify([inspected, services, secrets, configs, texts]);
  },
  confinement: async ({ id, component }) => {
    const { output } = await exec(id, ['cat', '/proc/1/status']);
    const { HostConfig } = await engine.getContainer(id).inspect();
    const status = statusOf(output);
    return {
      ...status,
      readOnly: HostConfig.ReadonlyRootfs === true,
      // Swarm services have no setting for it; see docs/promises.md.
      noNewPrivileges: status.noNewPrivileges || !isProxy(component),
    };
  },
  connections: async (id, attempts) => {
    const words = [...CONNECT, JSON.stringify(attempts)];
    return labelsOf(await helper(words, { NetworkMode: `container:${id}` }, { image: pythonImage() }));
  },
  namesOf: (scope, service) => [service, `${scope}-${service}`, `tasks.${scope}-${service}`],
  addresses: async (scope) => {
    const all = await containers(scope);
    const found = await Promise.all(
      all.map(async ({ id, name, service, component }) => {
        const { NetworkSettings } = await engine.getContainer(id).inspect();
        return Object.values(NetworkSettings.Networks)
          .map(({ IPAddress }) => IPAddress)
          .filter((host) => host !== '')
          .map((host) => ({ label: `${name} ${host}`, host, service, forCallers: component === 'load-balancer' }));
      }),
    );
    return found.flat();
  },
  nameInErrors: (scope, member) => `${scope}-${member === 'gateway' ? 'gateway-config' : member}`,
  belongings: async (scope) => {
    const { objects, volumes } = await belongings(scope);
    return { objects, data: volumes };
  },
  dataOf: (scope, ...services) => services.map((service) => `${scope}-${service}-data`),
  deleteData: async (scope) => {
    for (const volume of (await belongings(scope)).volumes) {
      // Containers of a deleted service may still be stopping.
      await waitFor(`volume ${volume} to be free`, () =>
        engine
          .getVolume(volume)
          .remove()
          .then(() => true),
      );
    }
  },
};

function isProxy(component: Container['component']): boolean {
  return component === 'load-balancer' || component === 'gateway';
}
