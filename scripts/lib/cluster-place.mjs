// Where a stack runs in a cluster, and the cluster's API for the scripts.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { pulumiCapture } from './cli.mjs';
import { projectName, root } from './project.mjs';
import { UserError } from './report.mjs';
import { applicationOf } from './stack.mjs';

const AUTO = 'auto';
const ANSWER_MS = 10_000;

/**
 * From a stack's configuration as `pulumi config --json` prints it; undefined for a stack on anything else, and where the
 * configuration names no kubeconfig.
 */
export function placeOf(project, config, application) {
  const value = (key) => config[`${project}:${key}`]?.value;
  const kubeconfig = value('kubeconfig');
  if (value('target') !== 'kubernetes' || kubeconfig === undefined) return undefined;
  return {
    kubeconfig: resolve(root, kubeconfig.replace(/^~(?=\/)/, homedir())),
    context: value('context'),
    ...within(value, application),
  };
}

/** Like `placeOf`, for a stack that runs on the cluster of another: that one has the kubeconfig, with one context. */
export function joinedPlaceOf(project, config, application) {
  const value = (key) => config[`${project}:${key}`]?.value;
  if (value('target') !== 'eks') return undefined;
  const clusterStack = value('clusterStack');
  return { clusterStack, kubeconfig: `stack ${clusterStack}`, ...within(value, application) };
}

/** Which part of the cluster is the stack's. */
function within(value, application) {
  const namespace = value('namespace') ?? AUTO;
  return { namespace: namespace === AUTO ? application : namespace, application };
}

/** The place of a stack that exists. */
export async function placeOfStack(stack) {
  const config = JSON.parse(await output(['config', '--json', '--stack', stack], `the configuration of ${stack}`));
  const [project, application] = [projectName(), applicationOf(stack)];
  const place = joinedPlaceOf(project, config, application);
  if (!place) return placeOf(project, config, application);
  const args = ['stack', 'output', 'kubeconfig', '--show-secrets', '--stack', place.clusterStack];
  return { ...place, content: await output(args, `the kubeconfig of the stack ${place.clusterStack}`) };
}

async function output(args, what) {
  const { code, stdout, stderr } = await pulumiCapture(args);
  if (code !== 0) throw new UserError(`${what} cannot be read: ${stderr.trim()}`);
  return stdout;
}

/**
 * The client library, the kubeconfig's context chosen, and what makes an API of it. Loaded when needed: set-up installs it, and
 * it is large.
 */
export async function clusterClient({ kubeconfig, context, content }, time = ANSWER_MS) {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  config.loadFromString(content ?? readKubeconfig(kubeconfig));
  if (context !== undefined) config.setCurrentContext(context);
  return { client, config, api: (type) => new type(bounded(client, config, time)) };
}

function readKubeconfig(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    throw new UserError(
      `the kubeconfig ${file} does not exist`,
      '`npm run cluster` creates that of the local cluster; for another, set the key kubeconfig of the stack',
    );
  }
}

/** Each request ends: a connection that nobody serves would keep the program alive. */
function bounded(client, config, time) {
  const pre = async (request) => {
    request.setSignal(AbortSignal.timeout(time));
    return request;
  };
  return client.createConfiguration({
    baseServer: new client.ServerConfiguration(config.getCurrentCluster().server, {}),
    authMethods: { default: config },
    promiseMiddleware: [{ pre, post: async (response) => response }],
  });
}

/** What the cluster answers, or why it does not in words for a person. */
export async function answer({ context, kubeconfig }, promise) {
  try {
    return await promise;
  } catch (error) {
    const late = error.name === 'AbortError' ? 'nothing came in time' : undefined;
    const reason = late ?? error.body ?? error.cause?.message ?? error.message;
    const where = context === undefined ? kubeconfig : `context ${context} of ${kubeconfig}`;
    if (error.body === undefined)
      throw new UserError(`the cluster at ${where} does not answer: ${reason}`, 'see that it runs');
    throw new UserError(`the cluster at ${where} refused: ${reason}`, 'see what the user of this kubeconfig may do');
  }
}
