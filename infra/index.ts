import * as pulumi from '@pulumi/pulumi';
import { runtime } from '@pulumi/pulumi';
import { readConfig } from './config';

/** The program: reads the stack's configuration, deploys what it names, and exports the outputs. */
async function main(): Promise<Record<string, unknown>> {
  const config = readConfig(pulumi.getProject(), runtime.allConfig());
  const identity = { project: pulumi.getProject(), stack: pulumi.getStack() };
  switch (config.target) {
    case 'docker': {
      // Loaded here, so that a stack loads the packages of its own target only.
      const { deployToDocker } = await import('../stacks/docker');
      return deployToDocker(config, identity);
    }
  }
}

export = main;
