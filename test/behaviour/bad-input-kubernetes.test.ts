import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ECHO } from './fixture/definition';
import { kubeconfigOf, place, theCluster } from './support/cluster';
import type { CommandResult } from './support/command';
import { REQUESTS } from './support/environment';
import { echoShot, onlyVersion, runningFixture, versions } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost, report } from './support/report';
import type { Stack } from './support/stack';
import type { StackConfig } from './support/stack-config';
import { fullStrength } from './support/target';
import { waitFor } from './support/wait';

/** What is refused before anything is made, in seconds: start of the program, and at most 5 s of silence. */
const AT_ONCE = 25;
/** An image is tried again for 15 s, and a quota for 10 s, since both may pass; then the old version is put back. */
const TRIED = 90;
const GOOD = { 'fixture:version': 'good' };

const cluster = theCluster();
const folder = mkdtempSync(join(tmpdir(), 'behaviour-cluster-'));
let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture(GOOD));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await stack.mustUp();
});

/** Deploys what cannot work, under load: it fails in time and with these words, and the old version serves on. */
async function refused(name: string, changes: StackConfig, words: string[], seconds: number): Promise<void> {
  let outcome: CommandResult | undefined;
  const pods = await names();
  const load = { url, shot: echoShot(), requests: Math.min(REQUESTS, 1_000), rate: 300, after: 500 };
  const result = await underLoad(load, async () => {
    outcome = await stack.mustNotUp({ ...GOOD, ...changes });
  });
  const { output, seconds: took } = outcome!;
  for (const word of words) expect(output).toContain(word);
  // A stack trace is for those who wrote the program.
  expect(output).not.toMatch(/^\s+at .*\.ts:\d+/m);
  expectNoneLost(name, result, `up failed after ${Math.round(took)} s`);
  expect(took).toBeLessThanOrEqual(seconds);
  expect(await versions(url)).toEqual(new Set(['good']));
  await fullStrength(stack.scope, 'echo', ECHO.replicas);
  expect(await names()).toEqual(pods);
}

async function names(): Promise<string[]> {
  return (await cluster.pods(stack.scope, 'echo')).map(({ metadata }) => metadata!.name!).sort();
}

const echo = (patch: object) => ({ 'fixture:patch': JSON.stringify({ services: { echo: patch } }) });

/** The kubeconfig with another address for the cluster. */
function kubeconfig(server: string): string {
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, kubeconfigOf(server));
  return file;
}

describe('a cluster that cannot be deployed to is refused at once', () => {
  it('when the kubeconfig has no such context', async () => {
    await refused('unknown context', { 'fixture:context': 'nowhere' }, ['"nowhere"', place.context], AT_ONCE);
  });

  it('when nobody listens at its address', async () => {
    const server = 'https://127.0.0.1:1';
    const changes = { 'fixture:kubeconfig': kubeconfig(server) };
    await refused('unreachable cluster', changes, [server, 'does not answer', 'ECONNREFUSED'], AT_ONCE);
  });

  it('when somebody listens there, and says nothing', async () => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => open.add(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    try {
      const server = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const changes = { 'fixture:kubeconfig': kubeconfig(server) };
      await refused('silent cluster', changes, [server, 'does not answer'], AT_ONCE);
    } finally {
      for (const socket of open) socket.destroy();
      silent.close();
    }
  });
});

describe('what the cluster does not have is refused at once', () => {
  it.each<[string, StackConfig, string[]]>([
    [
      'more processor time than any node has',
      echo({ resources: { cpu: 500 } }),
      ['services.echo.resources.cpu.request', '25000m', 'no node has more than'],
    ],
    [
      'more memory than any node has',
      echo({ resources: { memory: '4000Gi' } }),
      ['services.echo.resources.memory.request', '4000Gi', 'no node has more than'],
    ],
    ['a storage class', { 'fixture:storageClass': 'local-pth' }, ['storageClass', 'did you mean "local-path"?']],
    [
      'an ingress class',
      { 'fixture:exposure': 'Ingress', 'fixture:ingressClass': 'nowhere' },
      ['exposure.className', '"nowhere"'],
    ],
  ])('%s', async (name, changes, words) => refused(name, changes, words, AT_ONCE));
});

describe('what only shows when a replica starts is taken back', () => {
  it('an image that cannot be pulled', async () => {
    const image = '127.0.0.1:5000/behaviour/nowhere:1';
    await refused('image that cannot be pulled', echo({ image }), ['service echo', image, 'still serving'], TRIED);
  });

  it('a quota that is used up', async () => {
    const running = (await cluster.pods(stack.scope)).length;
    await cluster.core.createNamespacedResourceQuota({
      namespace: stack.scope,
      body: { metadata: { name: 'behaviour' }, spec: { hard: { pods: String(running) } } },
    });
    // Of echo alone: another service that stopped a replica first would free what the quota holds back.
    const update = (version: string) => echo({ env: { VERSION: version } });
    try {
      // Until its controller has counted, every pod is refused, for another reason.
      await waitFor('the quota to be counted', async () => {
        const quota = await cluster.core.readNamespacedResourceQuota({ namespace: stack.scope, name: 'behaviour' });
        return quota.status?.used?.['pods'] !== undefined;
      });
      await refused(
        'quota used up',
        update('over the quota'),
        ['service echo', 'exceeded quota', 'still serving'],
        TRIED,
      );
    } finally {
      await cluster.core.deleteNamespacedResourceQuota({ namespace: stack.scope, name: 'behaviour' });
    }
    await stack.mustUp({ ...GOOD, ...update('within the quota') });
    await onlyVersion(url, 'within the quota');
    report({ name: 'after the quota', note: 'the same update works' });
  });
});
