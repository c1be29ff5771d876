// What `npm run plan` and the program that renders a revision tell each other, as JSON. One revision may be older than the other:
// add to these, and change nothing.
import type { Registration } from '../../test/support/deployment';
import type { Step } from './compare';
import type { Facts } from './facts';

/** A resource, with secrets taken out of its inputs. */
export interface PlannedResource extends Omit<Registration, 'secrets' | 'provider'> {
  /** Digest of each secret by its path: it tells that one has changed, and nothing else. */
  secrets: Record<string, string>;
  /** Name of its provider; empty for the default one. */
  provider?: string;
}

export interface PlannedStack {
  target: string;
  /** Keys that the stack's file leaves open, with what was taken for them. */
  assumed: Record<string, string>;
  /** Digests of values that the stack's file has encrypted. */
  encrypted: Record<string, string>;
  /** Keys that the stack's file has in plain text. */
  plain?: string[];
  resources?: PlannedResource[];
  warnings?: string[];
  /** What the target has once this is deployed. */
  facts?: Facts;
  /** What changes, where the revision before is known. */
  steps?: Step[];
  /** Its file was there before, and is no more. */
  removed?: boolean;
  /** How its application would get another identity, which a preview refuses. */
  refused?: string;
  /** Why there are no resources. */
  problem?: string;
}

export interface Rendering {
  format: 1;
  project: string;
  stacks: Record<string, PlannedStack>;
}
