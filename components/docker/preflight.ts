import * as pulumi from '@pulumi/pulumi';
import type Docker from 'dockerode';

/** The parts of `docker info` that decide whether an engine can be deployed to. */
export interface EngineInfo {
  OSType?: string;
  Architecture?: string;
  NCPU?: number;
  MemTotal?: number;
  LiveRestoreEnabled?: boolean;
  Swarm?: { LocalNodeState?: string; ControlAvailable?: boolean; Error?: string };
}

/** The engine that a deployment is for can't take it. Thrown before anything is created. */
export class EngineError extends pulumi.RunError {}

/**
 * Asks an engine whether it can be deployed to.
 *
 * @throws EngineError saying what is wrong and how to mend it.
 */
export async function inspectEngine(docker: Docker, address: string): Promise<EngineInfo> {
  let info: EngineInfo;
  try {
    info = (await docker.info()) as EngineInfo;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if ((error as NodeJS.ErrnoException).code === 'EACCES')
      throw new EngineError(
        `a Docker engine runs at ${address}, but your user may not use it (${reason}). Add it to the group: ` +
          'sudo usermod -aG docker $USER, then sign in again.',
      );
    throw new EngineError(
      `no Docker engine answers at ${address} (${reason}). Start Docker, or run \`npm run setup\`. ` +
        'If another engine was meant, check DOCKER_HOST and `docker context show`.',
    );
  }
  const problem = engineProblem(info);
  if (problem !== undefined) throw new EngineError(`the Docker engine at ${address} can't be deployed to: ${problem}`);
  return info;
}

/** @returns what is wrong with an engine and how to mend it, or `undefined`. */
export function engineProblem(info: EngineInfo): string | undefined {
  if (info.OSType !== undefined && info.OSType !== 'linux')
    return `it runs ${info.OSType} containers. Switch it to Linux containers.`;
  if (info.LiveRestoreEnabled === true) {
    return 'live-restore is on, which excludes Swarm mode. Remove "live-restore" from the engine\'s daemon.json and restart the engine.';
  }
  const state = info.Swarm?.LocalNodeState ?? 'inactive';
  switch (state) {
    case 'active':
      return info.Swarm?.ControlAvailable === false
        ? 'it is a worker of a swarm, and services are deployed through a manager. Point DOCKER_HOST or the docker context at a manager, or leave that swarm with `docker swarm leave`.'
        : undefined;
    case 'inactive':
      return 'Swarm mode is off. Run `npm run setup`, or `docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377`.';
    case 'locked':
      return 'its swarm is locked. Run `docker swarm unlock`.';
    default:
      return `its swarm is in state "${state}"${info.Swarm?.Error ? ` (${info.Swarm.Error})` : ''}. Look at \`docker info\`.`;
  }
}

/** Name of the engine's processor as images and the probe use it. */
export function engineArchitecture({ Architecture }: EngineInfo): 'amd64' | 'arm64' {
  switch (Architecture) {
    case 'x86_64':
    case 'amd64':
      return 'amd64';
    case 'aarch64':
    case 'arm64':
      return 'arm64';
    default:
      throw new EngineError(
        `the Docker engine runs on ${Architecture ?? 'an unknown processor'}; amd64 and arm64 can be deployed to.`,
      );
  }
}
