import { Application } from '../../../components/application';
import type { ApplicationDefinition } from '../../../components/application-spec';
import { readableStackTraces } from '../../../infra/stack-traces';
import { begin } from '../fixture/platform';

readableStackTraces();

/** Deploys the application that the configuration has. */
export = async () => {
  const { config, identity, platform, options } = await begin();
  const definition = JSON.parse(config.require('application')) as ApplicationDefinition;
  return { url: new Application(identity.project, { platform, ...definition }, options).url };
};
