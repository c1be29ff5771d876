import { namespaceArgs, namespaceName } from '../../../components/kubernetes/namespace';

const labels = (extra = {}) =>
  (namespaceArgs('shop-dev', 'shop-dev-1', extra).metadata as { labels: Record<string, string> }).labels;

it.each(['enforce', 'audit', 'warn'])('restricted Pod Security, as of a fixed version: %s', (mode) => {
  expect(labels()[`pod-security.kubernetes.io/${mode}`]).toBe('restricted');
  expect(labels()[`pod-security.kubernetes.io/${mode}-version`]).toBe('v1.34');
});

it('says whose it is, whatever labels are added', () =>
  expect(labels({ team: 'a', 'app.kubernetes.io/part-of': 'other' })).toMatchObject({
    team: 'a',
    'app.kubernetes.io/part-of': 'shop-dev-1',
  }));

it('added labels do not weaken it', () =>
  expect(labels({ 'pod-security.kubernetes.io/enforce': 'privileged' })['pod-security.kubernetes.io/enforce']).toBe(
    'restricted',
  ));

it('has a name that follows from project, stack and installation', () => {
  const name = namespaceName({ project: 'shop', stack: 'staging', installation: 'a1b2' }, 'shop');
  expect(name).toMatch(/^shop-staging-[0-9a-f]{6}$/);
  expect(name).not.toBe(namespaceName({ project: 'shop', stack: 'staging', installation: 'b1b2' }, 'shop'));
});
