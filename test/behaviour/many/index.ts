import * as pulumi from '@pulumi/pulumi';
import { join } from 'node:path';
import { Application } from '../../../components/application';
import { readableStackTraces } from '../../../infra/stack-traces';
import { installationId, readInstallationKey } from '../../../stacks/passwords';
import { place } from '../fixture/platform';
import { definitions } from './definition';

readableStackTraces();

/** Deploys many microservices. The first application has the project's name, the others a number behind it. */
export = async () => {
  const config = new pulumi.Config();
  const identity = {
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    installation: installationId(readInstallationKey(join(__dirname, '..', '..', '..'))),
  };
  const { platform, options } = await place(config, identity);
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
