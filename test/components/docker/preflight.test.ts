import * as pulumi from '@pulumi/pulumi';
import type Docker from 'dockerode';
import {
  engineArchitecture,
  EngineError,
  engineProblem,
  inspectEngine,
  type EngineInfo,
} from '../../../components/docker/preflight';

const manager: EngineInfo = {
  OSType: 'linux',
  LiveRestoreEnabled: false,
  Swarm: { LocalNodeState: 'active', ControlAvailable: true },
};
const fake = (info: () => Promise<EngineInfo>) => ({ info }) as unknown as Docker;

describe('an engine that cannot be deployed to says why and how to mend it', () => {
  it.each<[string, EngineInfo, RegExp]>([
    ['Windows containers', { ...manager, OSType: 'windows' }, /runs windows containers\. Switch it to Linux/],
    [
      'live-restore',
      { ...manager, LiveRestoreEnabled: true, Swarm: { LocalNodeState: 'inactive' } },
      /live-restore is on.*daemon\.json/,
    ],
    [
      'no swarm',
      { ...manager, Swarm: { LocalNodeState: 'inactive' } },
      /Swarm mode is off\. Run `npm run setup`, or `docker swarm init .*--listen-addr 127\.0\.0\.1/,
    ],
    ['no word of a swarm', { OSType: 'linux' }, /Swarm mode is off/],
    [
      'a worker',
      { ...manager, Swarm: { LocalNodeState: 'active', ControlAvailable: false } },
      /it is a worker of a swarm.*docker swarm leave/,
    ],
    ['a locked swarm', { ...manager, Swarm: { LocalNodeState: 'locked' } }, /docker swarm unlock/],
    ['a pending swarm', { ...manager, Swarm: { LocalNodeState: 'pending' } }, /in state "pending"/],
    [
      'a broken swarm',
      { ...manager, Swarm: { LocalNodeState: 'error', Error: 'no quorum' } },
      /in state "error" \(no quorum\)/,
    ],
  ])('%s', async (_, info, pattern) => {
    expect(engineProblem(info)).toMatch(pattern);
    const failure = inspectEngine(
      fake(() => Promise.resolve(info)),
      'tcp://x',
    );
    await expect(failure).rejects.toThrow(EngineError);
    await expect(failure).rejects.toThrow(/^the Docker engine at tcp:\/\/x can't be deployed to: /);
  });

  it('an engine that this user may not use', () =>
    expect(
      inspectEngine(
        fake(() => Promise.reject(Object.assign(new Error('connect EACCES /var/run/docker.sock'), { code: 'EACCES' }))),
        'the local socket',
      ),
    ).rejects.toThrow(/^a Docker engine runs at the local socket, but your user may not use it \(connect EACCES/));

  it('no engine at all', async () => {
    const failure = inspectEngine(
      fake(() => Promise.reject(new Error('connect ENOENT /var/run/docker.sock'))),
      'the local socket',
    );
    await expect(failure).rejects.toThrow(
      /^no Docker engine answers at the local socket \(connect ENOENT .*\)\. Start Docker, or run `npm run setup`\. If another engine was meant, check DOCKER_HOST/,
    );
    await expect(failure).rejects.toThrow(pulumi.RunError);
  });
});

it('a manager of a swarm will do', async () => {
  expect(engineProblem(manager)).toBeUndefined();
  await expect(
    inspectEngine(
      fake(() => Promise.resolve(manager)),
      'x',
    ),
  ).resolves.toBe(manager);
});

describe('the processor', () => {
  it.each([
    ['x86_64', 'amd64'],
    ['amd64', 'amd64'],
    ['aarch64', 'arm64'],
    ['arm64', 'arm64'],
  ])('%s is %s', (Architecture, expected) => expect(engineArchitecture({ Architecture })).toBe(expected));

  it.each([
    ['riscv64', 'riscv64'],
    [undefined, 'an unknown processor'],
  ])('%s is refused by name', (Architecture, shown) =>
    expect(() => engineArchitecture(Architecture === undefined ? {} : { Architecture })).toThrow(
      `the Docker engine runs on ${shown}; amd64 and arm64 can be deployed to.`,
    ),
  );
});
