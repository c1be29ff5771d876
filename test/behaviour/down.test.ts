import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfigOf, place } from './support/cluster';
import { command } from './support/command';
import { root } from './support/environment';
import { fixtureStack } from './support/fixture';
import { report } from './support/report';
import { Stack } from './support/stack';
import { onKubernetes } from './support/only';
import { fullStrength, leftOf, target } from './support/target';

describe('`destroy`', () => {
  it('leaves nothing but data, which the next `up` finds again', async () => {
    const stack = await fixtureStack();
    await stack.mustUp();
    const url = await stack.url();
    const line = `line ${Date.now()}`;
    expect((await fetch(`${url}/keep`, { method: 'POST', body: line })).status).toBe(200);

    const destroyed = await stack.destroy();
    expect(destroyed).toMatchObject({ code: 0 });
    expect(await leftOf(stack.scope)).toEqual({ objects: [], data: target.dataOf(stack.scope, 'keeper') });

    await stack.mustUp();
    await fullStrength(stack.scope, 'keeper', 1);
    const kept = (await (await fetch(`${await stack.url()}/kept`)).json()) as { lines: string[] };
    expect(kept.lines).toContain(line);

    await stack.destroy({ remove: true });
    expect((await leftOf(stack.scope)).objects).toEqual([]);
    await target.deleteData(stack.scope);
    expect(await leftOf(stack.scope)).toEqual({ objects: [], data: [] });
    report({ name: 'destroy', note: 'nothing left but the data, which the next one finds' });
  });
});

describe('data of a service that was removed', () => {
  // Of the services only echo stays, and nothing has storage any more.
  const WITHOUT_STORAGE = {
    'fixture:patch': JSON.stringify({
      services: { caller: null, keeper: null },
      gateway: { routes: [{ path: '/', to: 'echo' }] },
    }),
  };

  it('outlives `destroy`, and the service finds it when it is there again', async () => {
    const stack = await fixtureStack();
    await stack.mustUp();
    const line = `line ${Date.now()}`;
    expect((await fetch(`${await stack.url()}/keep`, { method: 'POST', body: line })).status).toBe(200);

    await stack.mustUp(WITHOUT_STORAGE);
    expect(await stack.preview(WITHOUT_STORAGE, ['--expect-no-changes'])).toMatchObject({ code: 0 });
    expect(await stack.destroy()).toMatchObject({ code: 0 });
    expect(await leftOf(stack.scope)).toEqual({ objects: [], data: target.dataOf(stack.scope, 'keeper') });

    // First without it again: what is left is taken over by any definition.
    await stack.mustUp(WITHOUT_STORAGE);
    await stack.mustUp();
    await fullStrength(stack.scope, 'keeper', 1);
    const kept = (await (await fetch(`${await stack.url()}/kept`)).json()) as { lines: string[] };
    expect(kept.lines).toContain(line);
    await stack.destroy({ remove: true });
    await target.deleteData(stack.scope);
    report({ name: 'removed service with storage', note: 'destroy kept the data, which the service found again' });
  });
});

onKubernetes('`npm run down` of a stack whose cluster is gone', () => {
  const name = 'behaviour-gone';
  const stack = new Stack('shop', name, root);
  const [kubeconfig, own] = [join(root, '.local', 'kubeconfig-gone'), join(root, `Pulumi.${name}.yaml`)];

  afterAll(async () => {
    await target.deleteData(stack.scope);
    rmSync(kubeconfig, { force: true });
    rmSync(own, { force: true });
  });

  it('says how, and works with --cluster-gone', async () => {
    copyFileSync(place.kubeconfig, kubeconfig);
    writeFileSync(
      own,
      readFileSync(join(root, `Pulumi.${target.shopStack}.yaml`), 'utf8').replace(
        /^(\s+shop:kubeconfig:).*$/m,
        '$1 .local/kubeconfig-gone',
      ),
    );
    await stack.mustUp();
    writeFileSync(kubeconfig, kubeconfigOf('https://127.0.0.1:1'));

    const plain = await down();
    expect(plain.code).not.toBe(0);
    expect(plain.output).toMatch(/unreachable/);
    const gone = await down('--cluster-gone');
    expect(gone).toMatchObject({ code: 0 });
    const { deployment } = JSON.parse(await stack.state()) as { deployment: { resources?: unknown[] } };
    expect(deployment.resources ?? []).toEqual([]);
    await stack.remove();
    report({
      name: 'destroy without the cluster',
      note: `refused in ${Math.round(plain.seconds)} s, --cluster-gone ${Math.round(gone.seconds)} s`,
    });
  });

  function down(...options: string[]) {
    return command('npm', ['run', 'down', '--', '--stack', name, ...options]);
  }
});
