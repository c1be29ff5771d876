import { randomBytes } from 'node:crypto';
import { ApiServer, type Manifest } from './support/api-server';
import { theCluster } from './support/cluster';
import { goldenObjects, movedTo, podsOf } from './support/golden-objects';
import { judged, kubeconform, type OpenApi } from './support/kubeconform';
import { report } from './support/report';

const STACKS = ['prod', 'staging'];
const NAMESPACE = `admission-${randomBytes(3).toString('hex')}`;
const api = new ApiServer(theCluster().config);
const { core } = theCluster();

/** What a stack puts into its namespace, in one of ours. */
function objectsOf(stack: string): Manifest[] {
  const objects = goldenObjects(stack);
  const own = objects.find(({ kind }) => kind === 'Namespace')?.metadata.name;
  return objects.map((one) => movedTo(NAMESPACE, own, one));
}
const podsIn = (stack: string) => podsOf(objectsOf(stack)).map((pod) => movedTo(NAMESPACE, undefined, pod));
const named = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name ?? metadata.generateName!}`;
const copy = (manifest: Manifest) => structuredClone(manifest) as Manifest & { spec: PodSpec };
interface PodSpec {
  volumes: object[];
  securityContext: Record<string, unknown>;
  containers: { securityContext: Record<string, unknown> }[];
}

/** Those that the server refuses, with what it says. */
async function refused(manifests: readonly Manifest[]): Promise<string[]> {
  const answers = await Promise.all(manifests.map((one) => api.dryRun(one)));
  return answers.flatMap(({ code, body }, index) =>
    code === 201 ? [] : [`${named(manifests[index]!)}: ${code} ${(body as { message?: string }).message ?? ''}`],
  );
}

beforeAll(async () => {
  // With the labels of `prod`'s own namespace, so that its pods are held to what they are held to there.
  const { labels } = goldenObjects('prod').find(({ kind }) => kind === 'Namespace')!.metadata;
  await core.createNamespace({ body: { metadata: { name: NAMESPACE, labels: labels! } } });
  // A pod is refused where its account does not exist.
  const accounts = new Set(
    STACKS.flatMap(objectsOf).flatMap(({ kind, metadata }) => (kind === 'ServiceAccount' ? metadata.name! : [])),
  );
  for (const name of accounts) {
    await core.createNamespacedServiceAccount({ namespace: NAMESPACE, body: { metadata: { name } } });
  }
});
afterAll(async () => {
  await core.deleteNamespace({ name: NAMESPACE });
});

describe.each(STACKS)('the API server takes what the stack `%s` asks for,', (stack) => {
  it('every object of it', async () => {
    const accounts = ({ kind }: Manifest) => kind === 'ServiceAccount';
    const objects = objectsOf(stack).map((one) =>
      accounts(one) ? { ...one, metadata: { ...one.metadata, name: `${one.metadata.name!}-again` } } : one,
    );
    expect(objects.length).toBeGreaterThan(40);
    expect(await refused(objects)).toEqual([]);
    report({ name: `${stack}: dry run`, note: `${objects.length} objects, ${podsIn(stack).length} pods` });
  });

  it('and a pod of each template, in a namespace like its own', async () => {
    const pods = podsIn(stack);
    expect(pods.length).toBeGreaterThanOrEqual(7);
    expect(await refused(pods)).toEqual([]);
  });
});

it('of the stack `prod-cluster` it takes what is Kubernetes’ own; what only EKS knows can’t be checked here', async () => {
  const objects = goldenObjects('prod-cluster');
  const served = await Promise.all(objects.map((one) => api.serves(one)));
  expect(await refused(objects.filter((_, index) => served[index]))).toEqual([]);
  const others = objects.filter((_, index) => !served[index]).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);
  expect(others.sort()).toEqual([
    'eks.amazonaws.com/v1 IngressClassParams',
    'eks.amazonaws.com/v1 NodeClass',
    'karpenter.sh/v1 NodePool',
  ]);
});

describe('the API server refuses', () => {
  const order = () => copy(podsIn('prod').find(({ metadata }) => metadata.generateName === 'order-')!);
  const onContainer = (change: Record<string, unknown>) => {
    const pod = order();
    Object.assign(pod.spec.containers[0]!.securityContext, change);
    return pod;
  };
  const inSpec = (change: Record<string, unknown>) => {
    const pod = order();
    Object.assign(pod.spec, change);
    return pod;
  };
  const onPod = (change: Record<string, unknown>) => {
    const pod = order();
    Object.assign(pod.spec.securityContext, change);
    return pod;
  };

  it.each<[string, () => Manifest]>([
    ['allowPrivilegeEscalation', () => onContainer({ allowPrivilegeEscalation: true })],
    ['unrestricted capabilities', () => onContainer({ capabilities: {} })],
    ['runAsNonRoot', () => onPod({ runAsNonRoot: false })],
    ['runAsUser=0', () => onPod({ runAsUser: 0 })],
    ['seccompProfile', () => onPod({ seccompProfile: undefined })],
    ['host namespaces', () => inSpec({ hostNetwork: true })],
    [
      'restricted volume types',
      () => inSpec({ volumes: [...order().spec.volumes, { name: 'host', hostPath: { path: '/' } }] }),
    ],
  ])('a pod of `prod` that loses what holds it: %s', async (rule, pod) => {
    const [message] = await refused([pod()]);
    expect(message).toContain('403');
    expect(message).toContain('violates PodSecurity "restricted:');
    expect(message).toContain(rule);
  });

  it('a privileged pod; some clusters take none at all, whatever the namespace', async () => {
    const [message] = await refused([onContainer({ privileged: true, allowPrivilegeEscalation: true })]);
    expect(message).toMatch(/violates PodSecurity "restricted:.*privileged|privileged: Forbidden/);
  });

  it('a field that it does not know, even deep inside', async () => {
    const deployment = structuredClone(objectsOf('prod').find(({ kind }) => kind === 'Deployment')!);
    const { template } = deployment['spec'] as { template: { spec: { containers: Record<string, unknown>[] } } };
    template.spec.containers[0]!['readinesProbe'] = {};
    expect(await refused([deployment])).toEqual([expect.stringContaining('unknown field "spec.template.spec.')]);
  });

  it('a port that no Service can have', async () => {
    const service = structuredClone(objectsOf('prod').find(({ kind }) => kind === 'Service')!);
    (service['spec'] as { ports: { port: number }[] }).ports[0]!.port = 70_000;
    expect(await refused([service])).toEqual([expect.stringContaining('must be between 1 and 65535')]);
  });
});

describe('kubeconform, with schemas made from the server’s own', () => {
  let program: string;
  let schema: OpenApi;
  const verdicts = (objects: readonly Manifest[]) => judged(program, schema, objects);

  beforeAll(async () => {
    program = await kubeconform();
    schema = (await api.get('/openapi/v2')) as OpenApi;
  });

  it.each(STACKS)('finds nothing wrong with `%s`', async (stack) => {
    const objects = [...objectsOf(stack), ...podsIn(stack)];
    const found = await verdicts(objects);
    expect(found).toHaveLength(objects.length);
    const wrong = found.filter(({ status }) => status !== 'statusValid');
    expect(wrong.map(({ index, status, msg }) => `${named(objects[index]!)}: ${status} ${msg}`)).toEqual([]);
  });

  it('finds a misspelt field', async () => {
    const deployment = structuredClone(objectsOf('prod').find(({ kind }) => kind === 'Deployment')!);
    (deployment['spec'] as Record<string, unknown>)['replicsa'] = 2;
    expect(await verdicts([deployment])).toEqual([
      expect.objectContaining({ status: 'statusInvalid', msg: expect.stringContaining('replicsa') as string }),
    ]);
  });

  it('finds a number where a text must be, and a field that is missing', async () => {
    const [deployment, service] = ['Deployment', 'Service'].map((kind) =>
      structuredClone(objectsOf('prod').find((one) => one.kind === kind)!),
    );
    (deployment!['spec'] as { template: { spec: Record<string, unknown> } }).template.spec['serviceAccountName'] = 7;
    delete (service!['spec'] as { ports: { port?: number }[] }).ports[0]!.port;
    expect((await verdicts([deployment!, service!])).map(({ status }) => status)).toEqual([
      'statusInvalid',
      'statusInvalid',
    ]);
  });

  it('has no schema for what only EKS knows, and does not take that for valid', async () => {
    const nodeClass = goldenObjects('prod-cluster').find(({ kind }) => kind === 'NodeClass')!;
    expect(await verdicts([nodeClass])).toEqual([expect.objectContaining({ status: 'statusError' })]);
  });
});
