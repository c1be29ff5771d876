import type { apps } from '@pulumi/kubernetes';
import type { ProxySpec } from '../haproxy/configuration';
import { balancerTraffic } from '../haproxy/from-spec';
import type { MicroserviceSpec } from '../microservice-spec';
import { PROXY_BASE, proxyDeploymentArgs, type ProxyContext } from './proxy';
import { replicasBackend, type Discovery } from './replicas';
import { PORT_NAME, serviceProxy } from './service';

/** The rules of the proxy in front of a microservice: those of its load balancer on Docker. */
export function serviceProxyRules(service: MicroserviceSpec, discovery: Discovery): ProxySpec {
  return {
    ...PROXY_BASE,
    ...balancerTraffic(service),
    listeners: [
      {
        name: service.name,
        bind: [`*:${service.port!}`],
        mode: service.protocol === 'tcp' ? 'tcp' : 'http',
        backend: service.name,
      },
    ],
    backends: [replicasBackend(service, discovery)],
  };
}

/** The pods of the proxy in front of a microservice. */
export function serviceProxyDeploymentArgs(service: MicroserviceSpec, context: ProxyContext): apps.v1.DeploymentArgs {
  return proxyDeploymentArgs(
    {
      name: serviceProxy(service.name),
      kind: 'load-balancer',
      ports: [{ name: PORT_NAME, containerPort: service.port!, protocol: 'TCP' }],
    },
    context,
  );
}
