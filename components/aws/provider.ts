import * as aws from '@pulumi/aws';
import type { Account } from './account';

export interface ProviderArgs extends Account {
  project: string;
  stack: string;
  /** Tags beside `Project`, `Stack` and `ManagedBy`. */
  tags: Readonly<Record<string, string>>;
}

/** Tags that the bill is divided by. */
export function costTags({ project, stack, tags }: Pick<ProviderArgs, 'project' | 'stack' | 'tags'>) {
  return { ...tags, Project: project, Stack: stack, ManagedBy: 'pulumi' };
}

/**
 * The provider that all of a stack's AWS resources go through: it tags each of them, and refuses to work with credentials
 * of another account, whatever the environment happens to hold.
 */
export function createProvider(name: string, args: ProviderArgs): aws.Provider {
  return new aws.Provider(name, {
    region: args.region as aws.Region,
    allowedAccountIds: [args.account],
    defaultTags: { tags: costTags(args) },
  });
}
