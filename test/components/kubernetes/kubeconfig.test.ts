import type { KubeConfig } from '@kubernetes/client-node';
import * as pulumi from '@pulumi/pulumi';
import { chooseContext, ClusterError } from '../../../components/kubernetes/kubeconfig';

/** The part of the client library's class that is used. */
function fake(contexts: string[], { cluster = true, broken = false } = {}) {
  const state = { current: 'somebody-elses' };
  const config = {
    loadFromString: () => {
      if (broken) throw new Error('bad indentation');
    },
    getContexts: () => contexts.map((name) => ({ name })),
    setCurrentContext: (name: string) => (state.current = name),
    getCurrentCluster: () => (cluster ? { server: 'https://127.0.0.1:6443' } : null),
  };
  return { state, config: config as unknown as KubeConfig };
}
const choose = (config: KubeConfig, context: string) => chooseContext(config, 'text', context, '.local/kubeconfig');

it('the context of the configuration is used, never the current one', () => {
  const { state, config } = fake(['prod', 'shop-local']);
  choose(config, 'shop-local');
  expect(state.current).toBe('shop-local');
});

describe('is refused, with a message that helps:', () => {
  it('an unknown context', () =>
    expect(() => choose(fake(['prod', 'shop-local']).config, 'shop-locl')).toThrow(
      '.local/kubeconfig has no context "shop-locl"; it has prod, shop-local. ' +
        'Choose one with: npx pulumi config set --stack NAME context CONTEXT',
    ));

  it('a kubeconfig without contexts', () =>
    expect(() => choose(fake([]).config, 'x')).toThrow('has no context "x"; it has none.'));

  it('what is no kubeconfig', () =>
    expect(() => choose(fake([], { broken: true }).config, 'x')).toThrow(
      '.local/kubeconfig is not a valid kubeconfig (bad indentation). Set another with: npx pulumi config set --stack NAME kubeconfig PATH',
    ));

  it('a context without its cluster', () =>
    expect(() => choose(fake(['x'], { cluster: false }).config, 'x')).toThrow(
      'refers to a cluster that the file does not define',
    ));
});

it('an error is one that Pulumi prints without a stack trace', () =>
  expect(pulumi.RunError.isInstance(new ClusterError('x'))).toBe(true));
