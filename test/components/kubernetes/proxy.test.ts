import { RULES, RULES_NAME } from '../../../components/haproxy/rules';
import {
  configurationArgs,
  configurationFiles,
  proxyDeploymentArgs,
  type ProxyParts,
} from '../../../components/kubernetes/proxy';
import { serviceProxyRules } from '../../../components/kubernetes/service-proxy';
import { serviceSpec } from '../../support/definitions';
import { discovery, kubernetesProxy } from '../../support/proxies';

const context = kubernetesProxy(serviceProxyRules(serviceSpec({ port: 8080, timeout: '10m' }), discovery));
const parts = (port = 8080): ProxyParts => ({
  name: 'api-proxy',
  kind: 'load-balancer',
  ports: [{ name: 'main', containerPort: port, protocol: 'TCP' }],
});
interface Rendered {
  spec: Record<string, unknown> & {
    template: { spec: Record<string, unknown> & { containers: Record<string, unknown>[]; securityContext: object } };
  };
}
const deployment = (port?: number) => proxyDeploymentArgs(parts(port), context) as unknown as Rendered;
const pod = (port?: number) => deployment(port).spec.template.spec;

describe('the rules of a proxy', () => {
  it('are an object that never changes: other rules are other pods', () => {
    const args = configurationArgs('rules', parts(), context);
    expect(args).toMatchObject({ immutable: true, data: { 'haproxy.cfg': 'rules', [RULES_NAME]: RULES } });
    expect(args.metadata).not.toHaveProperty('name');
    expect(args.data).toEqual(configurationFiles('rules'));
  });
});

describe("a proxy's pods", () => {
  it('have the time that the slowest answer takes, after what is in front of them knows that they leave', () =>
    expect(pod()['terminationGracePeriodSeconds']).toBe(10 + 600 + 5 + 5));

  it('are replaced one by one, each once it knows the replicas', () => {
    expect(deployment().spec).toMatchObject({
      replicas: 2,
      minReadySeconds: 5,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
    expect(pod().containers[0]!['readinessProbe']).toMatchObject({
      httpGet: { path: '/healthz', port: 8404 },
      initialDelaySeconds: 2,
    });
  });

  it('are restarted when HAProxy hangs', () =>
    expect(pod().containers[0]!['livenessProbe']).toMatchObject({
      httpGet: { port: 8404 },
      terminationGracePeriodSeconds: 1,
    }));

  it('leave a node that is lost as soon as the cluster has given it up', () =>
    expect(JSON.stringify(pod()['tolerations'])).toContain('"tolerationSeconds":30'));

  it('listen on a port of the system only where the service has one', () => {
    expect(pod(80).securityContext).toMatchObject({
      runAsUser: 10_001,
      sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
    });
    expect(pod(1024).securityContext).not.toHaveProperty('sysctls');
  });
});
