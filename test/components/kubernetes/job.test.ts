import type { JobArgs } from '../../../components';
import { jobArgs } from '../../../components/kubernetes/job';
import { jobSpec } from '../../support/definitions';

const context = {
  namespace: 'shop-dev',
  partOf: 'shop-dev-1',
  serviceAccount: 'migrate',
  helperImage: 'haproxy:3.0',
  secrets: [],
  architecture: 'amd64' as const,
  attempt: 0,
};
interface Rendered {
  metadata: Record<string, unknown>;
  spec: Record<string, unknown> & {
    template: { metadata: Record<string, unknown>; spec: Record<string, unknown> & { containers: unknown[] } };
  };
}
const job = (args: Partial<JobArgs> = {}, attempt = 0, claim?: string) =>
  jobArgs(jobSpec(args), { ...context, attempt, ...(claim === undefined ? {} : { claim }) }) as unknown as Rendered;

describe('a job', () => {
  it('has no fixed name, so that a changed one runs before the old one is deleted', () =>
    expect(job().metadata).not.toHaveProperty('name'));

  it('is tried three times, each time in a pod of its own, whose log stays', () => {
    expect(job().spec['backoffLimit']).toBe(2);
    expect(job().spec.template.spec['restartPolicy']).toBe('Never');
  });

  it('timeout: the time that all tries have together', () =>
    expect(job({ timeout: '90s' }).spec['activeDeadlineSeconds']).toBe(90));

  it('a drained node is no failed try', () =>
    expect(job().spec['podFailurePolicy']).toEqual({
      rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
    }));

  it('stays when it is done, so that nothing changes at the next preview', () =>
    expect(job().spec).not.toHaveProperty('ttlSecondsAfterFinished'));

  it('runs its command, or that of its image', () => {
    expect(job({ command: ['migrate'] }).spec.template.spec.containers[0]).toMatchObject({ command: ['migrate'] });
    expect(job().spec.template.spec.containers[0]).not.toHaveProperty('command');
  });

  it('storage: the claim, at its path', () => {
    const storage = { path: '/backups', size: '1Gi' } as const;
    expect(job({ storage }, 0, 'migrate-data').spec.template.spec).toMatchObject({
      volumes: expect.arrayContaining([
        { name: 'data', persistentVolumeClaim: { claimName: 'migrate-data' } },
      ]) as unknown,
      containers: [{ volumeMounts: expect.arrayContaining([{ name: 'data', mountPath: '/backups' }]) as unknown }],
    });
    expect(JSON.stringify(job())).not.toContain('persistentVolumeClaim');
  });

  it('is confined like a microservice', () => {
    expect(job().spec.template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true },
      containers: [{ securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } }],
    });
  });

  it('another attempt is another job: what it runs differs', () => {
    expect(job({}, 7).spec.template.metadata['annotations']).toEqual({ 'components.shop/attempt': '7' });
    expect(job({}, 7).metadata['annotations']).toMatchObject({ 'components.shop/attempt': '7' });
  });
});
