import { CADDY, HAPROXY, NGINX } from '../../bench/peers';

const SERVERS = ['10.0.0.2:8080', '10.0.0.3:8080', '10.0.0.4:8080'];

describe('the peers', () => {
  it.each([NGINX, HAPROXY, CADDY])('$name has every server once, in order', ({ configuration }) => {
    expect(configuration(SERVERS).match(/10\.0\.0\.\d:8080/g)).toEqual(SERVERS);
  });

  it.each([NGINX, HAPROXY, CADDY])('$name reads its own file', ({ file, start }) => {
    expect(start(`/tmp/${file}`).join(' ')).toContain(`/tmp/${file}`);
  });

  it('nginx prefers the replica with the fewest connections, keeps them and logs no request', () => {
    const lines = NGINX.configuration(SERVERS)
      .split('\n')
      .map((line) => line.trim());
    expect(lines).toEqual(
      expect.arrayContaining(['least_conn;', 'keepalive 256;', 'access_log off;', 'proxy_set_header Connection "";']),
    );
  });

  it('Caddy prefers the replica with the fewest connections, and logs errors only', () => {
    const lines = CADDY.configuration(SERVERS)
      .split('\n')
      .map((line) => line.trim());
    expect(lines).toEqual(
      expect.arrayContaining(['lb_policy least_conn', 'keepalive_idle_conns_per_host 256', 'level ERROR']),
    );
  });

  it('HAProxy does as the gateway, on one thread with the fewest connections, and adds nothing', () => {
    const text = HAPROXY.configuration(SERVERS);
    expect(text).toMatch(/^ {2}nbthread 1$/m);
    expect(text).toMatch(/^ {2}balance leastconn$/m);
    expect(text).not.toMatch(/retry-on|http-request|tcp-response|check/);
  });
});
