// The control plane: etcd, the API server, the controllers and the scheduler, each a process of this machine.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, must } from '../../lib/run.mjs';
import { kubeconfigOf, writeKubeconfigs } from './kubeconfig.mjs';
import { API, ETCD, NETWORK, places } from './layout.mjs';
import { ready, start } from './processes.mjs';
import { program } from './programs.mjs';

const pki = (name) => join(places.pki, name);

/** What runs, with its arguments and the files it reads at its start, in the order of start. Pure. */
export function controlPlane() {
  const controller = (name, certificate, args = []) => ({
    name,
    program: program(name),
    args: [
      `--kubeconfig=${kubeconfigOf(certificate)}`,
      `--authentication-kubeconfig=${kubeconfigOf(certificate)}`,
      `--authorization-kubeconfig=${kubeconfigOf(certificate)}`,
      '--bind-address=127.0.0.1',
      // There is one of each.
      '--leader-elect=false',
      ...args,
    ],
    files: [kubeconfigOf(certificate), pki('ca.crt')],
  });
  return [
    {
      name: 'etcd',
      program: join(places.debian, 'usr', 'bin', 'etcd'),
      args: [
        `--data-dir=${places.etcd}`,
        `--listen-client-urls=${ETCD.client}`,
        `--advertise-client-urls=${ETCD.client}`,
        `--listen-peer-urls=${ETCD.peer}`,
        `--initial-advertise-peer-urls=${ETCD.peer}`,
        `--initial-cluster=default=${ETCD.peer}`,
        `--cert-file=${pki('etcd.crt')}`,
        `--key-file=${pki('etcd.key')}`,
        `--trusted-ca-file=${pki('ca.crt')}`,
        '--client-cert-auth',
        '--auto-compaction-retention=1',
        '--log-level=warn',
      ],
      files: [pki('etcd.crt'), pki('ca.crt')],
    },
    {
      name: 'kube-apiserver',
      program: program('kube-apiserver'),
      args: [
        `--bind-address=${API.host}`,
        `--advertise-address=${API.host}`,
        `--secure-port=${API.port}`,
        `--etcd-servers=${ETCD.client}`,
        `--etcd-cafile=${pki('ca.crt')}`,
        `--etcd-certfile=${pki('apiserver-etcd.crt')}`,
        `--etcd-keyfile=${pki('apiserver-etcd.key')}`,
        `--service-cluster-ip-range=${NETWORK.services}`,
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--anonymous-auth=false',
        `--client-ca-file=${pki('ca.crt')}`,
        `--tls-cert-file=${pki('apiserver.crt')}`,
        `--tls-private-key-file=${pki('apiserver.key')}`,
        `--service-account-issuer=https://kubernetes.default.svc.${NETWORK.domain}`,
        `--service-account-key-file=${pki('service-account.pub')}`,
        `--service-account-signing-key-file=${pki('service-account.key')}`,
        `--kubelet-certificate-authority=${pki('ca.crt')}`,
        `--kubelet-client-certificate=${pki('apiserver-kubelet.crt')}`,
        `--kubelet-client-key=${pki('apiserver-kubelet.key')}`,
        '--kubelet-preferred-address-types=InternalIP',
        // For metrics.k8s.io, which the metrics server answers.
        `--requestheader-client-ca-file=${pki('ca.crt')}`,
        '--requestheader-allowed-names=front-proxy-client',
        '--requestheader-extra-headers-prefix=X-Remote-Extra-',
        '--requestheader-group-headers=X-Remote-Group',
        '--requestheader-username-headers=X-Remote-User',
        `--proxy-client-cert-file=${pki('front-proxy.crt')}`,
        `--proxy-client-key-file=${pki('front-proxy.key')}`,
        '--enable-aggregator-routing=true',
      ],
      files: ['ca', 'apiserver', 'apiserver-etcd', 'apiserver-kubelet', 'front-proxy'].map((name) =>
        pki(`${name}.crt`),
      ),
    },
    controller('kube-controller-manager', 'controller-manager', [
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${pki('service-account.key')}`,
      `--root-ca-file=${pki('ca.crt')}`,
    ]),
    controller('kube-scheduler', 'scheduler'),
  ];
}

export async function startControlPlane(tell) {
  mkdirSync(places.etcd, { recursive: true, mode: 0o700 });
  writeKubeconfigs(['admin', 'controller-manager', 'scheduler']);
  const probes = { etcd: etcdListens, 'kube-apiserver': apiReady };
  for (const one of controlPlane()) {
    if (await start(one)) tell(`starting ${one.name}`);
    if (probes[one.name]) await ready(one.name, probes[one.name]);
  }
}

/** Runs kubectl as the cluster's administrator. */
export function kubectl(args, options) {
  return must(program('kubectl'), ['--kubeconfig', places.kubeconfig, ...args], options);
}

/** Like `kubectl`, for questions whose answer may be no. */
export function ask(args) {
  return capture(program('kubectl'), ['--kubeconfig', places.kubeconfig, '--request-timeout=3s', ...args]);
}

export async function apiReady() {
  return (await ask(['get', '--raw', '/readyz'])).code === 0;
}

async function etcdListens() {
  const { stdout } = await capture('ss', ['-ltnH', `sport = :${ETCD.port}`]);
  return stdout.trim() !== '';
}
