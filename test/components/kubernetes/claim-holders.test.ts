import { ApiCluster, type ClusterApis } from '../../../components/kubernetes/api-cluster';
import type { ClaimTransfer } from '../../../components/kubernetes/cluster';
import { deployment, pod } from '../../support/fake-cluster';

interface Member {
  claims: string[];
  replicas: number;
  /** Looks at its pods that still show them after it was scaled to nothing. */
  lingers?: number;
}

const volumes = (claims: string[]) =>
  claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));

/** A cluster whose Deployments have the pods that they are to have, sooner or later. */
function fake(members: Record<string, Member>, others: object[] = []) {
  const scaled: string[] = [];
  const labels = (name: string) => ({ 'app.kubernetes.io/name': name });
  const deployments = () =>
    Object.entries(members).map(([name, { claims, replicas }]) => {
      const one = deployment({ wanted: replicas });
      Object.assign(one.metadata!, { name, labels: labels(name) });
      one.spec!.template.spec = { containers: [], volumes: volumes(claims) };
      return one;
    });
  const pods = () =>
    Object.entries(members).flatMap(([name, member]) => {
      const lingering = member.replicas === 0 && (member.lingers ?? 0) > 0;
      if (lingering) member.lingers! -= 1;
      const count = lingering ? 1 : member.replicas;
      return Array.from({ length: count }, (_, index) => {
        const one = pod({ ready: new Date(0) });
        const ownerReferences = [{ kind: 'ReplicaSet', apiVersion: 'apps/v1', name, uid: 'set-2' }];
        Object.assign(one.metadata!, { name: `${name}-${index}`, labels: labels(name), ownerReferences });
        one.spec = { containers: [], volumes: volumes(member.claims) };
        return one;
      });
    });
  const items = (list: unknown[]) => Promise.resolve({ items: list });
  const apis = {
    apps: {
      listNamespacedDeployment: ({ fieldSelector }: { fieldSelector?: string }) =>
        items(
          deployments().filter(({ metadata }) => !fieldSelector || fieldSelector === `metadata.name=${metadata!.name}`),
        ),
      listNamespacedReplicaSet: () => items([]),
    },
    core: {
      listNamespacedPod: ({ labelSelector }: { labelSelector?: string }) =>
        items(
          [...pods(), ...others].filter(
            (one) => !labelSelector || JSON.stringify(one).includes(`"${labelSelector.split('=')[1]}"`),
          ),
        ),
    },
    objects: {
      patch: (object: { metadata: { name: string }; spec: { replicas: number } }) => {
        const { name } = object.metadata;
        scaled.push(`${name} ${object.spec.replicas}`);
        members[name]!.replicas = object.spec.replicas;
        return Promise.resolve({});
      },
    },
  };
  return { scaled, members, cluster: new ApiCluster(apis as unknown as ClusterApis, 1) };
}

const transfer: ClaimTransfer = { namespace: 'n', claim: 'db-data', owner: 'new', sharing: [], deadline: 10_000 };
const wait = { startup: 10_000, placement: 10_000, deadline: 20_000 };

describe('a claim that another Deployment is to have', () => {
  it('is let go of by every one that mounts it, whatever its name', async () => {
    const { cluster, scaled } = fake({
      db: { claims: ['db-data'], replicas: 1 },
      store: { claims: ['x', 'db-data'], replicas: 1, lingers: 3 },
      idle: { claims: ['db-data'], replicas: 0 },
      new: { claims: ['db-data'], replicas: 1 },
      api: { claims: [], replicas: 2 },
      other: { claims: ['other-data'], replicas: 1 },
    });
    expect(await cluster.releaseClaim(transfer)).toEqual(new Map(Object.entries({ db: 1, store: 1 })));
    expect(scaled).toEqual(['db 0', 'store 0']);
  });

  it('is waited for also where a Deployment that no longer mounts it has a pod that still does', async () => {
    const { cluster, members } = fake({ db: { claims: ['db-data'], replicas: 0, lingers: 4 } });
    expect(await cluster.releaseClaim(transfer)).toEqual(new Map());
    expect(members['db']!.lingers).toBe(0);
  });

  it('stays with those that may share it, and with the pods of jobs', async () => {
    const job = {
      metadata: { name: 'backup-1', ownerReferences: [{ kind: 'Job' }] },
      spec: { volumes: volumes(['db-data']) },
    };
    const { cluster, scaled } = fake({ worker: { claims: ['db-data'], replicas: 1 } }, [job]);
    expect(await cluster.releaseClaim({ ...transfer, sharing: ['worker'] })).toEqual(new Map());
    expect(scaled).toEqual([]);
  });

  it('fails the deployment where a pod does not end', async () => {
    const { cluster } = fake({ db: { claims: ['db-data'], replicas: 1, lingers: 1e6 } });
    await expect(cluster.releaseClaim({ ...transfer, deadline: 50 })).rejects.toThrow(
      'pods that mount claim db-data (namespace n) did not terminate within 0.05 s: db-0',
    );
  });
});

describe('a claim that goes back', () => {
  it('is taken from the one that failed first, and those of before start again', async () => {
    const { cluster, scaled } = fake({
      db: { claims: ['db-data'], replicas: 0 },
      new: { claims: ['db-data'], replicas: 1, lingers: 2 },
    });
    await cluster.returnClaim(transfer, new Map([['db', 1]]), wait);
    expect(scaled).toEqual(['new 0', 'db 1']);
  });

  it('does not go to one that has other storage by now', async () => {
    const { cluster, scaled } = fake({
      db: { claims: ['other-data'], replicas: 1 },
      new: { claims: ['new-data'], replicas: 1 },
    });
    await cluster.returnClaim(transfer, new Map([['db', 1]]), wait);
    expect(scaled).toEqual([]);
  });
});
