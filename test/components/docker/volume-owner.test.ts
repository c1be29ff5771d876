import type Docker from 'dockerode';
import { ownVolume } from '../../../components/docker/volume-owner';

/** A stand-in for dockerode with one container that ends as told. */
function fake({ code = 0, output = '', missing = false, pullFails = false } = {}) {
  const calls: string[] = [];
  const created: Docker.ContainerCreateOptions[] = [];
  let present = !missing;
  const container = {
    start: async () => void calls.push('start'),
    wait: async () => ({ StatusCode: code }),
    logs: async () => Buffer.from(output),
    remove: async (options: unknown) => void calls.push(`remove ${JSON.stringify(options)}`),
  };
  const docker = {
    getContainer: (name: string) => ({
      remove: async () => {
        calls.push(`remove ${name}`);
        throw Object.assign(new Error('no such container'), { statusCode: 404 });
      },
    }),
    createContainer: async (options: Docker.ContainerCreateOptions) => {
      if (!present) throw Object.assign(new Error('no such image'), { statusCode: 404 });
      created.push(options);
      return container;
    },
    pull: async (image: string, options: object) => {
      calls.push(`pull ${image} ${JSON.stringify(options)}`);
      return {};
    },
    modem: {
      followProgress: (_: unknown, done: (error: Error | null) => void) => {
        present = !pullFails;
        done(pullFails ? new Error('no route to the registry') : null);
      },
    },
  };
  return { calls, created, docker: docker as unknown as Docker };
}

const own = ({ docker }: { docker: Docker }) =>
  ownVolume(docker, { prefix: 'shop', volume: 'shop-db-data', user: '999:999', image: 'haproxy:3.0' });

describe('a volume is given to a user', () => {
  it('by a container that can do nothing else, and goes when it is done', async () => {
    const engine = fake();
    await own(engine);
    expect(engine.calls).toEqual(['remove shop-db-data-owner', 'start', 'remove {"force":true}']);
    expect(engine.created).toEqual([
      expect.objectContaining({
        Image: 'haproxy:3.0',
        HostConfig: {
          NetworkMode: 'none',
          ReadonlyRootfs: true,
          CapDrop: ['ALL'],
          CapAdd: ['CHOWN', 'DAC_READ_SEARCH'],
          SecurityOpt: ['no-new-privileges:true'],
          Mounts: [{ Type: 'volume', Source: 'shop-db-data', Target: '/data' }],
        },
      }),
    ]);
  });

  it('by one that is found by name and labels, should the program be killed, and makes room for it', async () => {
    const engine = fake();
    await own(engine);
    expect(engine.calls[0]).toBe('remove shop-db-data-owner');
    expect(engine.created).toEqual([
      expect.objectContaining({
        name: 'shop-db-data-owner',
        Labels: expect.objectContaining({ 'app.kubernetes.io/part-of': 'shop' }) as object,
      }),
    ]);
  });

  it('whose name is an argument of the script, and no part of it', async () => {
    const engine = fake();
    await own(engine);
    const [script, user] = engine.created[0]!.Cmd as string[];
    expect(user).toBe('999:999');
    expect(script).not.toContain('999');
  });

  it('with an image that is pulled first where it is missing', async () => {
    const engine = fake({ missing: true });
    await own(engine);
    expect(engine.calls).toEqual([
      'remove shop-db-data-owner',
      'pull haproxy:3.0 {}',
      'start',
      'remove {"force":true}',
    ]);
  });
});

describe('an error', () => {
  it('names the volume and the user, and shows what the container wrote', async () => {
    const engine = fake({ code: 1, output: 'chown: read-only file system\n' });
    await expect(own(engine)).rejects.toThrow(
      'volume shop-db-data cannot be given to user 999:999: chown: read-only file system',
    );
    expect(engine.calls).toContain('remove {"force":true}');
  });

  it('by an image that has to be pulled by those who may', async () => {
    const engine = fake({ missing: true });
    const login = (image: string) => Promise.resolve({ serveraddress: image, username: 'me', password: 'hush' });
    await ownVolume(engine.docker, { prefix: 'p', volume: 'v', user: '1:1', image: 'r.example.com/haproxy', login });
    expect(engine.calls[1]).toBe(
      'pull r.example.com/haproxy {"authconfig":{"serveraddress":"r.example.com/haproxy","username":"me","password":"hush"}}',
    );
  });

  it('of a pull is handed on', async () => {
    await expect(own(fake({ missing: true, pullFails: true }))).rejects.toThrow('no route to the registry');
  });
});
