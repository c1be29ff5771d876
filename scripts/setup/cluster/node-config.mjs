// The configuration of one node: containerd, CNI, kubelet, kube-proxy and what enforces network policies. Pure.
import { join } from 'node:path';
import { kubeconfigOf } from './kubeconfig.mjs';
import { NETWORK, places, REGISTRY, REGISTRY_FOR_NODES } from './layout.mjs';
import { program } from './programs.mjs';

const pki = (name) => join(places.pki, name);
const CNI_PROGRAMS = '/usr/lib/cni';
/** The machine's disk and memory are everybody's: what others take of them is no reason to evict pods or drop images. */
const EVICTION = { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' };

export function containerdConfig(node, { pause, restrictOomScore }) {
  return `version = 2
root = "${join(node.folder, 'containerd')}"
state = "${join(node.run, 'containerd')}"
oom_score = 0
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "${node.containerd}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  restrict_oom_score_adj = ${restrictOomScore}
  netns_mounts_under_state_dir = true
  disable_tcp_service = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_PROGRAMS}"
    conf_dir = "${join(node.folder, 'cni')}"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${join(node.folder, 'registries')}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

/** Where a node gets the images from whose registry is named by the machine's loopback address. */
export function registryHosts(node) {
  const host = `http://${node.ownNamespaces ? REGISTRY_FOR_NODES : REGISTRY}`;
  return `server = "${host}"\n[host."${host}"]\n  capabilities = ["pull", "resolve"]\n`;
}

export function cniConfig(node) {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: node.podBridge,
        isGateway: true,
        // Between pods, source addresses stay as they are: network policies look at them.
        ipMasq: false,
        // A pod may reach itself by its Service.
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: join(node.run, 'addresses'),
          ranges: [[{ subnet: node.pods }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
}

export function kubeletConfig(node) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki(`node-${node.name}.crt`),
    tlsPrivateKeyFile: pki(`node-${node.name}.key`),
    containerRuntimeEndpoint: `unix://${node.containerd}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: node.cgroup,
    // Control groups of version 1 still do.
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [NETWORK.dns],
    clusterDomain: NETWORK.domain,
    resolvConf: places.resolv,
    podLogsDir: join(node.folder, 'pod-logs'),
    volumePluginDir: join(node.folder, 'volume-plugins'),
    healthzBindAddress: '127.0.0.1',
    healthzPort: 10248,
    evictionHard: EVICTION,
    imageGCHighThresholdPercent: 99,
    imageGCLowThresholdPercent: 98,
    serializeImagePulls: false,
  };
}

/** The processes of a node and the files they read at their start, in the order of start. */
export function nodeProcesses(node) {
  const file = (name) => join(node.folder, name);
  return [
    {
      name: `containerd-${node.name}`,
      program: 'containerd',
      args: ['--config', file('containerd.toml')],
      files: [file('containerd.toml')],
    },
    {
      name: `kubelet-${node.name}`,
      program: program('kubelet'),
      args: [
        `--config=${file('kubelet.json')}`,
        `--kubeconfig=${kubeconfigOf(`node-${node.name}`)}`,
        `--hostname-override=${node.name}`,
        `--node-ip=${node.address}`,
        `--node-labels=topology.kubernetes.io/region=local,topology.kubernetes.io/zone=${node.zone}`,
        `--root-dir=${file('kubelet')}`,
        `--cert-dir=${file('kubelet/pki')}`,
      ],
      files: [file('kubelet.json'), kubeconfigOf(`node-${node.name}`)],
    },
    {
      name: `kube-proxy-${node.name}`,
      program: program('kube-proxy'),
      args: [
        `--kubeconfig=${kubeconfigOf('proxy')}`,
        `--hostname-override=${node.name}`,
        // The only mode whose node ports answer on loopback; IPVS is not in every kernel.
        '--proxy-mode=iptables',
        `--cluster-cidr=${NETWORK.pods}`,
        '--nodeport-addresses=127.0.0.0/8',
        // The machine's connection tracking is everybody's.
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0',
        '--conntrack-tcp-timeout-close-wait=0',
        '--metrics-bind-address=127.0.0.1:10249',
        '--healthz-bind-address=127.0.0.1:10256',
      ],
      files: [kubeconfigOf('proxy')],
    },
    {
      name: `network-policies-${node.name}`,
      program: program('network-policies'),
      args: [
        `--kubeconfig=${kubeconfigOf('network-policies')}`,
        `--hostname-override=${node.name}`,
        `--service-cluster-ip-range=${NETWORK.services}`,
      ],
      files: [kubeconfigOf('network-policies')],
    },
  ];
}
