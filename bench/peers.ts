/**
 * What people would put in front of the same replicas, as its manual has it for plain proxying: connections kept on both
 * sides, the replica with the fewest requests first, no access log.
 */
export interface Peer {
  name: string;
  configuration: (servers: readonly string[]) => string;
  /** Name of the configuration's file: some programs derive its format from it. */
  file: string;
  start: (file: string) => string[];
}

/** Idle connections to the replicas: enough for every client's. */
const KEPT = 256;

export const NGINX: Peer = {
  name: 'nginx',
  file: 'nginx.conf',
  start: (file) => ['nginx', '-c', file, '-g', 'daemon off;'],
  configuration: (servers) => `worker_processes auto;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 4096; }
http {
  access_log off;
  upstream replicas {
    least_conn;
${servers.map((server) => `    server ${server};`).join('\n')}
    keepalive ${KEPT};
  }
  server {
    listen 8080;
    location / {
      proxy_pass http://replicas;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`,
};

export const CADDY: Peer = {
  name: 'Caddy',
  file: 'Caddyfile',
  start: (file) => ['caddy', 'run', '--config', file],
  configuration: (servers) => `{
	admin off
	auto_https off
	log {
		level ERROR
	}
}
:8080 {
	reverse_proxy ${servers.join(' ')} {
		lb_policy least_conn
		transport http {
			keepalive_idle_conns_per_host ${KEPT}
		}
	}
}
`,
};

/** What the gateway is made of, without what it adds. */
export const HAPROXY: Peer = {
  name: 'plain HAProxy',
  file: 'haproxy.cfg',
  start: (file) => ['haproxy', '-W', '-db', '-f', file],
  configuration: (servers) => `global
  nbthread 1
defaults
  mode http
  balance leastconn
  option forwardfor
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend public
  bind :8080
  default_backend replicas
backend replicas
  http-reuse always
${servers.map((server, index) => `  server replica-${index + 1} ${server}`).join('\n')}
`,
};
