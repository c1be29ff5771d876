import type Docker from 'dockerode';
import { once } from 'node:events';
import { plainText } from './output';
import { pause, POLL_MS, unlessGone } from './swarm';

const SERVICE = 'com.docker.swarm.service.name';
/** The engine may just be restarting the task. */
const APPEARS_MS = 15_000;
const DEADLINE = 30_000;

/** Nothing runs that could be told anything. */
export class NotRunningError extends Error {}

/**
 * Runs a shell script in the running container of a service that has one replica, as the user of the service.
 *
 * @param input standard input; the script must not wait for its end, which it is not told.
 * @returns what the script has written.
 * @throws NotRunningError, or an Error with the output of a script that fails.
 */
export async function runInService(docker: Docker, service: string, script: string, input: string): Promise<string> {
  const container = await containerOf(docker, service);
  const process_ = await container.exec({
    Cmd: ['/bin/sh', '-c', script],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await process_.start({ hijack: true, stdin: true });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(stream, 'end');
  // Not ended: the client would close the whole connection, and the output with it.
  stream.write(input);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`service ${service}: no answer in time`)), DEADLINE);
  });
  try {
    await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
  const output = plainText(Buffer.concat(chunks));
  const { ExitCode } = await process_.inspect();
  if (ExitCode !== 0) throw new Error(`service ${service}: ${output.trim() || `exit code ${ExitCode}`}`);
  return output;
}

/** Whether a file exists in a container. */
export async function fileExists(docker: Docker, container: string, path: string): Promise<boolean> {
  const asked = docker.getContainer(container).infoArchive({ path }) as Promise<Partial<NodeJS.ReadableStream>>;
  const answer = await unlessGone(asked);
  // An answer that nobody reads keeps its connection, and that keeps the program from ending.
  answer?.resume?.();
  return answer !== undefined;
}

async function containerOf(docker: Docker, service: string): Promise<Docker.Container> {
  const end = Date.now() + APPEARS_MS;
  for (;;) {
    const [found] = await docker.listContainers({ filters: { label: [`${SERVICE}=${service}`], status: ['running'] } });
    if (found) return docker.getContainer(found.Id);
    if (Date.now() > end)
      throw new NotRunningError(
        `no container of service ${service} runs on this engine. See \`docker service ps ${service}\``,
      );
    await pause(POLL_MS);
  }
}
