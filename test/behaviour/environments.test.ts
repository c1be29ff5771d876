import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LABEL, namePrefix } from '../../components/identity';
import { Checkout } from './support/checkout';
import { place, theCluster } from './support/cluster';
import { root } from './support/environment';
import { report } from './support/report';
import { waitFor } from './support/wait';

/** Pull requests that nobody has. */
const first = randomInt(80_000_000, 89_999_998);
const second = first + 1;
const LABELLED = ['environment'];

/** Every job has a checkout of its own; what they share is what the GitHub environment gives them. */
const backend = mkdtempSync(join(tmpdir(), 'shop-state-'));
const shared = {
  PULUMI_BACKEND_URL: `file://${backend}`,
  PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString('hex'),
  INSTALLATION_ID: randomBytes(2).toString('hex'),
  INSTALLATION_KEY: randomBytes(32).toString('base64url'),
  KUBECONFIG_FILE: readFileSync(place.kubeconfig, 'utf8'),
};

interface Job {
  number?: number;
  env?: Record<string, string>;
  more?: string[];
}

/** The steps of a job of the workflow, in a checkout; resolves to what the last one prints. */
async function job(checkout: Checkout, action: string, { number, env = {}, more = [] }: Job = {}): Promise<string> {
  const options = { env: { ...shared, ...env, GITHUB_OUTPUT: undefined } };
  const needed = ['--need', 'INSTALLATION_ID', '--need', 'INSTALLATION_KEY'];
  await checkout.must('node', ['scripts/github/credentials.mjs', ...needed], options);
  const args = number === undefined ? more : ['--number', String(number), ...more];
  return checkout.must('node', ['scripts/github/environment.mjs', action, ...args], options);
}

const urlOf = (printed: string) => /^url=(http\S+)$/m.exec(printed)?.[1];

async function answers(url: string | undefined): Promise<void> {
  if (url === undefined) throw new Error('there is no address');
  await waitFor(`${url} to answer`, async () => (await fetch(`${url}/api/products`)).ok);
}

interface PullRequest {
  number: number;
  state?: string;
  labels?: string[];
}

/** GitHub's API, as the tests of the scripts play it, with the comments that were there before. */
async function onGitHub<T>(
  pulls: readonly PullRequest[],
  comments: Record<number, object[]>,
  body: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const state = { comments };
  const program = `
    import { fakeGitHub, pullRequest } from ${JSON.stringify(join(root, 'scripts', 'github', 'fake-github.mjs'))};
    const pulls = ${JSON.stringify(pulls)}.map((one) => pullRequest(one));
    const { env } = await fakeGitHub({ ...${JSON.stringify(state)}, pulls });
    console.log(JSON.stringify(env));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return await body(JSON.parse(line) as Record<string, string>);
  } finally {
    child.kill();
  }
}

async function asked<T>(env: Record<string, string>, path: string): Promise<T> {
  return (await (await fetch(`${env['GITHUB_API_URL']}/repos/${env['GITHUB_REPOSITORY']}/${path}`)).json()) as T;
}
const commentsOn = (env: Record<string, string>, number: number) =>
  asked<{ body: string }[]>(env, `issues/${number}/comments`);

const application = (number: number) =>
  namePrefix({ project: 'shop', stack: `pr-${number}`, installation: shared.INSTALLATION_ID }, 'shop');

/** What is left of a pull request in the cluster and in the state. */
async function leftOf(checkout: Checkout, number: number): Promise<string[]> {
  const { core } = theCluster();
  const name = application(number);
  const [namespaces, volumes, stacks] = await Promise.all([
    core.listNamespace({ labelSelector: LABEL.partOf }),
    core.listPersistentVolume(),
    checkout.must('npx', ['pulumi', 'stack', 'ls', '--json'], { env: shared }),
  ]);
  return [
    ...namespaces.items.flatMap(({ metadata }) => (metadata?.name === name ? [`namespace ${name}`] : [])),
    ...volumes.items.flatMap(({ spec }) => (spec?.claimRef?.namespace === name ? [`volume of ${name}`] : [])),
    ...(JSON.parse(stacks) as { name: string }[]).flatMap((stack) =>
      stack.name.endsWith(`pr-${number}`) ? [`stack ${stack.name}`] : [],
    ),
  ];
}

describe('environments of pull requests', () => {
  const checkouts: Checkout[] = [];
  /** Of the main branch, of the first and of the second pull request. */
  let main: Checkout, one: Checkout, two: Checkout;
  let urls: (string | undefined)[] = [];

  beforeAll(async () => {
    for (let count = 0; count < 3; count++) {
      const checkout = await Checkout.create();
      checkout.shareLocal('cluster.json');
      checkouts.push(checkout);
    }
    [main, one, two] = checkouts as [Checkout, Checkout, Checkout];
  });

  afterAll(async () => {
    for (const number of [first, second]) await job(main, 'down', { number });
    for (const checkout of checkouts) checkout.remove();
    rmSync(backend, { recursive: true });
  });

  it('two at once are deployed beside each other', async () => {
    const began = Date.now();
    const printed = await Promise.all([job(one, 'up', { number: first }), job(two, 'up', { number: second })]);
    urls = printed.map(urlOf);
    report({ name: 'two environments', note: `${Math.round((Date.now() - began) / 1_000)} s` });
    expect(new Set(urls).size).toBe(2);
    await Promise.all(urls.map(answers));
    expect(await leftOf(main, first)).toContain(`namespace ${application(first)}`);
  });

  it('a push deploys it again, at the same address', async () => {
    one.edit(
      'stacks/shop.ts',
      "resources: { memory: '64Mi' },",
      "resources: { memory: '64Mi' },\n        replicas: 3,",
    );
    expect(urlOf(await job(one, 'up', { number: first }))).toBe(urls[0]);
    await answers(urls[0]);
    expect(await theCluster().pods(application(first), 'frontend')).toHaveLength(3);
    expect(await theCluster().pods(application(second), 'frontend')).toHaveLength(2);
  });

  it('its address is told in one comment', async () => {
    await onGitHub([{ number: first, labels: LABELLED }], {}, async (env) => {
      for (let time = 0; time < 2; time++)
        await job(main, 'tell', { number: first, env, more: ['--address', urls[0]!] });
      const comments = await commentsOn(env, first);
      expect(comments).toHaveLength(1);
      expect(comments[0]!.body).toContain(urls[0]!);
    });
  });

  it('a closed one leaves nothing, and the other as it is', async () => {
    await job(main, 'down', { number: first });
    expect(await leftOf(main, first)).toEqual([]);
    await answers(urls[1]);
  });

  it('the sweep leaves one that is in use, and removes one to which nothing was pushed for a while', async () => {
    const pulls = [{ number: second, labels: LABELLED }];
    await onGitHub(pulls, {}, async (env) => {
      await job(main, 'sweep', { env, more: ['--hours', '72'] });
      await answers(urls[1]);
      await job(main, 'sweep', { env, more: ['--hours', '0.001'] });
      expect(await leftOf(main, second)).toEqual([]);
      expect((await commentsOn(env, second))[0]!.body).toContain('The environment and its data were deleted');
      expect((await asked<{ labels: object[] }>(env, `pulls/${second}`)).labels).toEqual([]);
    });
  });

  it('the sweep finds what a lost state has left, of a pull request that is closed', async () => {
    const { core } = theCluster();
    const name = application(second);
    await core.createNamespace({ body: { metadata: { name, labels: { [LABEL.partOf]: name } } } });
    await onGitHub([{ number: second, state: 'closed' }], {}, (env) => job(main, 'sweep', { env }));
    expect(await leftOf(main, second)).toEqual([]);
  });
});
