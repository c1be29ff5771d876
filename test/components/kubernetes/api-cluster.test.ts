import { ApiCluster, type ClusterApis } from '../../../components/kubernetes/api-cluster';
import { DeploymentError, type GoodVersion } from '../../../components/kubernetes/cluster';
import type { Look } from '../../../components/kubernetes/rollout';
import { type deployment, look, pod, replicaSet } from '../../support/fake-cluster';

const wait = { restarts: 0, startup: 200, placement: 100, deadline: 2_000 };
const good: GoodVersion = {
  labels: { 'app.kubernetes.io/name': 'api' },
  annotations: { mine: '1' },
  spec: { replicas: 2, template: { spec: {} } },
};
const FAILING = look({ available: 1, updated: 1, progress: 'ReplicaSetUpdated' }, [
  pod({ restarts: 1, ended: [3, 'Error'] }),
]);
const DONE = look({}, [pod({ ready: new Date(0) })]);
const job = (type: string | undefined, more: object = {}) => ({
  metadata: {
    name: 'migrate-1',
    labels: { 'app.kubernetes.io/name': 'migrate' },
    creationTimestamp: new Date(9_000),
    ...more,
  },
  status: { conditions: type ? [{ type, status: 'True', message: 'reached the limit' }] : [] },
});

/** An API that shows one look after another and keeps on showing the last; what is put back shows as `after`. */
function fake({
  looks = [] as (Look | undefined)[],
  after = [] as Look[],
  jobs = [] as object[],
  logs = 'boom: no database',
} = {}) {
  const patches: unknown[][] = [];
  const requests: unknown[] = [];
  let queue = [...looks];
  let current: Look | undefined;
  const items = (list: unknown) => Promise.resolve({ items: list });
  const apis = {
    apps: {
      listNamespacedDeployment: (request: object) => {
        requests.push(request);
        if (!('fieldSelector' in request)) return items(looks.flatMap((one) => one?.deployment ?? []));
        current = queue.length > 1 ? queue.shift() : queue[0];
        return items(current ? [current.deployment] : []);
      },
      listNamespacedReplicaSet: () => Promise.resolve().then(() => ({ items: current?.replicaSets ?? [] })),
    },
    batch: {
      listNamespacedJob: () => items(jobs),
      readNamespacedJob: () => Promise.resolve(jobs.length > 1 ? jobs.shift() : jobs[0]),
    },
    core: {
      listNamespacedPod: () => Promise.resolve().then(() => ({ items: current?.pods ?? [pod()] })),
      listNamespacedEvent: () => items([]),
      readNamespacedPodLog: () => Promise.resolve(logs),
    },
    objects: {
      patch: (...args: unknown[]) => {
        patches.push(args);
        queue = [...after];
        return Promise.resolve({});
      },
    },
  };
  return { patches, requests, cluster: new ApiCluster(apis as unknown as ClusterApis, 1) };
}
const failure = async (promise: Promise<void>): Promise<string> => {
  const error: unknown = await promise.then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeploymentError);
  return (error as Error).message;
};

describe('a rollout', () => {
  it('that goes well is waited for, and nothing is put back', async () => {
    const underway = look({ available: 1, progress: 'ReplicaSetUpdated' }, [pod({ running: true })]);
    const { cluster, patches } = fake({ looks: [underway, underway, DONE] });
    await cluster.rolledOut('shop-dev', 'api', wait, good);
    expect(patches).toEqual([]);
  });

  it('says when its replicas are ready, before they have been so for as long as they must', async () => {
    const progress = 'ReplicaSetUpdated';
    const unready = look({ available: 1, progress }, [pod({ running: true })]);
    const old = look({ available: 1, ready: 2, updated: 1, progress });
    const unseen = look({ available: 1, ready: 2, progress, generation: 3, observed: 2 });
    const ready = look({ available: 1, ready: 2, progress });
    const told: string[] = [];
    for (const [name, looks] of Object.entries({
      never: [unready, old, unseen, DONE],
      once: [unready, ready, DONE],
      'as the rest fails': [ready, FAILING],
    })) {
      const { cluster } = fake({ looks });
      const onReady = () => void told.push(name);
      await cluster.rolledOut('shop-dev', 'api', { ...wait, onReady }).catch(() => undefined);
    }
    expect(told).toEqual(['once', 'as the rest fails']);
  });

  it('that fails is taken back, and says why, with the last log lines', async () => {
    const { cluster, patches } = fake({ looks: [FAILING], after: [DONE] });
    expect(await failure(cluster.rolledOut('shop-dev', 'api', wait, good))).toBe(
      'service api (namespace shop-dev): the update was rolled back; the previous version is still serving: ' +
        'replica api-pod-1 exited with code 3 (Error)\nits last log lines:\n  boom: no database',
    );
    expect(patches).toHaveLength(1);
  });

  it('goes back under the name that the provider uses, marked as taken back', async () => {
    const { cluster, patches } = fake({ looks: [FAILING], after: [DONE] });
    const before = Math.floor(Date.now() / 1_000);
    await failure(cluster.rolledOut('shop-dev', 'api', wait, good));
    const [object, , , manager, force, type] = patches[0] as [
      { metadata: { annotations: Record<string, string> } },
      ...unknown[],
    ];
    expect(object).toMatchObject({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace: 'shop-dev', labels: good.labels, annotations: { mine: '1' } },
      spec: good.spec,
    });
    expect(Number(object.metadata.annotations['components.shop/taken-back'])).toBeGreaterThanOrEqual(before);
    expect([manager, force, type]).toEqual(['pulumi-shop-components', true, 'application/apply-patch+yaml']);
  });

  it('that went back but is not whole does not claim to be', async () => {
    const stuck = look({ available: 1, progress: 'ReplicaSetUpdated' }, [pod({ unplaced: 'full' })]);
    const { cluster } = fake({ looks: [FAILING], after: [stuck] });
    expect(await failure(cluster.rolledOut('shop-dev', 'api', wait, good))).toContain(
      'it is not fully available yet (replica api-pod-1 cannot be scheduled: full)',
    );
  });

  it('that is the first has nothing to go back to', async () => {
    const { cluster, patches } = fake({ looks: [FAILING] });
    expect(await failure(cluster.rolledOut('shop-dev', 'api', wait))).toContain(
      'service api (namespace shop-dev) failed to start: replica api-pod-1 exited with code 3',
    );
    expect(patches).toEqual([]);
  });

  it('is given its time: a trouble that passes is none', async () => {
    const slow = look({ available: 1, progress: 'ReplicaSetUpdated' }, [pod({ waiting: ['ImagePullBackOff'] })]);
    const { cluster } = fake({ looks: [...Array.from({ length: 20 }, () => slow), DONE] });
    await cluster.rolledOut('shop-dev', 'api', wait, good);
  });

  it('has failed when a trouble lasts', async () => {
    const unready = look({ available: 1, progress: 'ReplicaSetUpdated' }, [pod({ running: true })]);
    const { cluster } = fake({ looks: [unready] });
    const start = Date.now();
    expect(await failure(cluster.rolledOut('shop-dev', 'api', wait))).toContain('did not become ready');
    expect(Date.now() - start).toBeGreaterThanOrEqual(wait.startup);
    expect(Date.now() - start).toBeLessThan(wait.deadline);
  });

  it('ends at its deadline, whatever the cluster says', async () => {
    const { cluster } = fake({ looks: [look({ available: 1, progress: 'ReplicaSetUpdated' }, [])] });
    expect(await failure(cluster.rolledOut('shop-dev', 'api', { ...wait, deadline: 100 }))).toContain(
      '1 of 2 replicas are available, 2 of them new after 0 s',
    );
  });

  it('forgives the end of a replica that had come up', async () => {
    const up = look({ available: 1, updated: 1, progress: 'ReplicaSetUpdated' }, [pod({ ready: new Date(0) })]);
    const { cluster } = fake({ looks: [up, FAILING, DONE] });
    await cluster.rolledOut('shop-dev', 'api', wait, good);
  });

  it('of what is deleted meanwhile has failed', async () => {
    const { cluster } = fake({ looks: [undefined] });
    expect(await failure(cluster.rolledOut('shop-dev', 'api', wait))).toContain(
      'the Deployment was deleted during the rollout',
    );
  });
});

describe('the version to go back to', () => {
  it('is the one in force, once that has worked', async () => {
    const { cluster } = fake({ looks: [look({ annotations: { mine: '1' } })] });
    const version = await cluster.lastGood('shop-dev', 'api');
    expect(version).toMatchObject({ annotations: { mine: '1' }, spec: { replicas: 2, minReadySeconds: 5 } });
    expect(version!.annotations).not.toHaveProperty('deployment.kubernetes.io/revision');
  });

  it('is the one before where a deployment was broken off half-way', async () => {
    const { cluster } = fake({
      looks: [look({ progress: 'ReplicaSetUpdated' }, [], [replicaSet(1, 2, 'api:good'), replicaSet(2)])],
    });
    const version = await cluster.lastGood('shop-dev', 'api');
    expect(version!.spec['template']).toEqual({
      metadata: { labels: { app: 'api' } },
      spec: { containers: [{ name: 'api', image: 'api:good' }] },
    });
  });

  it('is none where nothing has ever worked, or nothing is there', async () => {
    const never = look({ progress: 'ReplicaSetUpdated' }, [], [replicaSet(2)]);
    expect(await fake({ looks: [never] }).cluster.lastGood('shop-dev', 'api')).toBeUndefined();
    expect(await fake({ looks: [undefined] }).cluster.lastGood('shop-dev', 'api')).toBeUndefined();
  });
});

describe('the number of replicas', () => {
  const handOver = async (replicas: number, ours: boolean) => {
    const one = look({ wanted: replicas });
    one.deployment.metadata!.managedFields = [
      { manager: 'pulumi-shop-components', fieldsV1: { 'f:spec': ours ? { 'f:replicas': {} } : {} } },
    ];
    const { cluster, patches } = fake({ looks: [one] });
    await cluster.handOver('shop-dev', 'api', 2);
    return patches.map(([object, , , manager]) => [(object as { spec: object }).spec, manager]);
  };
  const AUTOSCALER = 'pulumi-shop-components-autoscaler';

  it('that a deployment has set stays as it is when the autoscaler takes over', async () =>
    expect(await handOver(7, true)).toEqual([[{ replicas: 7 }, AUTOSCALER]]));

  it('of what is new is what the autoscaler keeps at least', async () =>
    expect(await handOver(1, false)).toEqual([[{ replicas: 2 }, AUTOSCALER]]));

  it('that the autoscaler has chosen is not touched', async () => expect(await handOver(5, false)).toEqual([]));

  it('that is fixed has no autoscaler any more that could change it', async () => {
    const deleted: unknown[] = [];
    const cluster = (answer: () => Promise<void>) =>
      new ApiCluster({ objects: { delete: (object: unknown) => (deleted.push(object), answer()) } } as never, 1);
    await cluster(() => Promise.resolve()).takeOver('shop-dev', 'api');
    expect(deleted).toEqual([
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'api', namespace: 'shop-dev' },
      },
    ]);
    const refuse = (code: number) => () => Promise.reject(Object.assign(new Error('refused'), { code }));
    await cluster(refuse(404)).takeOver('shop-dev', 'api');
    await expect(cluster(refuse(403)).takeOver('shop-dev', 'api')).rejects.toThrow('refused');
  });

  it('of what is not there is nobody’s', async () => {
    const { cluster, patches } = fake({ looks: [undefined] });
    await cluster.handOver('shop-dev', 'api', 2);
    expect(patches).toEqual([]);
  });
});

describe('what is deployed', () => {
  const deployed = async (of: Parameters<typeof deployment>[0]) => {
    const { cluster } = fake({ looks: [look(of)] });
    return (await cluster.deployed('shop-dev', 'shop-dev-1')).get('api');
  };

  it('is asked for by label', async () => {
    const { cluster, requests } = fake();
    await cluster.deployed('shop-dev', 'shop-dev-1');
    expect(requests).toEqual([{ namespace: 'shop-dev', labelSelector: 'app.kubernetes.io/part-of=shop-dev-1' }]);
  });

  it('has worked, and keeps its attempt', async () =>
    expect(await deployed({ annotations: { 'components.shop/attempt': '7' } })).toMatchObject({
      attempt: 7,
      failed: false,
    }));

  it('was taken back: at that time', async () =>
    expect(await deployed({ annotations: { 'components.shop/taken-back': '99' } })).toEqual({
      attempt: 0,
      failed: true,
      failedAt: 99,
    }));

  it('was broken off: when it last went on', async () =>
    expect(await deployed({ progress: 'ReplicaSetUpdated' })).toEqual({
      attempt: 0,
      failed: true,
      failedAt: Date.parse('2026-01-01T00:00:00Z') / 1_000,
    }));

  it('are jobs, of which the newest counts', async () => {
    const annotations = { 'components.shop/attempt': '5' };
    const { cluster } = fake({
      jobs: [job(undefined, { annotations }), job('Complete', { creationTimestamp: new Date(1_000) })],
    });
    const found = await cluster.deployed('shop-dev', 'shop-dev-1');
    expect(found.get('migrate')).toEqual({ attempt: 5, failed: true, failedAt: 9 });
  });
});

describe('a job', () => {
  it('is waited for until it has ended well', async () => {
    const { cluster } = fake({ jobs: [job(undefined), job('FailureTarget'), job('Complete')] });
    await cluster.completed('shop-dev', 'migrate-1', 1_000);
  });

  it('that fails says why, with its last log lines', async () => {
    const { cluster } = fake({ jobs: [job('Failed')] });
    expect(await failure(cluster.completed('shop-dev', 'migrate-1', 1_000))).toBe(
      'job migrate (namespace shop-dev): it failed: reached the limit\nits last log lines:\n  boom: no database',
    );
  });

  it('that does not end has failed', async () => {
    const { cluster } = fake({ jobs: [job(undefined)] });
    expect(await failure(cluster.completed('shop-dev', 'migrate-1', 30))).toContain(
      'it did not complete within 0.03 s',
    );
  });
});
