import type { V1Pod } from '@kubernetes/client-node';
import {
  currentPods,
  hasCompleted,
  isAvailable,
  previousReplicaSet,
  PULL,
  verdict,
  type Patience,
} from '../../../components/kubernetes/rollout';
import { deployment, look, pod, replicaSet } from '../../support/fake-cluster';

const patience: Patience = { restarts: 0, startup: 60_000, placement: 30_000 };
const nobody = new Set<string>();
const UNDERWAY = { available: 1, updated: 1, progress: 'ReplicaSetUpdated' } as const;
const judge = (of: Parameters<typeof look>[0], pods: V1Pod[] = [], more: Partial<Patience> = {}, available = nobody) =>
  verdict(look(of, pods), { ...patience, ...more }, available);
const symptom = (...args: Parameters<typeof judge>) => {
  const found = judge(...args);
  return found.state === 'waiting' ? found.symptom : undefined;
};

describe('a rollout is done', () => {
  it('when all replicas are new and available, and none is left over', () =>
    expect(judge({})).toEqual({ state: 'done' }));

  it('when none is wanted', () =>
    expect(judge({ wanted: 0, progress: 'ReplicaSetUpdated' })).toEqual({ state: 'done' }));

  it.each([
    ['the cluster has not looked at it', { generation: 3, observed: 2 }],
    ['a new replica is not available', { available: 1 }],
    ['an old one still runs', { replicas: 3 }],
    ['one is still old', { updated: 1 }],
    ['the cluster does not say so yet', { progress: 'ReplicaSetUpdated' }],
  ] as const)('but not when %s', (_, of) => expect(judge(of).state).toBe('waiting'));

  it('says how far it has come until then', () =>
    expect(judge(UNDERWAY)).toEqual({ state: 'waiting', message: '1 of 2 replicas are available, 1 of them new' }));
});

describe('a rollout has failed', () => {
  it('at once, when a new replica has ended in an update', () => {
    const found = symptom(UNDERWAY, [pod({ restarts: 1, ended: [3, 'Error'], waiting: ['CrashLoopBackOff'] })])!;
    expect(found).toMatchObject({ grace: 0, message: 'replica api-pod-1 exited with code 3 (Error)' });
    expect(found.pod!.metadata!.uid).toBe('pod-1');
  });

  it('also before it is started again', () =>
    expect(symptom(UNDERWAY, [pod({ ended: [137, 'OOMKilled'] })])).toMatchObject({
      grace: 0,
      message: 'replica api-pod-1 exited with code 137 (OOMKilled)',
    }));

  it('when what must end before a replica starts does not', () => {
    const before = (state: object) => {
      const waiting = pod({ waiting: ['PodInitializing'] });
      const status = { name: 'api-secrets', image: 'x', imageID: '', ready: false, restartCount: 0, state };
      waiting.status!.initContainerStatuses = [status];
      return waiting;
    };
    expect(symptom(UNDERWAY, [before({ waiting: { reason: 'ImagePullBackOff' } })])).toMatchObject({
      grace: 15_000,
      message: 'replica api-pod-1 does not start: ImagePullBackOff',
    });
    expect(symptom(UNDERWAY, [before({ terminated: { exitCode: 1 } })])).toMatchObject({
      grace: 0,
      message: 'replica api-pod-1 exited with code 1',
    });
    expect(symptom(UNDERWAY, [before({ terminated: { exitCode: 0 } })])!.message).toContain('PodInitializing');
  });

  it('at the third end of a first start', () => {
    const ended = (restarts: number) =>
      symptom(UNDERWAY, [pod({ restarts, ended: [1], running: true })], { restarts: 2 });
    expect(ended(2)!.message).toContain('did not become ready');
    expect(ended(3)).toMatchObject({ grace: 0, message: 'replica api-pod-1 exited with code 1' });
  });

  it.each([
    ['ImagePullBackOff', 15_000],
    ['ErrImagePull', 15_000],
    ['InvalidImageName', 0],
    ['CreateContainerConfigError', 15_000],
  ])('when a container waits for %s longer than %i ms', (reason, grace) =>
    expect(symptom(UNDERWAY, [pod({ waiting: [reason, 'not found'] })])).toMatchObject({
      grace,
      message: `replica api-pod-1 does not start: ${reason}: not found`,
    }),
  );

  it('when an image is pulled, or a volume awaited, for too long', () =>
    expect(symptom(UNDERWAY, [pod({ waiting: ['ContainerCreating'] })])).toMatchObject({
      grace: PULL + 30_000,
      message: 'replica api-pod-1 does not start: ContainerCreating',
    }));

  it('when a replica finds no place for longer than it may wait', () =>
    expect(symptom(UNDERWAY, [pod({ unplaced: '0/2 nodes: Insufficient memory' })])).toMatchObject({
      grace: 30_000,
      message: 'replica api-pod-1 cannot be scheduled: 0/2 nodes: Insufficient memory',
    }));

  it('when a replica does not get ready in the time that it has for its start', () =>
    expect(symptom(UNDERWAY, [pod({ running: true })])).toMatchObject({
      grace: 60_000,
      message: 'replica api-pod-1 did not become ready within 60 s (`startup`)',
    }));

  it('when the cluster refuses to make a replica for a while', () =>
    expect(symptom({ ...UNDERWAY, refused: 'exceeded quota: small' })).toMatchObject({
      grace: 10_000,
      message: 'the API server rejected a replica: exceeded quota: small',
    }));

  it('when the cluster gives up, with what a replica says of itself', () => {
    const given = { ...UNDERWAY, progress: 'ProgressDeadlineExceeded' } as const;
    expect(symptom(given)).toMatchObject({ grace: 0, message: 'because of ProgressDeadlineExceeded' });
    expect(symptom(given, [pod({ running: true })])).toMatchObject({
      grace: 0,
      message: 'replica api-pod-1 did not become ready within 60 s (`startup`)',
      pod: { metadata: { uid: 'pod-1' } },
    });
  });

  it('with the trouble first that is certain first', () =>
    expect(
      symptom(UNDERWAY, [
        pod({ uid: 'slow', running: true }),
        pod({ uid: 'dead', ended: [1] }),
        pod({ uid: 'full', unplaced: 'full' }),
      ])!.message,
    ).toContain('api-dead exited'));
});

describe('it is no failure', () => {
  it.each<[string, V1Pod]>([
    ['a replica is ready and only has to stay so', pod({ ready: new Date() })],
    ['a replica of the old version ends', pod({ revision: 1, ended: [1] })],
    ['a replica that leaves ends', pod({ leaving: true, ended: [143] })],
  ])('that %s', (_, one) => expect(symptom(UNDERWAY, [one])).toBeUndefined());

  it('that a replica ends which had started well before: that may be chance', () =>
    expect(symptom(UNDERWAY, [pod({ restarts: 1, ended: [137] })], {}, new Set(['pod-1']))).toBeUndefined());
});

it('another replica with the same trouble is another symptom, so that its time begins anew', () => {
  const keys = ['a', 'b'].map((uid) => symptom(UNDERWAY, [pod({ uid, running: true })])!.key);
  expect(new Set(keys).size).toBe(2);
});

it('a version has worked once it was rolled out, whatever happens to it later', () => {
  expect(hasCompleted(deployment({ available: 0 }))).toBe(true);
  expect(hasCompleted(deployment({ progress: 'ReplicaSetUpdated' }))).toBe(false);
  expect(hasCompleted(deployment({ progress: 'ProgressDeadlineExceeded' }))).toBe(false);
  expect(hasCompleted(deployment({ wanted: 0, progress: 'ReplicaSetUpdated' }))).toBe(true);
});

it('the version before is the one that serves, or else the last one', () => {
  const sets = [replicaSet(1), replicaSet(2, 2), replicaSet(3), replicaSet(4)];
  expect(previousReplicaSet(look({ revision: 4 }, [], sets))).toBe(sets[1]);
  expect(previousReplicaSet(look({ revision: 4 }, [], [sets[0]!, sets[2]!, sets[3]!]))).toBe(sets[2]);
  expect(previousReplicaSet(look({ revision: 4 }, [], [sets[3]!]))).toBeUndefined();
});

it('the pods of a version are its own, without those that leave', () => {
  const pods = [pod({ uid: 'new' }), pod({ uid: 'old', revision: 1 }), pod({ uid: 'leaving', leaving: true })];
  expect(currentPods(look({}, pods)).map(({ metadata }) => metadata!.uid)).toEqual(['new']);
});

it('a pod is available when it has been ready for long enough', () => {
  const ready = pod({ ready: new Date(10_000) });
  expect(isAvailable(ready, 5, 14_999)).toBe(false);
  expect(isAvailable(ready, 5, 15_000)).toBe(true);
  expect(isAvailable(pod(), 0, 15_000)).toBe(false);
});
