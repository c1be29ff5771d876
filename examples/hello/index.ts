import { Application, type Platform } from '../../components';

const WATCH = 'import time, urllib.request as u\nwhile 1: print(u.urlopen("http://web:8080").status); time.sleep(5)';

/** Three web servers that anybody may ask through the gateway, and a worker that asks them too. */
export const hello = (platform: Platform, image: string) =>
  new Application('hello', {
    platform,
    services: {
      web: {
        image,
        command: ['python', '-m', 'http.server', '8080', '--directory', '/srv'],
        port: 8080,
        replicas: 3,
        alive: { tcp: {} },
        ready: { http: { path: '/' } },
        resources: { cpu: '250m', memory: '64Mi' },
      },
      watcher: { image, command: ['python', '-u', '-c', WATCH], calls: ['web'] },
    },
    gateway: { routes: [{ path: '/', to: 'web' }] },
  });
