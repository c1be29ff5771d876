import { kubectl, theCluster } from './support/cluster';
import { command } from './support/command';
import { engine } from './support/engine';
import { runningFixture } from './support/fixture';
import { onDocker, onKubernetes } from './support/only';
import { report } from './support/report';
import type { Stack } from './support/stack';
import { target } from './support/target';
import { waitFor } from './support/wait';

let stack: Stack;

beforeAll(async () => {
  ({ stack } = await runningFixture());
});

/** By a plain preview and a plain `up`, after which nothing is left to change and everything answers. */
async function expectRestored(what: string, names: string[]): Promise<void> {
  const preview = await stack.preview({}, ['--expect-no-changes']);
  expect(preview.code).not.toBe(0);
  const { output, seconds } = await stack.mustUp();
  for (const name of names) {
    expect(preview.output).toContain(name);
    expect(output).toContain(name);
  }
  expect((await stack.preview({}, ['--expect-no-changes'])).code).toBe(0);
  // A Service that is made anew may have another port of the nodes.
  const url = await stack.url();
  await waitFor('answers of every service', async () => {
    const answers = await Promise.all(['/version', '/call', '/kept'].map((path) => fetch(`${url}${path}`)));
    return answers.every(({ status }) => status < 500);
  });
  report({ name: `restored: ${what}`, note: `${Math.round(seconds)} s` });
}

onDocker('a plain `up` restores on an engine', () => {
  it('what somebody has removed: a service, the gateway, what a load balancer is configured by', async () => {
    const names = ['caller', 'gateway', 'echo-lb-config'].map((name) => `${stack.scope}-${name}`);
    const [service, container, configuration] = names as [string, string, string];
    await engine.getService(service).remove();
    await engine.getContainer(container).remove({ force: true });
    await engine.getService(configuration).remove();
    await expectRestored('removed by hand', [
      `service ${service}`,
      `container ${container}`,
      `service ${configuration}`,
    ]);
  });

  it('what somebody has stopped or killed, which the engine does not start again by itself', async () => {
    const names = ['gateway', 'echo-lb'].map((name) => `${stack.scope}-${name}`);
    await engine.getContainer(names[0]!).kill();
    await engine.getContainer(names[1]!).stop();
    await expectRestored(
      'stopped by hand',
      names.map((name) => `container ${name}`),
    );
  });

  it('a service that has no replica any more, as a deployment leaves one that is interrupted before it removes it', async () => {
    const scaled = await command('docker', ['service', 'scale', '--detach', `${stack.scope}-caller=0`]);
    expect(scaled.code).toBe(0);
    await expectRestored('scaled to nothing', ['caller-service']);
  });
});

onKubernetes('a plain `up` restores in a cluster', () => {
  it('what somebody has deleted: a Deployment, a Service, a policy', async () => {
    const { apps, core, networking } = theCluster();
    const namespace = stack.scope;
    const { items } = await networking.listNamespacedNetworkPolicy({ namespace });
    const policy = items.find(({ metadata }) => metadata!.name!.startsWith('echo.'))!.metadata!.name!;
    await apps.deleteNamespacedDeployment({ namespace, name: 'caller' });
    await core.deleteNamespacedService({ namespace, name: 'echo' });
    await networking.deleteNamespacedNetworkPolicy({ namespace, name: policy });
    await expectRestored('deleted by hand', ['Deployment caller', 'Service echo', `NetworkPolicy ${policy}`]);
  });

  it('a Deployment that has no replica any more', async () => {
    const { code } = await kubectl(['scale', 'deployment/caller', '--replicas=0', '--namespace', stack.scope]);
    expect(code).toBe(0);
    await expectRestored('scaled to nothing', ['caller-deployment']);
  });

  it('everything, when the namespace was deleted', async () => {
    const { core } = theCluster();
    await core.deleteNamespace({ name: stack.scope });
    // The proxies would end once their last request is sure to be over.
    await core.deleteCollectionNamespacedPod({ namespace: stack.scope, gracePeriodSeconds: 0 });
    await waitFor('the namespace to go', async () => (await target.belongings(stack.scope)).data.length === 0, {
      timeout: 120_000,
    });
    await expectRestored('a deleted namespace', [`Namespace ${stack.scope}`, 'Deployment caller']);
  });
});
