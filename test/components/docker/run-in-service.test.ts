import type Docker from 'dockerode';
import { PassThrough } from 'node:stream';
import { fileExists, runInService } from '../../../components/docker/run-in-service';
import { framed } from '../../support/fake-docker';

function dockerWith({ output = '', code = 0, appears = 0, silent = false }) {
  const seen = { command: [] as string[], input: '', filters: '' };
  let looks = 0;
  const docker = {
    listContainers: ({ filters }: { filters: unknown }) => {
      seen.filters = JSON.stringify(filters);
      return Promise.resolve(looks++ < appears ? [] : [{ Id: 'task' }]);
    },
    getContainer: () => ({
      exec: ({ Cmd }: { Cmd: string[] }) => {
        seen.command = Cmd;
        return Promise.resolve({
          start: () => {
            const stream = new PassThrough();
            stream.write = (text: string) => {
              seen.input += text;
              if (silent) return true;
              setImmediate(() => {
                stream.push(framed([1, output]));
                stream.push(null);
              });
              return true;
            };
            return Promise.resolve(stream);
          },
          inspect: () => Promise.resolve({ ExitCode: code }),
        });
      },
    }),
  };
  return { seen, docker: docker as unknown as Docker };
}

it('runs the script in the running task, with its input, and tells what it has written', async () => {
  const { seen, docker } = dockerWith({ output: 'all of it\n' });
  expect(await runInService(docker, 'lb-config', 'cat', 'given')).toBe('all of it\n');
  expect(seen).toEqual({
    command: ['/bin/sh', '-c', 'cat'],
    input: 'given',
    filters: '{"label":["com.docker.swarm.service.name=lb-config"],"status":["running"]}',
  });
});

it('waits for a task that is just being restarted', async () => {
  const { docker } = dockerWith({ output: 'x', appears: 2 });
  expect(await runInService(docker, 'lb-config', '', '')).toBe('x');
});

it.each([
  ['parsing [next.cfg:3]: unknown keyword\n', 'service lb-config: parsing [next.cfg:3]: unknown keyword'],
  ['', 'service lb-config: exit code 1'],
])('fails with what the script says', async (output, message) => {
  const { docker } = dockerWith({ output, code: 1 });
  await expect(runInService(docker, 'lb-config', '', '')).rejects.toThrow(message);
});

describe('in bounded time', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());
  const failure = async (work: Promise<unknown>) => {
    let message: string | undefined;
    work.catch((error: unknown) => (message = (error as Error).message));
    for (let at = 0; at < 200 && message === undefined; at++) await jest.advanceTimersByTimeAsync(250);
    return message;
  };

  it('fails when no task appears', async () =>
    expect(await failure(runInService(dockerWith({ appears: 1e6 }).docker, 'lb-config', '', ''))).toBe(
      'no container of service lb-config runs on this engine. See `docker service ps lb-config`',
    ));

  it('fails when the script does not end', async () =>
    expect(await failure(runInService(dockerWith({ silent: true }).docker, 'lb-config', '', ''))).toBe(
      'service lb-config: no answer in time',
    ));
});

describe('a file', () => {
  const answering = (answer: Promise<unknown>) =>
    ({ getContainer: () => ({ infoArchive: () => answer }) }) as unknown as Docker;
  const failing = (statusCode: number) => answering(Promise.reject(Object.assign(new Error('engine'), { statusCode })));

  it('exists, or not, or nobody knows', async () => {
    const resume = jest.fn();
    expect(await fileExists(answering(Promise.resolve({ resume })), 'lb', '/x')).toBe(true);
    expect(resume).toHaveBeenCalledTimes(1);
    expect(await fileExists(failing(404), 'lb', '/x')).toBe(false);
    await expect(fileExists(failing(500), 'lb', '/x')).rejects.toThrow('engine');
  });
});
