import { Application } from '../../../components/application';
import { readableStackTraces } from '../../../infra/stack-traces';
import { begin } from '../fixture/platform';
import { definitions } from './definition';

readableStackTraces();

/** Deploys many microservices. The first application has the project's name, the others a number behind it. */
export = async () => {
  const { config, identity, platform, options } = await begin();
  definitions({
    image: config.require('image'),
    services: config.requireNumber('services'),
    replicas: config.requireNumber('replicas'),
    nodes: config.require<'real' | 'fake'>('nodes'),
  }).forEach((definition, index) => {
    const name = index === 0 ? identity.project : `${identity.project}-${index + 1}`;
    new Application(name, { platform, ...definition }, options);
  });
};
