import type { V1ServicePort } from '@kubernetes/client-node';
import { ApiCluster, type ClusterApis } from '../../../components/kubernetes/api-cluster';
import { callHooks } from '../../../components/kubernetes/hooks';
import { deploy } from '../../support/deployment';

/** What is applied to a Service with these ports; `undefined` stands for no Service. */
async function applied(ports: V1ServicePort[] | undefined, port: number): Promise<unknown[]> {
  const patches: unknown[] = [];
  const apis = {
    core: { listNamespacedService: () => Promise.resolve({ items: ports ? [{ spec: { ports } }] : [] }) },
    objects: {
      patch: (object: { spec: unknown }, _: unknown, __: unknown, manager: string) => {
        patches.push([manager, object.spec]);
        return Promise.resolve({});
      },
    },
  };
  await new ApiCluster(apis as unknown as ClusterApis, 1).openPort('n', 'api', port);
  return patches;
}

const main = { name: 'main', port: 8080 };

describe('a port that callers will ask at', () => {
  it('is added to the Service, under another owner than its own', async () =>
    expect(await applied([main], 8081)).toEqual([
      [
        'pulumi-shop-components-opener',
        { ports: [{ name: 'port-8081', port: 8081, targetPort: 'main', protocol: 'TCP' }] },
      ],
    ]));

  it('is added to those that an earlier deployment has opened', async () =>
    expect(
      await applied([main, { name: 'metrics', port: 9000 }, { name: 'port-8081', port: 8081 }], 8082),
    ).toMatchObject([[expect.anything(), { ports: [{ port: 8081 }, { port: 8082 }] }]]));

  it.each([
    ['that is there', [main], 8080],
    ['that was opened before', [main, { name: 'port-8081', port: 8081 }], 8081],
    ['of no Service', undefined, 8081],
  ])('%s needs nothing', async (_, ports, port) => expect(await applied(ports, port)).toEqual([]));

  it('is opened before the caller is created or updated', async () => {
    const opened: unknown[] = [];
    const cluster = { openPort: (...args: unknown[]) => (opened.push(args), Promise.resolve()) } as never;
    const callees = [
      { name: 'api', port: 8081 },
      { name: 'db', port: 5432 },
    ];
    const { result, runHook } = await deploy(() => callHooks('web', 'n', callees, cluster));
    expect(result.beforeCreate).toEqual(result.beforeUpdate);
    await runHook('web-opened');
    expect(opened).toEqual([
      ['n', 'api', 8081],
      ['n', 'db', 5432],
    ]);
    expect(callHooks('web', 'n', [], cluster)).toEqual({});
  });
});
