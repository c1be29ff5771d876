import type * as pulumi from '@pulumi/pulumi';
import type { ApplicationSpec } from '../application-spec';
import { namePrefix } from '../identity';
import type { ApplicationScope, Identity, Platform } from '../platform';
import { KubernetesApplication } from './application';
import type { Cluster, DeployedWorkload } from './cluster';
import type { Exposure, GatewayTls } from './exposure';
import { namespaceName } from './namespace';
import type { Reach } from './network-policy';
import type { ClusterFacts } from './preflight';
import { validateForKubernetes } from './validate';

export interface KubernetesPlatformArgs {
  /** Project and stack: the namespace's name and all labels follow from them. */
  identity: Identity;
  /** What the deployment asks of the cluster itself. */
  cluster: Cluster;
  /** What the cluster already runs of this application: see `Cluster.deployed`. */
  deployed: ReadonlyMap<string, DeployedWorkload>;
  /** What the cluster has; with it, what it lacks is an error before anything is created. */
  facts?: ClusterFacts;
  /**
   * Name of the application's own namespace.
   * @default - derived from project, stack and installation: see `namespaceName`
   */
  namespace?: string;
  /** Further labels of the namespace, for what runs in the cluster. */
  namespaceLabels?: Readonly<Record<string, string>>;
  /** Processor that the images are built for. */
  architecture: 'amd64' | 'arm64';
  /**
   * Secrets of the namespace, of type kubernetes.io/dockerconfigjson, with which nodes pull images.
   * @default - none: nodes may pull by themselves
   */
  pullSecrets?: readonly string[];
  /** HAProxy 3.0 or later, with a shell. Where a workload has secrets, it also hands them to its user. */
  proxyImage: pulumi.Input<string>;
  /** How the gateway is reached. */
  exposure: Exposure;
  /**
   * Ends TLS at the gateway.
   * @default - plain HTTP, or TLS ends before the gateway
   */
  tls?: GatewayTls;
  /** @default 2 */
  gatewayReplicas?: number;
  /**
   * Time in seconds until whoever is in front of the gateway sends a pod that leaves no new request.
   * @default 60 behind a LoadBalancer, otherwise 10
   */
  gatewayDrain?: number;
  /**
   * Microservices whose callers get the promises of a load balancer on Docker: requests that a replica takes along when it
   * is killed or hangs are repeated on another, and `timeout` holds. In front of each, two pods of HAProxy answer at its
   * name. The callers of all others are connected to a replica by the cluster itself.
   * @default []
   */
  serviceProxies?: readonly string[];
  /**
   * Storage class of data. It cannot change while a claim lives: another one is refused, with how to move the data.
   * @default - the cluster's own default
   */
  storageClass?: string;
  /**
   * The cluster makes nodes when pods need them: a pod may wait for five minutes, and a request may be larger than any node.
   * @default false
   */
  nodesOnDemand?: boolean;
  /**
   * CIDRs where the cluster's DNS answers, where that is not by pods labelled k8s-app=kube-dns in kube-system.
   * @default []
   */
  dns?: readonly string[];
  /**
   * CIDRs from which the gateway is connected to: where the load balancer in front of it is.
   * @default - anywhere
   */
  gatewayFrom?: readonly string[];
  /**
   * What members need to reach outside the application for what the platform gives them, such as credentials: by member.
   * @default {}
   */
  reaches?: Readonly<Record<string, readonly Reach[]>>;
  /** @default "cluster.local" */
  clusterDomain?: string;
}

/**
 * Runs applications on a Kubernetes cluster, each in a namespace of its own. Which cluster, the provider decides that an
 * application is given with its options.
 */
export class KubernetesPlatform implements Platform {
  readonly target = 'kubernetes';

  constructor(readonly args: KubernetesPlatformArgs) {}

  identityOf({ name }: ApplicationSpec) {
    const { identity, namespace = namespaceName(identity, name) } = this.args;
    const { project, stack } = identity;
    return { target: this.target, project, stack, names: namePrefix(identity, name), namespace };
  }

  validate(spec: ApplicationSpec) {
    return validateForKubernetes(spec, this.args);
  }

  application(spec: ApplicationSpec, parent: pulumi.Resource): ApplicationScope {
    return new KubernetesApplication(this.args, spec, parent);
  }
}
