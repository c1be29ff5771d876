// The cluster's certificates, made by openssl on this machine and for it alone: one authority, and one certificate for
// each component.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../lib/run.mjs';
import { API, NETWORK, places } from './layout.mjs';

/** They live as long as the cluster's data; `npm run cluster -- --delete` ends both. */
const DAYS = '3650';
const KEY = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** Who gets a certificate: the common name is the user and the organisation the group that Kubernetes sees. Pure. */
export function certificates(nodes) {
  return [
    {
      file: 'apiserver',
      subject: '/CN=kube-apiserver',
      names: [
        ...[API.host, '127.0.0.1', NETWORK.apiService, 'localhost', 'kubernetes', 'kubernetes.default'],
        ...['kubernetes.default.svc', `kubernetes.default.svc.${NETWORK.domain}`],
      ],
    },
    { file: 'etcd', subject: '/CN=etcd', names: ['127.0.0.1', 'localhost'] },
    { file: 'apiserver-etcd', subject: '/CN=kube-apiserver-etcd' },
    { file: 'apiserver-kubelet', subject: '/O=shop:kubelet-clients/CN=kube-apiserver-kubelet' },
    { file: 'front-proxy', subject: '/CN=front-proxy-client' },
    { file: 'admin', subject: '/O=system:masters/CN=admin' },
    { file: 'controller-manager', subject: '/CN=system:kube-controller-manager' },
    { file: 'scheduler', subject: '/CN=system:kube-scheduler' },
    { file: 'proxy', subject: '/CN=system:kube-proxy' },
    { file: 'network-policies', subject: '/CN=shop:network-policies' },
    ...nodes.map(({ name, address }) => ({
      file: `node-${name}`,
      subject: `/O=system:nodes/CN=system:node:${name}`,
      names: [name, address],
    })),
  ];
}

/** The extensions of a certificate, as openssl reads them. Pure. */
export function extensions(names = []) {
  const alternatives = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`));
  return [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(alternatives.length > 0 ? [`subjectAltName=${alternatives.join(',')}`] : []),
    '',
  ].join('\n');
}

/** Makes what is missing, and what is to name something else than it does. */
export async function makeCertificates(nodes) {
  mkdirSync(places.pki, { recursive: true, mode: 0o700 });
  const file = (name) => join(places.pki, name);
  const openssl = (...args) => must('openssl', args, { cwd: places.pki });
  const newKey = (name) => openssl('genpkey', ...KEY, '-out', name);

  if (!existsSync(file('ca.crt'))) {
    await newKey('ca.key');
    await openssl('req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=shop-local', '-days', DAYS, '-out', 'ca.crt');
  }
  if (!existsSync(file('service-account.pub'))) {
    await newKey('service-account.key');
    await openssl('pkey', '-in', 'service-account.key', '-pubout', '-out', 'service-account.pub');
  }
  for (const { file: name, subject, names } of certificates(nodes)) {
    const wanted = `${subject}\n${extensions(names)}`;
    const note = file(`${name}.wanted`);
    if (existsSync(file(`${name}.crt`)) && existsSync(note) && readFileSync(note, 'utf8') === wanted) continue;
    await newKey(`${name}.key`);
    writeFileSync(file('extensions.cnf'), extensions(names));
    await openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', 'request.csr');
    await openssl(
      ...['x509', '-req', '-in', 'request.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', DAYS, '-extfile', 'extensions.cnf', '-out', `${name}.crt`],
    );
    writeFileSync(note, wanted); // last: an interrupted run makes the certificate again
  }
  for (const draft of ['extensions.cnf', 'request.csr']) rmSync(file(draft), { force: true });
}
