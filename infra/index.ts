import * as pulumi from '@pulumi/pulumi';
import { runtime } from '@pulumi/pulumi';
import { readConfig } from './config';
import { stackIdentity } from './stack-identity';
import { readableStackTraces } from './stack-traces';

readableStackTraces();

/** The program: reads the stack's configuration, deploys what it names, and exports the outputs. */
async function main(): Promise<object> {
  const config = readConfig(pulumi.getProject(), runtime.allConfig());
  const identity = stackIdentity({ project: pulumi.getProject(), stack: pulumi.getStack() }, config);
  // Loaded when they are chosen, so that a stack loads the packages of its own target only.
  switch (config.target) {
    case 'docker':
      return (await import('../stacks/docker')).deployToDocker(config, identity);
    case 'kubernetes':
      return (await import('../stacks/kubernetes')).deployToKubernetes(config, identity);
    case 'eks':
      return (await import('../stacks/eks')).deployToEks(config, identity);
    case 'aws-bootstrap':
      return (await import('../stacks/bootstrap')).deployBootstrap(config, identity);
    case 'aws-cluster':
      return (await import('../stacks/aws-cluster')).deployAwsCluster(config, identity);
  }
}

export = main;
