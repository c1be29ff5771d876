import { applicationSpec, type ApplicationDefinition } from '../components/application-spec';
import { DockerPlan } from '../components/docker/plan';
import { microserviceArgs } from '../components/docker/service';
import { haproxyConfiguration } from '../components/haproxy/configuration';
import type { Section } from './section';
import { byTurns, median, noise } from './statistics';

const SIZES = [10, 100, 1_000];
/** An application on Docker has 63 services at most; more are several applications. */
const PER_APPLICATION = 50;

function definition(count: number): ApplicationDefinition {
  const services: ApplicationDefinition['services'] = {};
  for (let n = 0; n < count; n++) {
    services[`service-${n}`] = {
      image: `registry/service:${n}`,
      port: 8080,
      replicas: 3,
      alive: { http: { path: '/healthz' } },
      ready: { http: { path: '/readyz' } },
      env: { NUMBER: String(n) },
      calls: n === 0 ? [] : [`service-${n - 1}`],
    };
  }
  return { services, gateway: { routes: [{ to: 'service-0' }] } };
}

/** From arguments to what the provider and the proxies get; nothing is created. */
function render(services: number): number {
  let rendered = 0;
  for (let first = 0; first < services; first += PER_APPLICATION) {
    const spec = applicationSpec(`app-${first}`, definition(Math.min(PER_APPLICATION, services - first)));
    const plan = new DockerPlan(spec, { project: 'bench', stack: 'bench' }, undefined);
    for (const service of spec.services) {
      const file = { id: 'id', name: 'name' };
      microserviceArgs(service, { prefix: plan.prefix, networkIds: ['network'], probe: file, secrets: [], attempt: 0 });
      const balancer = plan.loadBalancer(service);
      if (balancer) rendered += haproxyConfiguration(balancer.proxy).length;
    }
    if (spec.gateway) rendered += haproxyConfiguration(plan.gateway(spec.gateway).proxy).length;
  }
  return rendered;
}

export async function rendering(): Promise<Section> {
  for (let warm = 0; warm < 5; warm++) render(200);
  const times = await byTurns(
    7,
    SIZES.map((size) => async () => {
      const start = performance.now();
      render(size);
      return performance.now() - start;
    }),
  );
  const perService = times.map((values, index) => median(values) / SIZES[index]!);
  return {
    title: 'Rendering',
    about: 'Validation, defaults and rendering for Docker, without creating anything. Aim: linear.',
    head: ['services', 'ms', 'ms a service', 'against 10 services', 'noise'],
    rows: times.map((values, index) => [
      String(SIZES[index]),
      median(values).toFixed(1),
      perService[index]!.toFixed(3),
      `${(perService[index]! / perService[0]!).toFixed(2)} ×`,
      noise(values),
    ]),
  };
}
