// Containers, whichever type of resource runs them: services and containers of Docker, pods and what makes them on Kubernetes.
import type { Resource } from './rule';
import type { Value } from './value';

export const DOCKER_SERVICE = 'docker:index/service:Service';
export const DOCKER_CONTAINER = 'docker:index/container:Container';

/** Where types of Kubernetes have the specification of their pods. */
const POD_SPECS: Record<string, string> = {
  Pod: 'spec',
  Deployment: 'spec.template.spec',
  StatefulSet: 'spec.template.spec',
  DaemonSet: 'spec.template.spec',
  ReplicaSet: 'spec.template.spec',
  ReplicationController: 'spec.template.spec',
  Job: 'spec.template.spec',
  CronJob: 'spec.jobTemplate.spec.template.spec',
};
const WITH_PODS = /^kubernetes:(?:core|apps|batch)\/v\w+:(\w+)$/;

/** The specification of the pods that a resource makes; undefined if it makes none. */
export function podSpecOf({ type, props }: Resource): Value | undefined {
  const path = POD_SPECS[WITH_PODS.exec(type)?.[1] ?? ''];
  return path === undefined ? undefined : props.at(path);
}

export interface Container {
  runs: 'pod' | 'service' | 'container';
  /** Runs before the others of its pod, and ends. */
  initial: boolean;
  /** What the definition says of it. */
  at: Value;
  image: Value;
  /** What its pod says for all its containers; that of a container of Docker is empty. */
  pod?: Value;
}

/** Containers that a resource runs. */
export function containersOf(resource: Resource): Container[] {
  const { type, props } = resource;
  if (type === DOCKER_SERVICE) {
    const at = props.at('taskSpec.containerSpec');
    return [{ runs: 'service', initial: false, at, image: at.get('image') }];
  }
  if (type === DOCKER_CONTAINER) return [{ runs: 'container', initial: false, at: props, image: props.get('image') }];
  const pod = podSpecOf(resource);
  if (pod === undefined) return [];
  const container = (at: Value, initial: boolean): Container => ({
    runs: 'pod',
    // A restart policy of its own makes it a sidecar.
    initial: initial && !at.get('restartPolicy').isSet,
    at,
    image: at.get('image'),
    pod,
  });
  return [
    ...pod
      .get('containers')
      .items()
      .map((at) => container(at, false)),
    ...pod
      .get('initContainers')
      .items()
      .map((at) => container(at, true)),
  ];
}

export interface Variable {
  name: string;
  /** The literal value; absent for what is read from elsewhere, such as a Secret. */
  value: Value;
}

/** Environment variables with literal values. */
export function environmentOf({ runs, at }: Container): Variable[] {
  if (runs === 'service')
    return at
      .get('env')
      .entries()
      .map(([name, value]) => ({ name, value }));
  if (runs === 'container') {
    return at
      .get('envs')
      .items()
      .flatMap((line) => {
        const [name, ...rest] = line.string?.split('=') ?? [];
        return name === undefined ? [] : [{ name, value: line.replaced(rest.join('=')) }];
      });
  }
  return at
    .get('env')
    .items()
    .flatMap((entry) => {
      const name = entry.get('name').string;
      return name === undefined ? [] : [{ name, value: entry.get('value') }];
    });
}

/** Everything that its process gets as arguments. */
export function argumentsOf({ runs, at }: Container): Value[] {
  const properties = { pod: ['command', 'args'], service: ['commands', 'args'], container: ['entrypoints', 'command'] };
  return properties[runs].flatMap((name) => at.get(name).items());
}
