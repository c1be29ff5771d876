import { namePrefix } from '../../../components/identity';
import { belongings, engine, exec, freeze, kill, replicas, usage } from './engine';
import { haproxyImage } from './environment';
import type { Target } from './target';
import { waitFor } from './wait';

/** The Docker engine of this machine. */
export const dockerTarget: Target = {
  name: 'docker',
  shopStack: 'dev',
  fixtureConfig: () => Promise.resolve({ 'fixture:target': 'docker', 'fixture:proxyImage': haproxyImage() }),
  published: (image) => Promise.resolve(image),
  scopeOf: namePrefix,
  replicas,
  kill,
  freeze: (id) => freeze(id, 'STOP'),
  exec,
  cpuSeconds: async (id) => (await usage(id)).cpuSeconds,
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
  belongings: async (scope) => {
    const { objects, volumes } = await belongings(scope);
    return { objects, data: volumes };
  },
  dataOf: (scope, service) => [`${scope}-${service}-data`],
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
