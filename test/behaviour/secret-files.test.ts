import { runningFixture } from './support/fixture';
import { onKubernetes } from './support/only';
import { report } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength, target } from './support/target';

const REPLICAS = 2;
let stack: Stack;

const withSecrets = (secrets: Record<string, string>) => ({
  'fixture:patch': JSON.stringify({ services: { echo: { secrets, replicas: REPLICAS } } }),
});

/** Mode, owner and content of each secret, from each replica. */
async function secretsOfReplicas(): Promise<string[]> {
  await fullStrength(stack.scope, 'echo', REPLICAS);
  const script =
    'cd /run/secrets && for file in *; do echo "$file $(stat -Lc "%a %u:%g" $file) $(cat $file)"; done; id -u';
  const replicas = await target.replicas(stack.scope, 'echo');
  return Promise.all(replicas.map(async ({ id }) => (await target.exec(id, ['sh', '-c', script])).output.trim()));
}

beforeAll(async () => {
  ({ stack } = await runningFixture());
});
afterAll(async () => {
  await stack.mustUp();
});

it('a secret is a file of the replica’s user that nobody else may read, and another value reaches every replica', async () => {
  await stack.mustUp(withSecrets({ key: 'first', db_password: 'p' }));
  const first = 'db_password 400 10001:10001 p\nkey 400 10001:10001 first\n10001';
  expect(await secretsOfReplicas()).toEqual([first, first]);
  await stack.mustUp(withSecrets({ key: 'second', db_password: 'p' }));
  expect(await secretsOfReplicas()).toEqual([first.replace('first', 'second'), first.replace('first', 'second')]);
  report({ name: 'secret files', note: 'mode 0400, of the user; a changed value is in both replicas' });
});

onKubernetes('what copies secrets', () => {
  it('is named with its image where it cannot start, and the old version serves on', async () => {
    const image = '127.0.0.1:5000/behaviour/nowhere:1';
    const { output } = await stack.mustNotUp({
      ...withSecrets({ key: 'third', db_password: 'p' }),
      'fixture:proxyImage': image,
    });
    expect(output).toContain('service echo');
    expect(output).toContain(image);
    expect(output).toContain('still serving');
    expect(await secretsOfReplicas()).toEqual(Array(REPLICAS).fill(expect.stringContaining('second')));
  });
});
