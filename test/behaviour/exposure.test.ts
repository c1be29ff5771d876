import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureVersion } from 'node:tls';
import { request } from 'undici';
import { kubectl, theCluster } from './support/cluster';
import { command } from './support/command';
import { REQUESTS } from './support/environment';
import { echoShot, runningFixture } from './support/fixture';
import { underLoad, type LoadOptions } from './support/load';
import { expectNoneLost, report } from './support/report';
import type { Stack } from './support/stack';
import { waitFor } from './support/wait';

const SECRET = 'behaviour-tls';
const HOST = 'shop.example';
const TLS = { 'fixture:tlsSecret': SECRET, 'fixture:host': HOST };
/** For documentation (RFC 5737): nobody sends anything there. */
const ADDRESS = '192.0.2.10';
/** No controller of the cluster takes it for its own. */
const BALANCED = { 'fixture:exposure': 'LoadBalancer', 'fixture:loadBalancerClass': 'behaviour.test/cloud' };
const INGRESS_CLASS = 'behaviour-test';

const cluster = theCluster();
const folder = mkdtempSync(join(tmpdir(), 'behaviour-exposure-'));
let stack: Stack;

beforeAll(async () => {
  ({ stack } = await runningFixture());
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await stack.mustUp();
  await cluster.core.deleteNamespacedSecret({ namespace: stack.scope, name: SECRET }).catch(() => {});
  await cluster.networking.deleteIngressClass({ name: INGRESS_CLASS }).catch(() => {});
});

interface Certificate {
  pem: string;
  serial: string;
}

/** Gives the Secret another certificate for the same host. */
async function newCertificate(): Promise<Certificate> {
  const serial = Date.now();
  const { code, output } = await command(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`, '-set_serial', String(serial)],
      ...['-keyout', 'tls.key', '-out', 'tls.crt'],
    ],
    { cwd: folder },
  );
  if (code !== 0) throw new Error(output);
  const encoded = (name: string) => readFileSync(join(folder, name)).toString('base64');
  const body = {
    metadata: { name: SECRET },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': encoded('tls.crt'), 'tls.key': encoded('tls.key') },
  };
  const namespace = stack.scope;
  try {
    await cluster.core.replaceNamespacedSecret({ namespace, name: SECRET, body });
  } catch (error) {
    if ((error as { code?: number }).code !== 404) throw error;
    await cluster.core.createNamespacedSecret({ namespace, body });
  }
  return { pem: readFileSync(join(folder, 'tls.crt'), 'utf8'), serial: serial.toString(16) };
}

/** The gateway's address, on this machine whatever name it has. */
function here(url: string): string {
  return url.replace(HOST, '127.0.0.1');
}

/** Serial number of the certificate that answers, to somebody who trusts only `ca`. */
function serialAt(url: string, ca: string, maxVersion: SecureVersion = 'TLSv1.3'): Promise<string> {
  const { hostname: host, port } = new URL(here(url));
  // Versions this old are off by default in OpenSSL itself.
  const options = { host, port: Number(port), ca, servername: HOST, maxVersion, minVersion: 'TLSv1' } as const;
  return new Promise((resolve, reject) => {
    const socket = connect({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' }, () => {
      resolve(socket.getPeerCertificate().serialNumber.replace(/^0+/, '').toLowerCase());
      socket.end();
    });
    socket.once('error', reject);
  });
}

function load(url: string, ca: string[], scenario?: () => Promise<void>) {
  const options: LoadOptions = { url: here(url), shot: echoShot(), requests: REQUESTS, tls: { ca, servername: HOST } };
  return underLoad(options, scenario);
}

describe('TLS that ends at the gateway', () => {
  let url: string;
  let certificate: Certificate;

  beforeAll(async () => {
    certificate = await newCertificate();
    await stack.mustUp(TLS);
    url = await stack.url();
  });

  it('is that of the Secret, at the host that the stack names', async () => {
    expect(url).toMatch(/^https:\/\/shop\.example:\d+$/);
    expect(await serialAt(url, certificate.pem)).toBe(certificate.serial);
    expectNoneLost('https', await load(url, [certificate.pem]));
  });

  it('is 1.2 at least, and nothing is served without it', async () => {
    expect(await serialAt(url, certificate.pem, 'TLSv1.2')).toBe(certificate.serial);
    await expect(serialAt(url, certificate.pem, 'TLSv1.1')).rejects.toThrow(/protocol version|handshake failure/);
    const plain = await fetch(here(url).replace('https:', 'http:')).catch(() => undefined);
    expect(plain?.ok ?? false).toBe(false);
  });

  it('is the renewed one after the next deployment, and no request is lost', async () => {
    const unchanged = await stack.preview(TLS, ['--expect-no-changes']);
    expect(unchanged.output).toContain('unchanged');
    const renewed = await newCertificate();
    const preview = await stack.preview(TLS, ['--diff']);
    expect(preview.output).toContain('components.shop/certificate');
    const result = await load(url, [certificate.pem, renewed.pem], async () => {
      await stack.mustUp(TLS);
    });
    expectNoneLost('renewed certificate', result);
    await waitFor('the renewed certificate', async () => (await serialAt(url, renewed.pem)) === renewed.serial);
  });

  it('is refused where the Secret is missing, and the old one serves on', async () => {
    const missing = await stack.mustNotUp({ ...TLS, 'fixture:tlsSecret': 'behaviour-tsl' });
    expect(missing.output).toContain('tls.secret: "behaviour-tsl"');
    expect(missing.output).toContain(`did you mean "${SECRET}"?`);
    expectNoneLost('missing certificate', await load(url, [readFileSync(join(folder, 'tls.crt'), 'utf8')]));
  });
});

/** What a cloud does for a Service that waits for its load balancer. */
async function giveAddress(): Promise<void> {
  const service = await waitFor('a Service that wants a load balancer', async () => {
    const { items } = await cluster.core.listNamespacedService({ namespace: stack.scope });
    return items.find(({ spec }) => spec?.type === 'LoadBalancer');
  });
  await cluster.core.replaceNamespacedServiceStatus({
    namespace: stack.scope,
    name: service.metadata!.name!,
    body: Object.assign(service, { status: { loadBalancer: { ingress: [{ ip: ADDRESS }] } } }),
  });
}

/** Where the load balancer would send what comes to one of its ports. */
async function behind(port: number): Promise<string> {
  const { items } = await cluster.core.listNamespacedService({ namespace: stack.scope });
  const service = items.find(({ spec }) => spec?.type === 'LoadBalancer')!;
  const { nodePort } = service.spec!.ports!.find((one) => one.port === port)!;
  return `127.0.0.1:${nodePort}`;
}

describe('a load balancer of the cloud', () => {
  it('is waited for, and its address is the application’s', async () => {
    const began = performance.now();
    const unnamed = { ...BALANCED, 'fixture:host': '' };
    await Promise.all([stack.mustUp(unnamed), giveAddress()]);
    report({ name: 'load balancer', note: `up in ${Math.round(performance.now() - began)} ms` });
    expect(await stack.url()).toBe(`http://${ADDRESS}`);
    const answer = await fetch(`http://${await behind(80)}/version`);
    expect(answer.status).toBe(200);
  });

  it('passes TLS through to the gateway, which sends plain HTTP there', async () => {
    const { pem, serial } = await newCertificate();
    await stack.mustUp({ ...BALANCED, ...TLS });
    expect(await stack.url()).toBe(`https://${HOST}`);
    await waitFor('the certificate', async () => (await serialAt(`https://${await behind(443)}`, pem)) === serial);
    // Like a client that has found the balancer by its name; `fetch` sends no other `Host`.
    const plain = await request(`http://${await behind(80)}/version?n=1`, { headers: { host: HOST } });
    await plain.body.dump();
    expect([plain.statusCode, plain.headers['location']]).toEqual([308, `https://${HOST}/version?n=1`]);
  });
});

describe('an Ingress', () => {
  it('hands every path of its host to the gateway, for the controller of its class', async () => {
    const body = { metadata: { name: INGRESS_CLASS }, spec: { controller: 'behaviour.test/controller' } };
    await cluster.networking.createIngressClass({ body });
    await stack.mustUp({ ...TLS, 'fixture:exposure': 'Ingress', 'fixture:ingressClass': INGRESS_CLASS });
    expect(await stack.url()).toBe(`https://${HOST}`);
    const { items } = await cluster.networking.listNamespacedIngress({ namespace: stack.scope });
    expect(items).toHaveLength(1);
    const { ingressClassName, rules = [], tls } = items[0]!.spec!;
    expect([ingressClassName, tls]).toEqual([INGRESS_CLASS, [{ hosts: [HOST], secretName: SECRET }]]);
    const [{ host, http } = {}, ...others] = rules;
    expect([host, others]).toEqual([HOST, []]);
    const paths = http!.paths.map(({ path, pathType, backend }) => [path, pathType, backend.service!.name]);
    expect(paths).toEqual([['/', 'Prefix', 'gateway']]);
    // Through the API server, which reaches what the Ingress names as a controller would.
    const { name, port } = http!.paths[0]!.backend.service!;
    const proxied = `/api/v1/namespaces/${stack.scope}/services/${name}:${port!.name}/proxy/version`;
    const answer = await kubectl(['get', '--raw', proxied]);
    expect(answer).toMatchObject({ code: 0 });
    expect(JSON.parse(answer.stdout)).toHaveProperty('version');
  });
});
