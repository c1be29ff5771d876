export interface Difference {
  path: string[];
  before: unknown;
  after: unknown;
}
export function differences(before: unknown, after: unknown, path?: string[]): Difference[];
