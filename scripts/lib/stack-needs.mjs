// What set-up must have ready for a stack, by the stack's target.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectName, root } from './project.mjs';
import { notSetUp } from './report.mjs';

const DOCKER = { providers: ['docker'], engine: true };
/** The engine builds the images that the cluster runs. */
const KUBERNETES = { providers: ['docker', 'kubernetes'], engine: true };
/** Pulumi downloads these providers itself: they cannot be built here. */
const AWS = { providers: [], engine: false };
const BY_TARGET = { docker: DOCKER, kubernetes: KUBERNETES, eks: KUBERNETES, 'aws-bootstrap': AWS, 'aws-cluster': AWS };

/** By target; for one that is not known what Docker needs: the program then says what is wrong with the configuration. */
export function needsOf(target) {
  return BY_TARGET[target] ?? DOCKER;
}

/** Whether a stack of this target runs in a cluster. */
export function onCluster(target) {
  return needsOf(target) === KUBERNETES;
}

/** The target that a stack's file names; undefined where there is no such file, or no such key. */
export async function targetOf(stack, folder = root) {
  const file = join(folder, `Pulumi.${stack.split('/').at(-1)}.yaml`);
  if (!existsSync(file)) return undefined;
  const { parse } = await import('yaml').catch((error) => {
    throw error.code === 'ERR_MODULE_NOT_FOUND' ? notSetUp() : error; // an npm package, which set-up installs first
  });
  return parse(readFileSync(file, 'utf8'))?.config?.[`${projectName()}:target`];
}
