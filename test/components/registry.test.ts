import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { isPublished, registryAuth, RegistryError } from '../../components/registry';
import { deploy } from '../support/deployment';

const TAGGED = 'registry.example.com/shop/api:0123456789ab';
const CALL = 'docker:index/getRegistryImage:getRegistryImage';

/** Asks a registry that answers with a digest, or with an error as the engine hands it on. */
async function ask(details?: string, tagged = TAGGED): Promise<{ published: boolean; asked: unknown }> {
  let asked: unknown;
  const { result } = await deploy(
    async () => {
      const provider = new docker.Provider('registry', {});
      return isPublished(tagged, { provider });
    },
    {
      calls: {
        [CALL]: (inputs) => {
          asked = inputs['name'];
          if (details !== undefined) throw Object.assign(new Error(details), { details });
          return { name: TAGGED, sha256Digest: 'sha256:1' };
        },
      },
    },
  );
  return { published: result, asked };
}

describe('a registry is asked for a tag', () => {
  it('that it has', async () => expect(await ask()).toEqual({ published: true, asked: TAGGED }));

  it('that it has not', async () =>
    expect(await ask('got bad response from registry: 404 Not Found')).toMatchObject({ published: false }));

  it.each([
    'got bad response from registry: 401 Unauthorized',
    'dial tcp 127.0.0.1:5000:\n connect: connection refused',
  ])('and a registry that says "%s" is an error that names it', async (details) => {
    const failing = ask(details);
    await expect(failing).rejects.toThrow(RegistryError);
    await expect(failing).rejects.toThrow(
      /^registry registry\.example\.com cannot be asked for registry\.example\.com\/shop\/api:0123456789ab \(.*\)\. See that it runs and that you are signed in: docker login registry\.example\.com$/,
    );
  });
});

it('of ECR it says how one signs in there', async () => {
  const registry = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
  await expect(ask('401 Unauthorized', `${registry}/shop/api:0123456789ab`)).rejects.toThrow(
    `: aws ecr get-login-password --region eu-central-1 | docker login --username AWS --password-stdin ${registry}`,
  );
});

it.each(['127.0.0.1:5000', '127.1.2.3:80', 'localhost:5000', 'localhost'])(
  'a registry on this machine, %s, is spoken to as Docker does it: plainly, as nobody',
  (registry) => expect(registryAuth(registry)).toEqual({ address: `http://${registry}`, authDisabled: true }),
);

it.each(['registry.example.com', 'registry.example.com:5000', '10.0.0.1:5000', 'localhost.example.com'])(
  'any other, %s, over TLS as whom `docker login` has signed in',
  (registry) => expect(registryAuth(registry)).toEqual({ address: registry }),
);

it('an error is one that Pulumi prints without a stack trace', () =>
  expect(pulumi.RunError.isInstance(new RegistryError('x'))).toBe(true));
