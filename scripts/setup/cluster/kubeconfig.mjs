// Kubeconfig files: one for each component, and one for people.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API, CONTEXT, places } from './layout.mjs';

/** A kubeconfig as JSON, which is YAML, with its certificates in it. Pure. */
export function kubeconfig(user, { authority, certificate, key }) {
  const base64 = (pem) => Buffer.from(pem).toString('base64');
  const server = `https://${API.host}:${API.port}`;
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CONTEXT,
    contexts: [{ name: CONTEXT, context: { cluster: CONTEXT, user } }],
    clusters: [{ name: CONTEXT, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [{ name: user, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }],
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** Where the kubeconfig of the owner of a certificate is. */
export function kubeconfigOf(certificate) {
  return certificate === 'admin' ? places.kubeconfig : join(places.pki, `${certificate}.kubeconfig`);
}

/** Writes the kubeconfigs of the owners of some certificates. */
export function writeKubeconfigs(certificates) {
  const pem = (name) => readFileSync(join(places.pki, name), 'utf8');
  for (const name of certificates) {
    const content = kubeconfig(name, {
      authority: pem('ca.crt'),
      certificate: pem(`${name}.crt`),
      key: pem(`${name}.key`),
    });
    writeFileSync(kubeconfigOf(name), content, { mode: 0o600 });
  }
}
