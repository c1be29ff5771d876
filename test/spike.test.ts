import { deploy } from './support/deployment';
import { Application } from '../components';
import { DockerPlatform } from '../components/docker/platform';
it('x', async () => {
  const engine = {} as never;
  const d = await deploy(() => new Application('shop', { platform: new DockerPlatform({ identity: {project:'shop',stack:'dev'}, engine, deployed: new Map(), architecture: 'amd64', proxyImage: 'haproxy:3.0' }),
    services: { a: { image: 'a', port: 80, calls: ['db'], secrets: {pw: 'hush'} }, db: { image: 'd', port: 5, protocol: 'tcp', storage: {path:'/d', size:'1Gi'} } }, jobs: { j: {image: 'j'} }, gateway: { routes: [{to:'a'}] } }));
  for (const r of d.registrations) { if (r.inputs['data']) r.inputs['data'] = '...'; console.log(JSON.stringify(r)); }
  console.log(d.outputs, d.warnings);
});
