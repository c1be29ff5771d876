import { RULES_NAME } from '../../../components/haproxy/rules';
import { proxyConfigArgs, proxyContainerArgs, type ProxyContext } from '../../../components/docker/proxy';
import { PROXY_FOLDER } from '../../../components/docker/proxy-scripts';

const context: ProxyContext = {
  prefix: 'shop-dev',
  name: 'api',
  kind: 'load-balancer',
  containerName: 'shop-dev-api-lb',
  image: 'haproxy:3.0',
  volume: 'shop-dev-api-lb-proxy',
  network: 'shop-dev-api',
  memory: 200 * 2 ** 20 + 1,
};
const configuration = { id: 'configuration-id', name: 'configuration-name' };
const probe = { id: 'probe-id', name: 'probe-name' };
const rules = { id: 'rules-id', name: 'rules-name' };
const config = (attempt = 0) =>
  proxyConfigArgs({
    ...context,
    serviceName: 'shop-dev-api-lb-config',
    probe,
    rules,
    configuration,
    containerId: '0123456789abcdef0123456789abcdef',
    attempt,
  });

interface Task {
  forceUpdate: number;
  networksAdvanceds?: unknown;
  containerSpec: Record<string, unknown> & { commands: string[] };
}

describe('the container of a proxy', () => {
  it('is confined: no root, nothing to write to but its volume, no capability, bounded memory and logs', () => {
    expect(proxyContainerArgs(context)).toMatchObject({
      name: 'shop-dev-api-lb',
      image: 'haproxy:3.0',
      user: '99:99',
      readOnly: true,
      capabilities: { drops: ['ALL'] },
      securityOpts: ['no-new-privileges:true'],
      memory: 201,
      memorySwap: 201,
      logOpts: { 'max-file': '3', 'max-size': '10m' },
      volumes: [{ volumeName: 'shop-dev-api-lb-proxy', containerPath: PROXY_FOLDER }],
    });
  });

  it('comes back whatever happens, and is reloaded by a master process', () => {
    const args = proxyContainerArgs(context);
    expect(args.restart).toBe('always');
    expect(args.entrypoints).toEqual(['/bin/sh', '-c']);
    expect((args.command as string[])[0]).toMatch(
      /^until \[ -s .*haproxy\.cfg \].*exec haproxy -W .*-S .*master\.sock/,
    );
  });

  it('publishes nothing unless it is the gateway, and then on 127.0.0.1 only', () => {
    expect(proxyContainerArgs(context)).not.toHaveProperty('ports');
    const ports = proxyContainerArgs({
      ...context,
      kind: 'gateway',
      published: { internal: 8080, external: 20_123 },
    }).ports;
    expect(ports).toEqual([{ internal: 8080, external: 20_123, ip: '127.0.0.1', protocol: 'tcp' }]);
  });

  it('has a fixed address only where it needs one', () => {
    expect(proxyContainerArgs(context).networksAdvanced).toEqual([{ name: 'shop-dev-api' }]);
    expect(proxyContainerArgs({ ...context, address: '10.1.2.3' }).networksAdvanced).toEqual([
      { name: 'shop-dev-api', ipv4Address: '10.1.2.3' },
    ]);
  });

  it('does not know the configuration: a changed one replaces no container', () =>
    expect(JSON.stringify(proxyContainerArgs(context))).not.toContain('configuration-'));
});

describe('the service that brings a configuration into force', () => {
  const task = (attempt?: number) => config(attempt).taskSpec as unknown as Task;

  it('receives probe and configuration, and shares the volume', () => {
    expect(task().containerSpec).toMatchObject({
      configs: [
        { configId: 'probe-id', configName: 'probe-name', fileName: '/probe', fileMode: 0o555 },
        { configId: 'rules-id', configName: 'rules-name', fileName: '/rules.lua', fileMode: 0o444 },
        { configId: 'configuration-id', configName: 'configuration-name', fileName: '/haproxy.cfg', fileMode: 0o444 },
      ],
      mounts: [{ type: 'volume', source: 'shop-dev-api-lb-proxy', target: PROXY_FOLDER }],
    });
  });

  it('is confined and joins no network of the application', () => {
    expect(task().containerSpec).toMatchObject({ user: '99:99', readOnly: true, capDrops: ['ALL'] });
    expect(task()).not.toHaveProperty('networksAdvanceds');
  });

  it('checks a configuration before it touches the old one, and puts that back when the reload fails', () => {
    const script = task().containerSpec.commands[2]!;
    expect(script.indexOf('set -eu')).toBe(0);
    expect(script.indexOf('haproxy -c')).toBeGreaterThan(0);
    expect(script.indexOf('haproxy -c')).toBeLessThan(script.indexOf('cp -f haproxy.cfg'));
    expect(script.indexOf('haproxy -c')).toBeLessThan(script.indexOf('mv next.cfg haproxy.cfg'));
    expect(script).toContain('mv previous.cfg haproxy.cfg');
  });

  it('says which argument is too large where the engine gives too few file descriptors', () =>
    expect(task().containerSpec.commands[2]).toMatch(/ulimit -Hn[^]*maxConnections: the proxy needs [^]*exit 1/));

  it('keeps the rules of the configuration that runs, until the new one is accepted', () =>
    expect(task().containerSpec.commands[2]).toContain(`cp -f /rules.lua ${RULES_NAME}`));

  it('takes a failed update back, and tries again when asked to', () => {
    expect(config().updateConfig).toMatchObject({
      order: 'stop-first',
      parallelism: 1,
      failureAction: 'rollback',
      maxFailureRatio: '0',
    });
    expect(task(5).forceUpdate).toBe(5);
  });
});
