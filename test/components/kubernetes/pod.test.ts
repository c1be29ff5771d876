import * as pulumi from '@pulumi/pulumi';
import type { MicroserviceArgs } from '../../../components';
import { podSpec, type PodContext, type PodParts } from '../../../components/kubernetes/pod';
import { serviceSpec } from '../../support/definitions';
import { valueOf } from '../../support/deployment';

const context: PodContext = {
  serviceAccount: 'api',
  helperImage: 'haproxy:3.0',
  secrets: [],
  architecture: 'arm64',
  selector: { 'app.kubernetes.io/name': 'api' },
};
interface Pod extends Record<string, unknown> {
  securityContext: Record<string, unknown>;
  containers: (Record<string, unknown> & { securityContext: Record<string, unknown> })[];
  volumes?: Record<string, unknown>[];
}
const pod = (args: Partial<MicroserviceArgs> = {}, extra: Partial<PodContext> = {}, parts: Partial<PodParts> = {}) =>
  podSpec(
    serviceSpec(args),
    { ...context, ...extra },
    { container: {}, drain: 0, restartPolicy: 'Always', ...parts },
  ) as unknown as Pod;
const container = (...args: Parameters<typeof pod>) => pod(...args).containers[0]!;

describe('a node that is lost', () => {
  it('is left after half a minute by what can move', () =>
    expect(pod({}, {}, { movable: true })).toMatchObject({
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
      ],
    }));

  it('is not left by what must not run twice, before the cluster itself says so', () =>
    expect(pod()).not.toHaveProperty('tolerations'));
});

describe('every pod is confined', () => {
  it('runs as the given user and group, and as nobody else', () =>
    expect(pod({ hardening: { user: '999:998' } }).securityContext).toMatchObject({
      runAsUser: 999,
      runAsGroup: 998,
      fsGroup: 998,
    }));

  it('never runs as root', () => expect(pod().securityContext).toMatchObject({ runAsNonRoot: true }));

  it('has the system calls of the container runtime only', () =>
    expect(pod().securityContext).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' } }));

  it('cannot gain privileges', () =>
    expect(container().securityContext).toMatchObject({ allowPrivilegeEscalation: false }));

  it('has no capability', () => expect(container().securityContext['capabilities']).toEqual({ drop: ['ALL'] }));

  it('has a capability that is given by name', () =>
    expect(
      container({ hardening: { capabilities: ['CAP_NET_BIND_SERVICE'] } }).securityContext['capabilities'],
    ).toEqual({ drop: ['ALL'], add: ['NET_BIND_SERVICE'] }));

  it('cannot write to its root file system', () =>
    expect(container().securityContext).toMatchObject({ readOnlyRootFilesystem: true }));

  it('can, if that is turned off by name', () =>
    expect(container({ hardening: { readOnlyRoot: false } }).securityContext).toMatchObject({
      readOnlyRootFilesystem: false,
    }));

  it('gets no token of the API', () => expect(pod()).toMatchObject({ automountServiceAccountToken: false }));

  it('has a service account of its own', () => expect(pod()).toMatchObject({ serviceAccountName: 'api' }));

  it('is not told the addresses of all Services', () => expect(pod()).toMatchObject({ enableServiceLinks: false }));

  it('shares nothing with its node', () => {
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod()).not.toHaveProperty(key);
    expect(JSON.stringify(pod({ port: 80 }))).not.toMatch(/hostPath|hostPort|privileged/);
  });
});

describe('what a pod runs', () => {
  it('is the image and its own command, unless there is another', () => {
    expect(container()).toMatchObject({ name: 'api', image: 'shop/api:1' });
    expect(container()).not.toHaveProperty('command');
    expect(container({ command: ['run', '$(X)'] })).toMatchObject({ command: ['run', '$$(X)'] });
    expect(container({ command: ['run'] })).not.toHaveProperty('args');
  });

  it('gets the environment sorted, with values as they are', async () => {
    const { env } = container({ env: { B: '$HOME', A: '1', C: pulumi.output('$(X)') } }) as unknown as {
      env: { name: string; value: string }[];
    };
    expect(env.slice(0, 2)).toEqual([
      { name: 'A', value: '1' },
      { name: 'B', value: '$$HOME' },
    ]);
    expect(await valueOf(env[2]!.value)).toBe('$$(X)');
  });

  it('has requests and limits', () =>
    expect(
      container({
        resources: {
          cpu: { request: '250m', limit: '1.5' },
          memory: { request: '64Mi', limit: '128Mi' },
          ephemeralStorage: { request: '1Gi', limit: '2Gi' },
        },
      })['resources'],
    ).toEqual({
      requests: { cpu: '250m', memory: '64Mi', 'ephemeral-storage': '1Gi' },
      limits: { cpu: '1500m', memory: '128Mi', 'ephemeral-storage': '2Gi' },
    }));

  it('runs on nodes that its image is built for', () =>
    expect(pod()['nodeSelector']).toEqual({ 'kubernetes.io/arch': 'arm64', 'kubernetes.io/os': 'linux' }));
});

describe('the files of a pod', () => {
  const secrets = [
    { name: 'secret-a', fileName: 'key' },
    { name: 'secret-b', fileName: 'db_password' },
  ];

  it('are secrets in one folder in memory', () => {
    const found = pod({}, { secrets });
    expect(found.volumes!.slice(0, 2)).toEqual([
      {
        name: 'secrets-source',
        projected: {
          defaultMode: 0o400,
          sources: [
            { secret: { name: 'secret-a', items: [{ key: 'key', path: 'key' }] } },
            { secret: { name: 'secret-b', items: [{ key: 'db_password', path: 'db_password' }] } },
          ],
        },
      },
      { name: 'secrets', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
    ]);
    expect(found.containers[0]!['volumeMounts']).toContainEqual({
      name: 'secrets',
      mountPath: '/run/secrets',
      readOnly: true,
    });
    expect(JSON.stringify(found.containers)).not.toContain('secrets-source');
    expect(JSON.stringify(found.containers[0]!['env'] ?? [])).not.toContain('secret');
  });

  it('are copied by its user before it starts, so that they belong to it and are read by nobody else', () => {
    const found = pod({ resources: { cpu: 4, memory: '1Gi' } }, { secrets });
    expect(found['initContainers']).toEqual([
      {
        name: 'api-secrets',
        image: 'haproxy:3.0',
        command: [
          ...['/bin/sh', '-c', 'umask 377; exec cp -f "$@"', 'sh'],
          ...['/run/secrets-source/key', '/run/secrets-source/db_password', '/run/secrets'],
        ],
        resources: {
          requests: { cpu: '10m', memory: '32Mi', 'ephemeral-storage': '16Mi' },
          limits: { cpu: '500m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'secrets-source', mountPath: '/run/secrets-source', readOnly: true },
          { name: 'secrets', mountPath: '/run/secrets' },
        ],
      },
    ]);
  });

  it('are copied by nobody where there are no secrets', () => expect(pod()).not.toHaveProperty('initContainers'));

  it('are folders in memory with a bound', () => {
    const found = pod({ writablePaths: ['/tmp', { path: '/var/run/x', size: '100Mi' }] });
    expect(found.volumes).toEqual(
      ['64Mi', '100Mi'].map((sizeLimit, index) => ({
        name: `writable-${index}`,
        emptyDir: { medium: 'Memory', sizeLimit },
      })),
    );
    expect(found.containers[0]!['volumeMounts']).toEqual([
      { name: 'writable-0', mountPath: '/tmp' },
      { name: 'writable-1', mountPath: '/var/run/x' },
    ]);
  });

  it('are none where none are asked for', () => {
    expect(pod({ writablePaths: [] })).not.toHaveProperty('volumes');
    expect(container({ writablePaths: [] })).not.toHaveProperty('volumeMounts');
  });
});

describe('the end of a pod', () => {
  it('comes after it has served on for a while, with the whole stop grace after that', () => {
    const found = pod({ stopGrace: '25s' }, {}, { drain: 10 });
    expect(found['terminationGracePeriodSeconds']).toBe(35);
    expect(found.containers[0]!['lifecycle']).toEqual({ preStop: { sleep: { seconds: 10 } } });
  });

  it('comes at once where nobody has to be waited for', () => {
    expect(pod({ stopGrace: '25s' })['terminationGracePeriodSeconds']).toBe(25);
    expect(container()).not.toHaveProperty('lifecycle');
  });
});

it('replicas are spread over nodes and zones, but rather run together than not at all', () => {
  const constraint = {
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: context.selector },
    matchLabelKeys: ['pod-template-hash'],
  };
  expect(pod()['topologySpreadConstraints']).toEqual([
    { ...constraint, topologyKey: 'kubernetes.io/hostname' },
    { ...constraint, topologyKey: 'topology.kubernetes.io/zone' },
  ]);
});
