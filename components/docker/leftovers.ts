import type Docker from 'dockerode';
import { LABEL } from '../identity';
import { stopServices } from './stop-services';
import { findService, pause, POLL_MS, statusOf, unlessGone } from './swarm';

/** Kinds of objects that the engine knows by a name which the definition gives: a second one of it is refused. */
export type NamedKind = 'service' | 'container' | 'network' | 'config';

/** An object of the application by the name that it has on the engine. */
export interface NamedObject {
  kind: NamedKind;
  name: string;
}

type Labels = Record<string, string> | null | undefined;

interface Service {
  Spec: {
    Name: string;
    Labels?: Labels;
    TaskTemplate: { ContainerSpec?: { Configs?: { ConfigName: string }[] }; Networks?: { Target: string }[] };
  };
}

interface Network {
  Id: string;
  Name: string;
  Labels?: Labels;
}

/** The engine takes its time to let go of a network whose last container has gone. */
const RELEASED_MS = 30_000;
/** The engine's answers for what is in use. */
const IN_USE = [400, 403, 409];

/** The name is taken by something that is not the application's. */
export class NameTakenError extends Error {}

/**
 * Removes an object that Pulumi is about to create, if the engine has it although the state does not: one that an
 * interrupted update has created. What uses it goes with it: whatever needs an object is created after that is in the
 * state, so none of it is in the state either.
 *
 * @returns whether there was one.
 * @throws NameTakenError when an object of that name lacks the application's label.
 */
export async function removeLeftover(docker: Docker, prefix: string, object: NamedObject): Promise<boolean> {
  switch (object.kind) {
    case 'service':
      return removeService(docker, prefix, object);
    case 'container':
      return removeContainer(docker, prefix, object);
    case 'network':
      return removeNetworks(docker, prefix, object);
    case 'config':
      return removeConfig(docker, prefix, object);
  }
}

/** Services that are being removed: several objects that are created at once may have been used by one. */
const removals = new Map<string, Promise<boolean>>();

function removeService(docker: Docker, prefix: string, object: NamedObject): Promise<boolean> {
  const under = removals.get(object.name);
  if (under) return under;
  const removal = stopAndRemove(docker, prefix, object).finally(() => removals.delete(object.name));
  removals.set(object.name, removal);
  return removal;
}

async function stopAndRemove(docker: Docker, prefix: string, object: NamedObject): Promise<boolean> {
  const service = await findService<Service>(docker, object.name);
  if (!service) return false;
  refuseForeign(prefix, object, service.Spec.Labels);
  // Whoever comes next must not share its data with a replica of before.
  await stopServices(docker, [object.name]);
  await unlessGone(docker.getService(object.name).remove());
  return true;
}

async function removeContainer(docker: Docker, prefix: string, object: NamedObject): Promise<boolean> {
  const container = docker.getContainer(object.name);
  const found = await unlessGone(container.inspect());
  if (!found) return false;
  refuseForeign(prefix, object, found.Config.Labels);
  await unlessGone(container.remove({ force: true }));
  return true;
}

async function removeNetworks(docker: Docker, prefix: string, object: NamedObject): Promise<boolean> {
  // The engine looks for a part of the name, and may have several networks of one name.
  const listed = (await docker.listNetworks({ filters: { name: [object.name] } })) as unknown as Network[];
  const found = listed.filter(({ Name }) => Name === object.name);
  for (const { Id, Labels } of found) {
    refuseForeign(prefix, object, Labels);
    await removeServices(docker, prefix, ({ TaskTemplate }) =>
      (TaskTemplate.Networks ?? []).some(({ Target }) => Target === Id || Target === object.name),
    );
    await removeNetwork(docker, Id);
  }
  return found.length > 0;
}

async function removeNetwork(docker: Docker, id: string): Promise<void> {
  const network = docker.getNetwork(id);
  const end = Date.now() + RELEASED_MS;
  for (;;) {
    try {
      const found = await unlessGone(network.inspect());
      if (!found) return;
      // Proxies of the application: nobody else is on its networks, but for the engine's own end of each.
      for (const Container of Object.keys(found.Containers ?? {}).filter((one) => !one.startsWith('lb-'))) {
        await unlessGone(network.disconnect({ Container, Force: true }));
      }
      await unlessGone(network.remove());
    } catch (error) {
      if (!(IN_USE.includes(statusOf(error)) || isGoing(error)) || Date.now() > end) throw error;
    }
    await pause(POLL_MS);
  }
}

/** The engine says so, as an error of its own, of a network that it is about to forget. */
function isGoing(error: unknown): boolean {
  return error instanceof Error && /network \S+ not found/.test(error.message);
}

async function removeConfig(docker: Docker, prefix: string, { name }: NamedObject): Promise<boolean> {
  const listed = (await docker.listConfigs({ filters: { name: [name] } })) as {
    ID: string;
    Spec?: { Name?: string };
  }[];
  const found = listed.find(({ Spec }) => Spec?.Name === name);
  if (!found) return false;
  // Configs have no labels; the names of the application's begin with a prefix that nobody else has.
  await removeServices(docker, prefix, ({ TaskTemplate }) =>
    (TaskTemplate.ContainerSpec?.Configs ?? []).some(({ ConfigName }) => ConfigName === name),
  );
  await unlessGone(docker.getConfig(found.ID).remove());
  return true;
}

/** Removes the application's services that a condition is true of. */
async function removeServices(
  docker: Docker,
  prefix: string,
  condition: (spec: Service['Spec']) => boolean,
): Promise<void> {
  const services = (await docker.listServices({
    filters: { label: [`${LABEL.partOf}=${prefix}`] },
  })) as unknown as Service[];
  const names = services.filter(({ Spec }) => condition(Spec)).map(({ Spec }) => Spec.Name);
  await Promise.all(names.map((name) => removeService(docker, prefix, { kind: 'service', name })));
}

function refuseForeign(prefix: string, { kind, name }: NamedObject, labels: Labels): void {
  if (labels?.[LABEL.partOf] === prefix) return;
  throw new NameTakenError(
    `a ${kind} named ${name} already exists on the engine and does not belong to this application: it lacks the label ` +
      `${LABEL.partOf}=${prefix}. If it is not needed, remove it with ` +
      `\`docker ${kind} rm ${kind === 'container' ? '--force ' : ''}${name}\`; otherwise rename the microservice or job`,
  );
}
