import * as pulumi from '@pulumi/pulumi';
import { runtime } from '@pulumi/pulumi';
import type { Identity } from '../components';
import { readConfig, type ShopConfig } from './config';

/** Loaded when they are chosen, so that a stack loads the packages of its own target only. */
const TARGETS: Record<
  ShopConfig['target'],
  (config: ShopConfig, identity: Identity) => Promise<Record<string, unknown>>
> = {
  docker: async (config, identity) => (await import('../stacks/docker')).deployToDocker(config, identity),
};

/** The program: reads the stack's configuration, deploys what it names, and exports the outputs. */
async function main(): Promise<Record<string, unknown>> {
  const config = readConfig(pulumi.getProject(), runtime.allConfig());
  const identity = { project: pulumi.getProject(), stack: pulumi.getStack() };
  return TARGETS[config.target](config, identity);
}

export = main;
