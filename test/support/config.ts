import { ConfigurationError, readConfig } from '../../infra/config';

/** What each target needs. */
export const NEEDED: Record<string, Record<string, string>> = {
  docker: {},
  kubernetes: {
    'shop:kubeconfig': '~/.kube/config',
    'shop:context': 'shop-local',
    'shop:registry': '127.0.0.1:5000',
    'shop:exposure': 'NodePort',
  },
  eks: {},
  'aws-bootstrap': { 'shop:account': '123456789012', 'shop:region': 'eu-central-1', 'shop:repository': 'example/shop' },
  'aws-cluster': { 'shop:account': '123456789012', 'shop:region': 'eu-central-1' },
};

export const readFor = (target: string, values: Record<string, string> = {}) =>
  readConfig('shop', { 'shop:target': target, ...NEEDED[target], ...values });

/** The problems as their reader sees them. */
export function problems(values: Record<string, string>): string[] {
  try {
    readConfig('shop', values);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    const [head, ...lines] = (error as Error).message.split('\n');
    expect(head).toBe("the stack's configuration is not valid; nothing was created or changed.");
    return lines.map((line) => line.trim());
  }
  return [];
}
