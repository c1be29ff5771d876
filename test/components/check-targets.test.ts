import fc from 'fast-check';
import type { Check, MicroserviceArgs } from '../../components';
import { healthcheck } from '../../components/docker/health';
import { checkLines, checkOptions } from '../../components/haproxy/check';
import { backendOf } from '../../components/haproxy/from-spec';
import { probes } from '../../components/kubernetes/probes';
import { serviceSpec } from '../support/definitions';

interface Request {
  port: number;
  path: string;
  headers: [string, string][];
}

/** The request of a proxy, whichever target it runs on. */
function ofProxy(args: Partial<MicroserviceArgs>): Request {
  const { check, port } = backendOf(serviceSpec(args), { dnsName: 'api', slots: 1 });
  const line = checkLines(check).find((one) => one.startsWith('tcp-check send "'))!;
  const text = line
    .slice('tcp-check send "'.length, -1)
    .replace(/\\(.)/g, (_, character: string) => ({ r: '\r', n: '\n' })[character] ?? character);
  const [first, ...headers] = text.trimEnd().split('\r\n');
  return {
    port: Number(/ port (\d+)/.exec(checkOptions(check, port))?.[1] ?? port),
    path: first!.split(' ')[1]!,
    headers: headers
      .map((header) => header.split(/: (.*)/s).slice(0, 2) as [string, string])
      .filter(([name]) => name !== 'Connection'),
  };
}

/** The request of the probe in a container of Docker. */
function ofProbe(args: Partial<MicroserviceArgs>): Request {
  const words = healthcheck(serviceSpec(args))!.tests as string[];
  const at = words.indexOf('ready');
  const [, port, path, ...headers] = words.slice(at + 2, at + 2 + Number(words[at + 1]));
  return {
    port: Number(port),
    path: path!,
    headers: headers.flatMap((name, index): Request['headers'] =>
      index % 2 === 0 ? [[name, headers[index + 1]!]] : [],
    ),
  };
}

/** The request of the kubelet. */
function ofKubelet(args: Partial<MicroserviceArgs>): Request {
  const { httpGet } = probes(serviceSpec(args)).readinessProbe as {
    httpGet: { port: number; path: string; httpHeaders: { name: string; value: string }[] };
  };
  return {
    port: httpGet.port,
    path: httpGet.path,
    headers: httpGet.httpHeaders.map(({ name, value }) => [name, value]),
  };
}

it('every target asks a replica the same', () => {
  const part = fc.string({ unit: fc.constantFrom(...Array.from("aZ0-._~!$&'()*+,;=:@/?"), '%2F'), maxLength: 30 });
  const value = fc
    .string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)), maxLength: 30 })
    .map((text) => `<${text}>`);
  const name = fc.string({ unit: fc.constantFrom(...Array.from('aZ0-')), minLength: 1, maxLength: 8 });
  const headers = fc
    .uniqueArray(
      fc.tuple(
        name.map((text) => `X-${text}`),
        value,
      ),
      { selector: ([one]) => one.toLowerCase(), maxLength: 4 },
    )
    .map((pairs) => Object.fromEntries(pairs));
  const port = fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined });
  fc.assert(
    fc.property(part, headers, port, fc.boolean(), (text, more, number, host) => {
      const http = {
        path: `/a${text}`,
        headers: { ...more, ...(host ? { host: 'shop.example:8080' } : {}) },
        ...(number === undefined ? {} : { port: number }),
      };
      const args: Partial<MicroserviceArgs> = { port: 8080, ready: { http } };
      const request = ofProxy(args);
      expect(request).toMatchObject({ port: number ?? 8080, path: http.path });
      expect(request.headers).toEqual(expect.arrayContaining(Object.entries(more)));
      expect(request.headers[0]).toEqual(['Host', host ? 'shop.example:8080' : 'localhost']);
      expect(ofProbe(args)).toEqual(request);
      expect(ofKubelet(args)).toEqual(request);
    }),
  );
});

it.each<[Check, { port: number; service: string }]>([
  [{ grpc: {} }, { port: 8080, service: '' }],
  [{ grpc: { service: 'shop.Orders', port: 9 } }, { port: 9, service: 'shop.Orders' }],
])('every target makes the same call for %j', (ready, grpc) => {
  const spec = serviceSpec({ port: 8080, protocol: 'grpc', ready });
  expect(probes(spec).readinessProbe).toMatchObject({ grpc });
  const words = healthcheck(spec)!.tests as string[];
  const at = words.indexOf('ready');
  expect(words.slice(at, at + 5)).toEqual(['ready', '3', 'grpc', String(grpc.port), grpc.service]);
  const { check } = backendOf(spec, { dnsName: 'api', slots: 1 });
  const request = /send-binary ([0-9a-f]+)/.exec(checkLines(check).join('\n'))![1]!;
  expect(Buffer.from(request, 'hex').toString('latin1').endsWith(grpc.service)).toBe(true);
  expect(
    checkOptions(check, 8080).startsWith(grpc.port === 8080 ? ' check inter' : ` check port ${grpc.port} inter`),
  ).toBe(true);
});
