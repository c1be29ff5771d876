import { parse } from 'yaml';
import { CADDY, NGINX, TRAEFIK } from '../../bench/peers';

const SERVERS = ['10.0.0.2:8080', '10.0.0.3:8080', '10.0.0.4:8080'];

describe('the peers', () => {
  it.each([NGINX, CADDY, TRAEFIK])('$name has every server once, in order', ({ configuration }) => {
    expect(configuration(SERVERS).match(/10\.0\.0\.\d:8080/g)).toEqual(SERVERS);
  });

  it.each([NGINX, CADDY, TRAEFIK])('$name reads its own file', ({ file, start }) => {
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

  it('Traefik takes the better of two replicas', () => {
    expect(parse(TRAEFIK.configuration(SERVERS))).toEqual({
      http: {
        routers: { all: { rule: 'PathPrefix(`/`)', service: 'replicas' } },
        services: {
          replicas: { loadBalancer: { strategy: 'p2c', servers: SERVERS.map((one) => ({ url: `http://${one}` })) } },
        },
      },
    });
  });
});
