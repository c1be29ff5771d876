import type { apps, types } from '@pulumi/kubernetes';
import { isRouted, type ApplicationSpec } from '../application-spec';
import { GATEWAY, type GatewaySpec } from '../gateway-spec';
import type { ProxySpec } from '../haproxy/configuration';
import { gatewayTraffic } from '../haproxy/from-spec';
import { isHttps, PORTS, publicPorts, type Exposure, type GatewayTls } from './exposure';
import { ANNOTATION } from './labels';
import { PROXY_BASE, proxyDeploymentArgs, type ProxyContext } from './proxy';
import { replicasBackend, type Discovery } from './replicas';

/** What a gateway needs of the platform and of what was created before it. */
export interface GatewayContext extends ProxyContext {
  exposure: Exposure;
  tls?: GatewayTls;
  /** Fingerprint of its certificate, where that is known: pods that have read another one are replaced. */
  certificate?: string | undefined;
}

const TLS_FOLDER = '/run/tls';
const CERTIFICATE = 'gateway.pem';

/** The rules of the gateway: those of every target, over the names that list the replicas. */
export function gatewayProxy(
  spec: GatewaySpec,
  application: ApplicationSpec,
  options: Discovery & { exposure: Exposure; tls?: GatewayTls | undefined },
): ProxySpec {
  const { exposure, tls } = options;
  const https = isHttps(exposure, tls);
  const routed = application.services.filter(({ name }) => isRouted(application, name));
  return {
    ...PROXY_BASE,
    ...gatewayTraffic(spec, routed),
    listeners: [
      {
        name: 'public',
        bind: [`*:${tls ? PORTS.https : PORTS.http}`],
        mode: 'http',
        routes: spec.routes,
        edge: {
          scheme: https ? 'https' : 'http',
          // Only the controller is to connect, and it says who the client is.
          trustedProxies: exposure.kind === 'Ingress' && spec.trustedProxies.length === 0 ? 'any' : spec.trustedProxies,
        },
        ...(tls ? { certificate: `${TLS_FOLDER}/${CERTIFICATE}` } : {}),
      },
    ],
    backends: routed.map((service) => replicasBackend(service, options)),
    ...(https && exposure.kind === 'LoadBalancer' ? { redirect: `*:${PORTS.redirect}` } : {}),
  };
}

/** The ports of the gateway's pods that may be connected to. */
export function gatewayPorts({ listeners, redirect }: Pick<ProxySpec, 'listeners' | 'redirect'>): number[] {
  const bound = [...listeners.flatMap(({ bind }) => bind), ...(redirect === undefined ? [] : [redirect])];
  return bound.map((address) => Number(address.split(':').at(-1)));
}

/** The gateway's pods. */
export function gatewayDeploymentArgs(spec: GatewaySpec, context: GatewayContext): apps.v1.DeploymentArgs {
  const args = proxyDeploymentArgs(
    {
      name: GATEWAY,
      kind: 'gateway',
      ports: publicPorts(context.exposure, context.tls).map(({ target, number }) => ({
        name: target,
        containerPort: number,
        protocol: 'TCP',
      })),
      annotations: certificateAnnotation(context.certificate),
      ...certificateFiles(context.tls),
    },
    context,
  );
  return spec.transform.kubernetes?.deployment?.(args) ?? args;
}

/** HAProxy reads its certificate once, when it starts. */
function certificateAnnotation(fingerprint: string | undefined): Record<string, string> {
  return fingerprint === undefined ? {} : { [ANNOTATION.certificate]: fingerprint };
}

function certificateFiles(tls: GatewayTls | undefined) {
  if (!tls) return {};
  // HAProxy looks for the key beside the certificate.
  const items = [
    { key: 'tls.crt', path: CERTIFICATE },
    { key: 'tls.key', path: `${CERTIFICATE}.key` },
  ];
  const volumes: types.input.core.v1.Volume[] = [
    { name: 'tls', secret: { secretName: tls.secret, items, defaultMode: 0o400 } },
  ];
  return { volumes, mounts: [{ name: 'tls', mountPath: TLS_FOLDER, readOnly: true }] };
}
