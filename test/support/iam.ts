import type { Statement } from '../../components/aws/policy';

/** One request, as IAM judges it. */
export interface Request {
  action: string;
  resource: string;
  /** Values of condition keys. */
  context?: Record<string, string>;
}

/**
 * Whether policies allow a request: one statement allows it and none denies it. Knows the operators that are used here, and
 * fails on any other, so that no condition is taken for met.
 */
export function allows(statements: readonly Statement[], request: Request): boolean {
  const matching = statements.filter((statement) => matches(statement, request));
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny');
}

/** What statements allow, action by action, for rules about all of them. */
export function allowedActions(statements: readonly Statement[]): string[] {
  return [...new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => [Action].flat()))];
}

function matches({ Action, Resource = '*', Condition = {} }: Statement, { action, resource, context = {} }: Request) {
  return (
    [Action].flat().some((pattern) => like(pattern.toLowerCase(), action.toLowerCase())) &&
    [Resource].flat().some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => met(operator, context[key], [wanted].flat())),
    )
  );
}

function met(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  switch (operator) {
    case 'StringEquals':
      return value !== undefined && wanted.includes(value);
    case 'StringLike':
    case 'ArnLike':
      return value !== undefined && wanted.some((pattern) => like(pattern, value));
    case 'Null':
      return (value === undefined) === (wanted[0] === 'true');
    case 'Bool':
      return value === wanted[0];
    case 'NumericLessThan':
      return value !== undefined && Number(value) < Number(wanted[0]);
    default:
      throw new Error(`these tests do not know the operator ${operator}`);
  }
}

function like(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(text);
}

/** Statements of a policy as a resource has it. */
export function statementsOf(policy: unknown): Statement[] {
  return (JSON.parse(policy as string) as { Statement: Statement[] }).Statement;
}
