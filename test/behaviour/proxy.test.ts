import { containers, engine, helper, kill, logs, TEST_LABEL } from './support/engine';
import { jdkImage, REQUESTS } from './support/environment';
import { ECHO } from './fixture/definition';
import { echoShot, runningFixture } from './support/fixture';
import { underLoad } from './support/load';
import { expectNoneLost, report } from './support/report';
import type { Stack } from './support/stack';
import { onDocker } from './support/only';
import { fullStrength, target } from './support/target';
import { sleep, waitFor } from './support/wait';

let stack: Stack;
let url: string;

beforeAll(async () => {
  ({ stack, url } = await runningFixture());
});

async function proxy(service: string, component: 'gateway' | 'load-balancer') {
  const found = (await target.containers(stack.scope)).filter((one) => one.running && one.component === component);
  const [one] = component === 'gateway' ? found : found.filter((one) => one.service === service);
  if (!one) throw new Error(`there is no ${component} of ${service}`);
  return one.id;
}

describe('a change of the proxies loses no request', () => {
  it('when a route is added, led elsewhere and removed', async () => {
    const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
      expect((await fetch(`${url}/extra`)).headers.get('x-replica')).not.toBeNull();
      await stack.mustUp({ 'fixture:extra': 'route' });
      expect((await fetch(`${url}/extra/echo?n=1`)).status).toBe(200);
      await stack.mustUp({ 'fixture:extra': 'none' });
    });
    expectNoneLost('changed route', result);
  });

  it('when a service is added and removed', async () => {
    const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
      await stack.mustUp({ 'fixture:extra': 'service' });
      expect((await fetch(`${url}/extra/echo?n=1`)).status).toBe(200);
      await stack.mustUp({ 'fixture:extra': 'none' });
    });
    expectNoneLost('added service', result);
  });

  it('when the configuration is broken: `up` fails and the old one serves', async () => {
    let output = '';
    const result = await underLoad({ url, shot: echoShot(), requests: REQUESTS }, async () => {
      ({ output } = await stack.mustNotUp({ 'fixture:proxy': 'broken' }));
      // Again, so that a failure is never forgotten.
      await stack.mustNotUp({ 'fixture:proxy': 'broken' });
      await stack.mustUp();
    });
    expectNoneLost('broken proxy configuration', result);
    expect(output).toContain('Fatal errors found in configuration');
    expect(output).toContain(target.nameInErrors(stack.scope, 'gateway'));
  });
});

onDocker('a reload of the gateway', () => {
  it('keeps the only replica of a service, in whichever slot it was', async () => {
    const one = { 'fixture:replicas': '1' };
    await stack.mustUp({ ...one, 'fixture:version': 'before' });
    // The next replica is the second one that the gateway gets to know.
    await stack.mustUp({ ...one, 'fixture:version': 'after' });
    const gateway = await proxy('gateway', 'gateway');
    const known = (await logs(gateway)).length;
    await stack.mustUp({ ...one, 'fixture:version': 'after', 'fixture:extra': 'route' });
    const said = (await logs(gateway)).slice(known);
    expect(said).toContain('Reloading HAProxy');
    expect(said).not.toContain('has no server available');
    await stack.mustUp();
    await fullStrength(stack.scope, 'echo', ECHO.replicas);
  });
});

describe('a killed proxy serves again within 2 s at the same address', () => {
  it('the gateway', async () => {
    const id = await proxy('gateway', 'gateway');
    const result = await underLoad({ url, shot: echoShot(), requests: 1_000, rate: 200 }, async () => {
      await sleep(1_000);
      await target.kill(id);
      await sleep(4_000);
    });
    const outage = (result.lastFailure ?? 0) - (result.firstFailure ?? 0);
    report({
      name: 'killed gateway',
      requests: result.requests,
      failed: result.failed,
      p99: result.latency.p99,
      note: `outage ${outage} ms`,
    });
    expect(outage).toBeLessThanOrEqual(2_000);
  });
});

onDocker('a killed load balancer serves again within 2 s at the same address', () => {
  it('also for a JVM that never asks DNS again', async () => {
    const id = await proxy('echo', 'load-balancer');
    const caller = await jvmCaller();
    try {
      await waitFor('the JVM to get answers', async () => (await logs(caller, 5)).includes('ok'), { timeout: 60_000 });
      await kill(id);
      await sleep(6_000);
      // The compiler may have something to say first ("1 warning"); our lines begin with a time in milliseconds.
      const lines = (await logs(caller))
        .split('\n')
        .filter((line) => /^\d{13} /.test(line))
        .map((line) => line.split(' '));
      const failures = lines.filter(([, outcome]) => outcome !== 'ok').map(([at]) => Number(at));
      const addresses = new Set(lines.map(([, , address]) => address).filter(Boolean));
      const outage = failures.length === 0 ? 0 : Math.max(...failures) - Math.min(...failures);
      report({
        name: 'killed load balancer, JVM with cached DNS',
        requests: lines.length,
        failed: failures.length,
        note: `outage ${outage} ms`,
      });
      expect(lines.at(-1)?.[1]).toBe('ok');
      expect(addresses.size).toBe(1);
      expect(outage).toBeLessThanOrEqual(2_000);
    } finally {
      await engine.getContainer(caller).remove({ force: true });
    }
  });
});

/**
 * Starts a JVM in the network of `caller`, where `echo` is the load balancer. It resolves the name once and for all, as
 * the JVM does by default with a security manager, and says every 50 ms what it got.
 */
async function jvmCaller(): Promise<string> {
  const program = `
import java.io.InputStream;
import java.net.*;
public class Caller {
  public static void main(String[] args) throws Exception {
    java.security.Security.setProperty("networkaddress.cache.ttl", "-1");
    for (int n = 0; n < 2400; n++) {
      String outcome;
      try {
        HttpURLConnection connection = (HttpURLConnection) new URL("http://echo:8080/echo?n=" + n).openConnection();
        connection.setConnectTimeout(1000);
        connection.setReadTimeout(2000);
        try (InputStream in = connection.getInputStream()) { in.readAllBytes(); }
        outcome = "ok " + InetAddress.getByName("echo").getHostAddress();
      } catch (Exception e) { outcome = "failed-" + e.getClass().getSimpleName(); }
      System.out.println(System.currentTimeMillis() + " " + outcome);
      Thread.sleep(50);
    }
  }
}`;
  const container = await engine.createContainer({
    Image: jdkImage(),
    Entrypoint: ['sh', '-c'],
    Cmd: [`cat > /tmp/Caller.java <<'JAVA'\n${program}\nJAVA\nexec java /tmp/Caller.java`],
    Labels: { [TEST_LABEL]: 'jvm' },
    HostConfig: { NetworkMode: `${stack.scope}-caller`, LogConfig: { Type: 'json-file', Config: {} } },
  });
  await container.start();
  return container.id;
}

onDocker('from outside', () => {
  it('only the port of the gateway is open, only on 127.0.0.1', async () => {
    const port = new URL(url).port;
    const listening = await helper(['sh', '-c', "grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6"], {
      NetworkMode: 'host',
    });
    const open = [...listening.output.matchAll(/^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:0000 0A /gm)].map(
      ([, address, hex]) => ({
        address: address!,
        port: parseInt(hex!, 16),
      }),
    );
    const published = (await containers(stack.scope)).length > 0 ? await publishedPorts() : [];
    expect(published).toEqual([{ ip: '127.0.0.1', port: Number(port) }]);
    expect(open.filter((one) => one.port === Number(port))).toEqual([{ address: '0100007F', port: Number(port) }]);
  });
});

async function publishedPorts() {
  const all = await engine.listContainers({ filters: { label: [`app.kubernetes.io/part-of=${stack.scope}`] } });
  const services = await engine.listServices({ filters: { label: [`app.kubernetes.io/part-of=${stack.scope}`] } });
  expect(services.flatMap(({ Endpoint }) => Endpoint?.Ports ?? [])).toEqual([]);
  return all.flatMap(({ Ports }) =>
    Ports.filter(({ PublicPort }) => PublicPort).map(({ IP, PublicPort }) => ({ ip: IP, port: PublicPort })),
  );
}
