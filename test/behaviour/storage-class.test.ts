import { StorageV1Api } from '@kubernetes/client-node';
import { theCluster } from './support/cluster';
import { fixtureStack } from './support/fixture';
import { report } from './support/report';
import type { Stack } from './support/stack';
import { target } from './support/target';

const OTHER = 'behaviour-other';
/** Of the services only the one with storage. */
const KEEPER = {
  'fixture:patch': JSON.stringify({
    services: { echo: null, caller: null },
    gateway: { routes: [{ path: '/', to: 'keeper' }] },
  }),
};
const storage = theCluster().config.makeApiClient(StorageV1Api);
let stack: Stack;
let usual: string;

beforeAll(async () => {
  const { items } = await storage.listStorageClass();
  const found = items.find(
    ({ metadata }) => metadata?.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  )!;
  usual = found.metadata!.name!;
  const { provisioner, volumeBindingMode } = found;
  await storage.createStorageClass({
    body: { metadata: { name: OTHER }, provisioner, volumeBindingMode: volumeBindingMode! },
  });
  stack = await fixtureStack('classes', KEEPER);
});
afterAll(async () => {
  await stack.destroy({ remove: true });
  await target.deleteData(stack.scope);
  await storage.deleteStorageClass({ name: OTHER });
});

const named = (storageClass: string) => ({ 'fixture:storageClass': storageClass });
const change = (to: string) => `${JSON.stringify(to)} is not allowed; claim keeper-data has storage class`;

/** Refused before anything is made, with how to move the data. */
async function refused(has: string, wanted: string): Promise<void> {
  const { code, output } = await stack.preview(named(wanted));
  expect(code).not.toBe(0);
  const to = wanted === '' ? "the cluster's default" : wanted;
  for (const words of [`${change(to)} "${has}"`, `keep "${has}". To move the data`, 'delete pvc keeper-data'])
    expect(output).toContain(words);
}

describe('the storage class of a claim that the cluster has chosen', () => {
  it('cannot be another, and may be named or not: nothing changes', async () => {
    await stack.mustUp();
    await refused(usual, OTHER);
    expect(await stack.preview(named(usual), ['--expect-no-changes'])).toMatchObject({ code: 0 });
    await stack.mustUp(named(usual));
    expect(await stack.preview({}, ['--expect-no-changes', '--refresh'])).toMatchObject({ code: 0 });
    report({ name: 'storage class', note: 'another is refused in preview; to name the default changes nothing' });
  });
});

describe('one that a deployment has chosen', () => {
  it('cannot be another, nor be left out', async () => {
    expect(await stack.destroy()).toMatchObject({ code: 0 });
    await target.deleteData(stack.scope);
    await stack.mustUp(named(OTHER));
    await refused(OTHER, usual);
    await refused(OTHER, '');
    expect(await stack.preview(named(OTHER), ['--expect-no-changes'])).toMatchObject({ code: 0 });
  });
});
