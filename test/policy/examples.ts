// For each rule, plain resources of others that break it, where, and some that do not. The behaviour test previews the first ones.
import type { Given } from './resource';

export interface Examples {
  /** What breaks the rule, with the paths of what is found. */
  breaks: [given: Given | Given[], ...paths: string[]][];
  passes: (Given | Given[])[];
}

const CONTAINER = 'docker:index/container:Container';
const SERVICE = 'docker:index/service:Service';
const DEPLOYMENT = 'kubernetes:apps/v1:Deployment';

const container = (props: object): Given => ({ type: CONTAINER, props: { name: 'c', image: 'a/b:1', ...props } });
const service = (containerSpec: object, more: object = {}): Given => ({
  type: SERVICE,
  props: { name: 's', taskSpec: { containerSpec: { image: 'a/b:1', ...containerSpec } }, ...more },
});
const POD = 'spec.template.spec';
const FIRST = `${POD}.containers[0]`;
const pod = (spec: object) => ({ template: { metadata: { labels: { app: 'api' } }, spec } });
const deployment = (first: object, spec: object = {}, more: object = {}): Given => ({
  type: DEPLOYMENT,
  props: {
    metadata: { name: 'api', namespace: 'a' },
    spec: { replicas: 2, ...more, ...pod({ containers: [{ name: 'api', image: 'a/b:1', ...first }], ...spec }) },
  },
});
const cronJob = (first: object): Given => ({
  type: 'kubernetes:batch/v1:CronJob',
  props: { spec: { jobTemplate: { spec: pod({ containers: [{ name: 'job', image: 'a/b:1', ...first }] }) } } },
});
const kubernetesService = (spec: object, metadata: object = {}): Given => ({
  type: 'kubernetes:core/v1:Service',
  props: { metadata, spec },
});
const aws = (type: string, props: object = {}): Given => ({ type: `aws:${type}`, props });
const gateway = { label: 'app.kubernetes.io/component', value: 'gateway' };
const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const rolePolicy = (statement: object): Given =>
  aws('iam/rolePolicy:RolePolicy', { policy: policy({ Effect: 'Allow', Resource: '*', ...statement }) });
const budget = (labels: object, namespace = 'a'): Given => ({
  type: 'kubernetes:policy/v1:PodDisruptionBudget',
  props: { metadata: { namespace }, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
});
const scaler = (minReplicas: number | undefined, name = 'api'): Given => ({
  type: 'kubernetes:autoscaling/v2:HorizontalPodAutoscaler',
  props: { spec: { scaleTargetRef: { kind: 'Deployment', name }, minReplicas } },
});
// Made up: no such key exists. In parts, so that scanners of sources let it be.
const ACCESS_KEY = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const RANDOM = 'q7Zr2LxV9mKp4TnB8sWd3FhJ6yGc1';

export const EXAMPLES: Record<string, Examples> = {
  'memory-limit': {
    breaks: [
      [container({}), 'memory'],
      [container({ memory: 0 }), 'memory'],
      [service({}), 'taskSpec.resources.limits.memoryBytes'],
      [deployment({ resources: { limits: { cpu: '1' } } }), `${FIRST}.resources.limits.memory`],
      [cronJob({}), 'spec.jobTemplate.spec.template.spec.containers[0].resources.limits.memory'],
      [
        { type: 'kubernetes:core/v1:Pod', props: { spec: { initContainers: [{ name: 'i' }], containers: [] } } },
        'spec.initContainers[0].resources.limits.memory',
      ],
    ],
    passes: [
      container({ memory: 64 }),
      { type: SERVICE, props: { taskSpec: { resources: { limits: { memoryBytes: 67108864 } } } } },
      deployment({ resources: { limits: { memory: '64Mi' } } }),
      { type: 'kubernetes:core/v1:ConfigMap', props: {} },
    ],
  },
  'cpu-limit': {
    breaks: [
      [container({}), 'cpus'],
      [service({}), 'taskSpec.resources.limits.nanoCpus'],
      [deployment({ resources: { requests: { cpu: '1' } } }), `${FIRST}.resources.limits.cpu`],
    ],
    passes: [
      container({ cpus: '0.5' }),
      container({ cpuSet: '0' }),
      container({ cpuQuota: 50000 }),
      deployment({ resources: { limits: { cpu: '500m' } } }),
    ],
  },
  'health-checks': {
    breaks: [
      [deployment({ ports: [{ containerPort: 80 }] }), `${FIRST}.readinessProbe`, `${FIRST}.livenessProbe`],
      [
        deployment({ ports: [{ containerPort: 80 }], livenessProbe: { tcpSocket: { port: 80 } } }),
        `${FIRST}.readinessProbe`,
      ],
      [service({}, { endpointSpec: { ports: [{ targetPort: 80 }] } }), 'taskSpec.containerSpec.healthcheck'],
      [service({ healthcheck: { tests: ['NONE'] } }), 'taskSpec.containerSpec.healthcheck.tests'],
    ],
    passes: [
      deployment({}),
      deployment({ ports: [{ containerPort: 80 }], livenessProbe: { exec: {} }, readinessProbe: { exec: {} } }),
      service({}),
      service({ healthcheck: { tests: ['CMD', 'true'] } }, { endpointSpec: { ports: [{ targetPort: 80 }] } }),
      cronJob({ ports: [{ containerPort: 80 }] }),
    ],
  },
  'no-privileged-containers': {
    breaks: [
      [container({ privileged: true }), 'privileged'],
      [container({ securityOpts: ['seccomp=unconfined'] }), 'securityOpts[0]'],
      [deployment({ securityContext: { privileged: true } }), `${FIRST}.securityContext.privileged`],
      [
        deployment({ securityContext: { allowPrivilegeEscalation: true } }),
        `${FIRST}.securityContext.allowPrivilegeEscalation`,
      ],
      [
        deployment({}, { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
        `${POD}.securityContext.seccompProfile.type`,
      ],
    ],
    passes: [
      container({ privileged: false, securityOpts: ['no-new-privileges:true'] }),
      deployment({ securityContext: { privileged: false, allowPrivilegeEscalation: false } }),
      service({}),
    ],
  },
  'no-root-containers': {
    breaks: [
      [container({}), 'user'],
      [container({ user: '0:0' }), 'user'],
      [service({ user: 'root' }), 'taskSpec.containerSpec.user'],
      [deployment({}), `${FIRST}.securityContext.runAsNonRoot`],
      [
        deployment({ securityContext: { runAsUser: 0 } }, { securityContext: { runAsNonRoot: true } }),
        `${FIRST}.securityContext.runAsUser`,
      ],
    ],
    passes: [
      container({ user: '10001:10001' }),
      service({ user: 'nobody' }),
      deployment({ securityContext: { runAsUser: 10001 } }),
      deployment({}, { securityContext: { runAsNonRoot: true } }),
    ],
  },
  'no-added-capabilities': {
    breaks: [
      [container({ capabilities: { adds: ['NET_ADMIN'] } }), 'capabilities.adds[0]'],
      [service({ capAdds: ['CAP_SYS_ADMIN'] }), 'taskSpec.containerSpec.capAdds[0]'],
      [
        deployment({ securityContext: { capabilities: { add: ['NET_BIND_SERVICE', 'SYS_TIME'] } } }),
        `${FIRST}.securityContext.capabilities.add[1]`,
      ],
    ],
    passes: [
      container({ capabilities: { adds: ['CAP_NET_BIND_SERVICE'], drops: ['ALL'] } }),
      deployment({ securityContext: { capabilities: { drop: ['ALL'] } } }),
    ],
  },
  'no-host-access': {
    breaks: [
      [container({ volumes: [{ hostPath: '/var/run/docker.sock', containerPath: '/s' }] }), 'volumes[0].hostPath'],
      [container({ networkMode: 'host', pidMode: 'host' }), 'networkMode', 'pidMode'],
      [
        service({ mounts: [{ type: 'bind', source: '/', target: '/host' }] }),
        'taskSpec.containerSpec.mounts[0].source',
      ],
      [deployment({}, { hostNetwork: true }), `${POD}.hostNetwork`],
      [deployment({}, { volumes: [{ name: 'v', hostPath: { path: '/srv' } }] }), `${POD}.volumes[0].hostPath.path`],
    ],
    passes: [
      container({ volumes: [{ hostPath: '/home/me/project', containerPath: '/src' }], networkMode: 'bridge' }),
      service({ mounts: [{ type: 'volume', source: 'data', target: '/data' }] }),
      deployment({}, { hostNetwork: false, volumes: [{ name: 'v', emptyDir: {} }] }),
    ],
  },
  'no-floating-image-tags': {
    breaks: [
      [container({ image: 'nginx' }), 'image'],
      [container({ image: 'registry.example.com:5000/nginx' }), 'image'],
      [service({ image: 'nginx:latest' }), 'taskSpec.containerSpec.image'],
      [deployment({ image: 'a/b:main' }), `${FIRST}.image`],
      [{ type: 'docker:index/remoteImage:RemoteImage', props: { name: 'nginx:stable' } }, 'name'],
    ],
    passes: [
      container({ image: 'nginx:1.27.3' }),
      container({ image: `sha256:${'a'.repeat(64)}` }),
      deployment({ image: 'registry.example.com:5000/nginx@sha256:0123' }),
      { type: 'docker:index/remoteImage:RemoteImage', props: { name: 'mine', build: { context: '.' } } },
    ],
  },
  'images-by-digest': {
    breaks: [[deployment({ image: 'a/b:1.2.3' }), `${FIRST}.image`]],
    passes: [deployment({ image: 'a/b:1.2.3@sha256:0123' }), { ...deployment({ image: 'a/b:1.2.3' }), stack: 'dev' }],
  },
  'no-secrets-in-environment': {
    breaks: [
      [container({ envs: ['A=1', 'DB_PASSWORD=hunter2'] }), 'envs[1]'],
      [service({ env: { apiKey: 'abc-def-ghi' } }), 'taskSpec.containerSpec.env.apiKey'],
      [deployment({ env: [{ name: 'WHATEVER', value: RANDOM }] }), `${FIRST}.env[0].value`],
      [
        deployment({ env: [{ name: 'DATABASE_URL', value: 'postgres://shop:hunter2@db/shop' }] }),
        `${FIRST}.env[0].value`,
      ],
      [
        aws('lambda/function:Function', { environment: { variables: { KEY_OF_AWS: ACCESS_KEY } } }),
        'environment.variables.KEY_OF_AWS',
      ],
      [
        aws('ecs/taskDefinition:TaskDefinition', {
          containerDefinitions: JSON.stringify([{ environment: [{ name: 'SESSION_SECRET', value: 'x-y-z' }] }]),
        }),
        'containerDefinitions[0].environment[0].value',
      ],
    ],
    passes: [
      container({ envs: ['DB_PASSWORD_FILE=/run/secrets/db', 'TOKEN_TTL=3600', 'PWD=/srv', 'TOKEN='] }),
      service({ env: { IMAGE: `a/b@sha256:${'0123456789abcdef'.repeat(4)}`, API_URL: 'http://product:8080' } }),
      deployment({ env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] }),
      aws('codebuild/project:Project', {
        environment: { environmentVariables: [{ name: 'TOKEN', value: 'ci/token', type: 'SECRETS_MANAGER' }] },
      }),
    ],
  },
  'no-plaintext-secrets': {
    breaks: [
      [deployment({ args: ['--port=80', '--db-password=hunter2'] }), `${FIRST}.args[1]`],
      [container({ command: ['--token', 'abc-def'] }), 'command[1]'],
      [{ type: 'kubernetes:core/v1:ConfigMap', props: { data: { 'db.password': 'hunter2' } } }, 'data.db.password'],
      [
        {
          type: 'docker:index/serviceConfig:ServiceConfig',
          props: { data: Buffer.from('-----BEGIN PRIVATE KEY-----').toString('base64') },
        },
        'data',
      ],
      [
        { type: 'docker:index/remoteImage:RemoteImage', props: { build: { buildArgs: { NPM_TOKEN: 'abc-def' } } } },
        'build.buildArgs.NPM_TOKEN',
      ],
      [aws('ssm/parameter:Parameter', { type: 'String', name: '/shop/db-password', value: 'hunter2' }), 'value'],
      [aws('ec2/instance:Instance', { userData: `export AWS_ACCESS_KEY_ID=${ACCESS_KEY}` }), 'userData'],
      [container({ labels: [{ label: 'token', value: ACCESS_KEY }] }), 'labels[0].value'],
      [
        container({ healthcheck: { tests: ['CMD', 'curl', `http://127.0.0.1/?key=${ACCESS_KEY}`] } }),
        'healthcheck.tests[2]',
      ],
      [
        { type: 'kubernetes:core/v1:Service', props: { metadata: { annotations: { key: ACCESS_KEY } } } },
        'metadata.annotations.key',
      ],
    ],
    passes: [
      deployment({ args: ['--password-file=/run/secrets/db', '--token-ttl', '60', '--secret', '$(SECRET)'] }),
      { type: 'kubernetes:core/v1:ConfigMap', props: { data: { 'app.conf': 'password_file = /run/secrets/db\n' } } },
      { type: 'kubernetes:core/v1:Secret', props: { stringData: { password: 'hunter2' } } },
      aws('ssm/parameter:Parameter', { type: 'SecureString', name: '/shop/db-password', value: 'hunter2' }),
    ],
  },
  'only-gateway-is-public': {
    breaks: [
      [container({ ports: [{ internal: 80, external: 80 }] }), 'ports[0].ip'],
      [container({ ports: [{ internal: 80, external: 80, ip: '0.0.0.0' }] }), 'ports[0].ip'],
      [service({}, { endpointSpec: { ports: [{ targetPort: 80, publishedPort: 80 }] } }), 'endpointSpec.ports[0]'],
      [kubernetesService({ type: 'LoadBalancer' }), 'spec.type'],
      [kubernetesService({ type: 'NodePort' }), 'spec.type'],
      [kubernetesService({ externalIPs: ['203.0.113.7'] }), 'spec.externalIPs'],
      [{ type: 'kubernetes:networking.k8s.io/v1:Ingress', props: { spec: {} } }, 'spec'],
      [{ type: 'kubernetes:gateway.networking.k8s.io/v1:Gateway', props: { spec: {} } }, 'spec'],
      [deployment({ ports: [{ containerPort: 80, hostPort: 80 }] }), `${FIRST}.ports[0].hostPort`],
    ],
    passes: [
      container({ ports: [{ internal: 80, external: 8080, ip: '127.0.0.1' }] }),
      container({ labels: [gateway], ports: [{ internal: 80, external: 80 }] }),
      kubernetesService({ type: 'ClusterIP' }),
      kubernetesService({ type: 'LoadBalancer' }, { labels: { [gateway.label]: gateway.value } }),
      kubernetesService(
        { type: 'LoadBalancer' },
        { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal' } },
      ),
    ],
  },
  'no-public-aws-endpoints': {
    breaks: [
      [
        aws('ec2/securityGroup:SecurityGroup', { ingress: [{ cidrBlocks: ['10.0.0.0/8', '0.0.0.0/0'] }] }),
        'ingress[0].cidrBlocks[1]',
      ],
      [
        aws('ec2/securityGroupRule:SecurityGroupRule', { type: 'ingress', ipv6CidrBlocks: ['::/0'] }),
        'ipv6CidrBlocks[0]',
      ],
      [aws('vpc/securityGroupIngressRule:SecurityGroupIngressRule', { cidrIpv4: '0.0.0.0/0' }), 'cidrIpv4'],
      [aws('rds/instance:Instance', { publiclyAccessible: true }), 'publiclyAccessible'],
      [aws('lb/loadBalancer:LoadBalancer'), 'internal'],
      [aws('eks/cluster:Cluster', { vpcConfig: { subnetIds: [] } }), 'vpcConfig.publicAccessCidrs'],
      [{ type: 'eks:index:Cluster', props: { publicAccessCidrs: ['0.0.0.0/0'] } }, 'publicAccessCidrs[0]'],
      [aws('s3/bucket:Bucket', { acl: 'public-read' }), 'acl'],
      [
        aws('s3/bucketPublicAccessBlock:BucketPublicAccessBlock', {
          blockPublicAcls: true,
          blockPublicPolicy: false,
          ignorePublicAcls: true,
          restrictPublicBuckets: true,
        }),
        'blockPublicPolicy',
      ],
      [aws('lambda/functionUrl:FunctionUrl', { authorizationType: 'NONE' }), 'authorizationType'],
    ],
    passes: [
      aws('ec2/securityGroup:SecurityGroup', {
        ingress: [{ cidrBlocks: ['10.0.0.0/8'] }],
        egress: [{ cidrBlocks: ['0.0.0.0/0'] }],
      }),
      aws('ec2/securityGroupRule:SecurityGroupRule', { type: 'egress', cidrBlocks: ['0.0.0.0/0'] }),
      aws('lb/loadBalancer:LoadBalancer', { internal: true }),
      aws('lb/loadBalancer:LoadBalancer', { tags: { [gateway.label]: gateway.value } }),
      aws('eks/cluster:Cluster', { vpcConfig: { endpointPublicAccess: false } }),
      { type: 'eks:index:Cluster', props: { publicAccessCidrs: ['203.0.113.0/24'] } },
    ],
  },
  'data-protected': {
    breaks: [
      [{ type: 'docker:index/volume:Volume', props: { name: 'data' } }, 'protect'],
      [{ type: 'kubernetes:core/v1:PersistentVolumeClaim', props: { spec: {} } }, 'protect'],
      [aws('rds/instance:Instance'), 'deletionProtection'],
      [aws('rds/cluster:Cluster', { deletionProtection: true, skipFinalSnapshot: true }), 'skipFinalSnapshot'],
      [aws('dynamodb/table:Table', { deletionProtectionEnabled: false }), 'deletionProtectionEnabled'],
      [aws('s3/bucket:Bucket', { forceDestroy: true }), 'forceDestroy'],
      [aws('ecr/repository:Repository', { forceDelete: true }), 'forceDelete'],
      [aws('cognito/userPool:UserPool'), 'deletionProtection'],
      [
        {
          type: 'kubernetes:apps/v1:StatefulSet',
          props: { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } } },
        },
        'spec.persistentVolumeClaimRetentionPolicy.whenDeleted',
      ],
    ],
    passes: [
      { type: 'docker:index/volume:Volume', props: {}, protect: true },
      { type: 'docker:index/volume:Volume', props: {}, retainOnDelete: true },
      {
        type: 'docker:index/volume:Volume',
        props: {},
        parents: ['shop:components:Application', 'shop:components:Microservice'],
      },
      aws('rds/instance:Instance', { deletionProtection: true }),
      aws('s3/bucket:Bucket'),
      { type: 'kubernetes:apps/v1:StatefulSet', props: { spec: {} } },
    ],
  },
  'data-encrypted': {
    breaks: [
      [aws('rds/instance:Instance'), 'storageEncrypted'],
      [aws('ebs/volume:Volume', { encrypted: false }), 'encrypted'],
      [aws('efs/fileSystem:FileSystem'), 'encrypted'],
      [aws('elasticache/replicationGroup:ReplicationGroup'), 'atRestEncryptionEnabled'],
      [
        aws('ec2/instance:Instance', { ebsBlockDevices: [{}] }),
        'rootBlockDevice.encrypted',
        'ebsBlockDevices[0].encrypted',
      ],
      [aws('eks/cluster:Cluster'), 'encryptionConfig.provider.keyArn'],
      [
        { type: 'kubernetes:storage.k8s.io/v1:StorageClass', props: { provisioner: 'ebs.csi.aws.com' } },
        'parameters.encrypted',
      ],
    ],
    passes: [
      aws('rds/instance:Instance', { storageEncrypted: true }),
      aws('rds/instance:Instance', { replicateSourceDb: 'main' }),
      aws('ebs/volume:Volume', { encrypted: true }),
      {
        type: 'kubernetes:storage.k8s.io/v1:StorageClass',
        props: { provisioner: 'ebs.csi.aws.com', parameters: { encrypted: 'true' } },
      },
      { type: 'kubernetes:storage.k8s.io/v1:StorageClass', props: { provisioner: 'rancher.io/local-path' } },
    ],
  },
  'no-iam-wildcards': {
    breaks: [
      [rolePolicy({ Action: '*' }), 'policy.Statement[0].Action'],
      [rolePolicy({ Action: ['s3:GetObject', 's3:*'] }), 'policy.Statement[0].Action[1]'],
      [rolePolicy({ Action: 'iam:PassRole' }), 'policy.Statement[0].Action'],
      [rolePolicy({ Action: 'iam:PassRole', Resource: 'arn:aws:iam::*:role/*' }), 'policy.Statement[0].Action'],
      [rolePolicy({ Action: 'iam:AttachRolePolicy', Resource: 'arn:*' }), 'policy.Statement[0].Action'],
      [rolePolicy({ Action: 'iam:Create*', Resource: 'arn:aws:iam::1:role/*' }), 'policy.Statement[0].Action'],
      [rolePolicy({ Action: 's3:*', Resource: 'arn:aws:s3:::*' }), 'policy.Statement[0].Action'],
      [rolePolicy({ NotAction: 'iam:*' }), 'policy.Statement[0].NotAction'],
      [
        aws('iam/role:Role', {
          assumeRolePolicy: policy({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*' }),
        }),
        'assumeRolePolicy.Statement[0].Principal',
      ],
      [
        aws('iam/role:Role', {
          assumeRolePolicy: {
            Statement: { Effect: 'Allow', Principal: { Federated: 'arn:aws:iam::1:oidc-provider/x' } },
          },
        }),
        'assumeRolePolicy.Statement.Principal.Federated',
      ],
      [
        aws('s3/bucketPolicy:BucketPolicy', {
          policy: { Statement: [{ Effect: 'Allow', Principal: { AWS: ['*'] } }] },
        }),
        'policy.Statement[0].Principal.AWS[0]',
      ],
      [
        aws('iam/rolePolicyAttachment:RolePolicyAttachment', {
          policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
        'policyArn',
      ],
    ],
    passes: [
      rolePolicy({ Action: ['s3:*'], Resource: 'arn:aws:s3:::bucket/*' }),
      rolePolicy({ Action: 'ec2:*', Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } } }),
      rolePolicy({ Action: 'ec2:Describe*' }),
      rolePolicy({ Effect: 'Deny', Action: '*' }),
      aws('kms/key:Key', {
        policy: policy({ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: 'arn:aws:iam::1:root' } }),
      }),
      aws('s3/bucketPolicy:BucketPolicy', { policy: policy({ Effect: 'Deny', Principal: '*', Action: 's3:*' }) }),
    ],
  },
  'no-rbac-wildcards': {
    breaks: [
      [
        {
          type: 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole',
          props: { rules: [{ verbs: ['*'], resources: ['pods'] }] },
        },
        'rules[0].verbs[0]',
      ],
      [
        {
          type: 'kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding',
          props: { roleRef: { name: 'cluster-admin' } },
        },
        'roleRef.name',
      ],
    ],
    passes: [
      {
        type: 'kubernetes:rbac.authorization.k8s.io/v1:Role',
        props: { rules: [{ verbs: ['get'], resources: ['pods'] }] },
      },
      { type: 'kubernetes:rbac.authorization.k8s.io/v1:RoleBinding', props: { roleRef: { name: 'view' } } },
    ],
  },
  'production-replicas': {
    breaks: [
      [deployment({}, {}, { replicas: 1 }), 'spec.replicas'],
      [deployment({}, {}, { replicas: undefined }), 'spec.replicas'],
      [[deployment({}, {}, { replicas: undefined }), scaler(1)], 'spec.minReplicas'],
      [service({}), 'mode.replicated.replicas'],
    ],
    passes: [
      deployment({}),
      [deployment({}, {}, { replicas: undefined }), scaler(2)],
      { ...deployment({}, {}, { replicas: 1 }), stack: 'dev' },
      service({}, { mode: { global: true } }),
      service({}, { mode: { replicated: { replicas: 2 } } }),
    ],
  },
  'production-disruption-budgets': {
    breaks: [
      [deployment({}), 'spec.template.metadata.labels'],
      [[deployment({}), budget({ app: 'web' })], 'spec.template.metadata.labels'],
      [[deployment({}), budget({ app: 'api' }, 'b')], 'spec.template.metadata.labels'],
      [
        [deployment({}), { type: 'kubernetes:policy/v1:PodDisruptionBudget', props: { spec: { maxUnavailable: 1 } } }],
        'spec.template.metadata.labels',
      ],
    ],
    passes: [
      [deployment({}), budget({ app: 'api' })],
      deployment({}, {}, { replicas: 1 }),
      { ...deployment({}), stack: 'dev' },
    ],
  },
  'required-tags': {
    breaks: [
      [aws('s3/bucket:Bucket'), 'tags'],
      [aws('ec2/instance:Instance', { tags: { Project: 'a', Stack: 'b' } }), 'tags'],
    ],
    passes: [
      aws('s3/bucket:Bucket', { tags: { Project: 'a', Stack: 'b', ManagedBy: 'pulumi' } }),
      aws('s3/bucket:Bucket', { tagsAll: { Project: 'a', Stack: 'b', ManagedBy: 'pulumi' } }),
      aws('iam/rolePolicy:RolePolicy'),
    ],
  },
  'required-labels': {
    breaks: [
      [container({}), 'labels'],
      [deployment({}), 'metadata.labels'],
    ],
    passes: [
      container({
        labels: ['name', 'part-of'].map((name) => ({ label: `app.kubernetes.io/${name}`, value: 'x' })),
      }),
      { type: 'kubernetes:core/v1:ConfigMap', props: {} },
    ],
  },
  'cost-bearing-resources': {
    breaks: [
      [[aws('ec2/natGateway:NatGateway'), kubernetesService({ type: 'LoadBalancer' })], ''],
      [{ type: 'awsx:ec2:Vpc', props: {} }, ''],
      [aws('ec2/vpcEndpoint:VpcEndpoint', { vpcEndpointType: 'Interface' }), ''],
    ],
    passes: [
      kubernetesService({ type: 'ClusterIP' }),
      aws('ec2/vpcEndpoint:VpcEndpoint', { vpcEndpointType: 'Gateway' }),
      { type: 'awsx:ec2:Vpc', props: { natGateways: { strategy: 'None' } } },
    ],
  },
};
