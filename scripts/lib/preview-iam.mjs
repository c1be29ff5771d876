// What policies of IAM let their holders do, in words. Pure.
import { documentOf, isUnknown } from './preview-changes.mjs';

/** Policies that say what their holder may do: a new one is worth reading. */
export const IAM_POLICIES = [
  'aws:iam/policy:Policy',
  'aws:iam/rolePolicy:RolePolicy',
  'aws:iam/userPolicy:UserPolicy',
  'aws:iam/groupPolicy:GroupPolicy',
];
const MOST = 8;

/** A line for each statement of a policy: `Allow s3:GetObject on arn:aws:s3:::invoices/*`. */
export function statementLines(policy) {
  const document = parsed(policy);
  if (document === undefined) return ['its statements are known after up'];
  return list(document.Statement).map((statement) => {
    const { Effect = 'Allow', Action, NotAction, Resource, NotResource, Condition } = statement;
    const what = NotAction === undefined ? some(Action) : `everything but ${some(NotAction)}`;
    const where = NotResource === undefined ? some(Resource) : `everything but ${some(NotResource)}`;
    return `${Effect} ${what} on ${where}${Condition === undefined ? '' : ', on a condition'}`;
  });
}

function parsed(policy) {
  if (isUnknown(policy)) return undefined;
  return typeof policy === 'object' && policy !== null ? policy : documentOf(policy);
}

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function some(value) {
  const all = list(value).map(String);
  return all.length > MOST ? `${all.slice(0, MOST).join(', ')} and ${all.length - MOST} more` : all.join(', ');
}
