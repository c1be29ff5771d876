// The configuration of a stack as its file has it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { digest } from './secrets';

/** What a repository cannot know, where a stack's file leaves it open. */
const ASSUMED: Record<string, Record<string, string>> = {
  'aws-bootstrap': { account: '123456789012', region: 'eu-central-1', repository: 'example/shop' },
  'aws-cluster': { account: '123456789012', region: 'eu-central-1', privateApiCidrs: '["10.1.0.0/16"]' },
  eks: { certificate: 'arn:aws:acm:eu-central-1:123456789012:certificate/assumed', host: 'shop.example.com' },
};

export interface StackFile {
  values: Record<string, string>;
  /** Those of the values that are assumed. */
  assumed: Record<string, string>;
  /** Digests of what is encrypted. */
  encrypted: Record<string, string>;
}

export function readStackFile(folder: string, project: string, stack: string, key: string): StackFile {
  const text = readFileSync(join(folder, `Pulumi.${stack}.yaml`), 'utf8');
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  const values: Record<string, string> = {};
  const encrypted: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (isEncrypted(value)) encrypted[name] = digest(key, value.secure);
    else values[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  const open = ASSUMED[values[`${project}:target`] ?? ''] ?? {};
  const assumed = Object.fromEntries(
    Object.entries(open)
      .map(([name, value]) => [`${project}:${name}`, value] as const)
      .filter(([name]) => !(name in values)),
  );
  return { values: { ...values, ...assumed }, assumed, encrypted };
}

const isEncrypted = (value: unknown): value is { secure: string } =>
  typeof value === 'object' && value !== null && typeof (value as { secure?: unknown }).secure === 'string';
