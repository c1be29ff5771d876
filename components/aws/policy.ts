/** One statement of an IAM policy. Plain, so that policies are pure functions of names. */
export interface Statement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | Record<string, string | string[]>;
  Action: string | string[];
  /** Left out in trust policies, which concern the role that they belong to. */
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** What IAM allows for all inline policies of a role together, white space not counted. */
export const MAX_INLINE_POLICIES = 10_240;
/** What IAM allows for one managed policy. */
export const MAX_MANAGED_POLICY = 6_144;

/** A policy as the text that the provider takes. */
export function policyDocument(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** Trust of a role that an AWS service takes on. */
export function trustService(service: string, more: Partial<Pick<Statement, 'Action' | 'Condition'>> = {}): Statement {
  return {
    Sid: 'TrustService',
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    ...more,
  };
}
