import { join } from 'node:path';
import { PROXY_FOLDER, TRANSITION_RULES, TRANSITION_RULES_NAME } from '../../../components/docker/proxy-scripts';
import { backendSection, transitionalRules } from '../../../components/docker/rules-text';
import { haproxyConfiguration, type ProxySpec } from '../../../components/haproxy/configuration';
import { RULES } from '../../../components/haproxy/rules';
import { describeWithHaproxy, expectAccepted } from '../../support/haproxy';
import { backend, check, httpCheck, proxy, withBackend, withRoutes } from '../../support/proxies';

const moved = { ...backend, port: 8081, check: check({ kind: 'http', path: '/readyz', port: 8081 }) };
const tcp = (port: number): ProxySpec => ({
  ...proxy(),
  listeners: [{ name: 'api', bind: ['10.1.0.5:5432'], mode: 'tcp', backend: 'api' }],
  backends: [{ ...backend, mode: 'tcp', port, check: check({ kind: 'tcp', port }) }],
});
const gateway = withRoutes([
  { path: '/api', to: 'api' },
  { host: '*.example.com', path: "/it's", to: 'api' },
  { to: 'web' },
]);

describeWithHaproxy('HAProxy itself accepts the transitional rules', () => {
  it.each<[string, ProxySpec, ProxySpec[]]>([
    ['of another port', withBackend({ check: httpCheck }), [withBackend(moved)]],
    ['of gRPC after HTTP', withBackend({ check: httpCheck }), [withBackend({ ...moved, mode: 'grpc' })]],
    [
      'of no check after one, and of a third definition',
      withBackend({ check: httpCheck }),
      [withBackend({}), withBackend(moved)],
    ],
    ['of bare TCP', tcp(5432), [tcp(5433)]],
    ['of a gateway', gateway, [withBackend(moved)]],
  ])('%s', (_, before, after) => {
    expectAccepted((folder) => {
      const rulesFile = join(folder, 'rules.lua');
      const api = after.map((spec) => backendSection(haproxyConfiguration(spec), 'api')!);
      const rules = transitionalRules(haproxyConfiguration({ ...before, rulesFile }), { api });
      expect(rules).toContain('backend api.previous\n');
      return {
        'haproxy.cfg': rules.replaceAll(PROXY_FOLDER, folder),
        'rules.lua': RULES,
        [TRANSITION_RULES_NAME]: TRANSITION_RULES,
      };
    });
  });
});
