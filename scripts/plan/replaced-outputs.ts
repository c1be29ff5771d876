// Outputs that are others once a resource is replaced, so that what takes them among its inputs follows.
import type { Computed } from '../../test/support/deployment';
import { CLUSTER, SUBNETS, VPC } from './replacements-components';

/**
 * Shown as what is known only when something else has been made: it has in it what Pulumi writes for that. Alone, Pulumi would take it
 * for a value that is not known yet, and the program would not go on with it.
 */
const KNOWN_LATER = 'id-04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** Ids follow from the resource's name; these outputs do not. */
const OUTPUTS: Record<string, readonly string[]> = {
  'aws:cloudwatch/logGroup:LogGroup': ['arn'],
  'aws:kms/key:Key': ['keyId', 'arn'],
  'aws:sns/topic:Topic': ['arn'],
};

/** Of components, by what is replaced in them. */
const PARTS: Record<string, readonly { part: string; outputs: readonly string[] }[]> = {
  'awsx:ec2:Vpc': [
    { part: VPC, outputs: ['vpcId', 'privateSubnetIds', 'publicSubnetIds'] },
    { part: SUBNETS, outputs: ['privateSubnetIds', 'publicSubnetIds'] },
  ],
  'eks:index:Cluster': [{ part: CLUSTER, outputs: ['clusterSecurityGroupId', 'kubeconfigJson'] }],
};

/** How a part of a component stands among the names of what is replaced. */
export const partOf = (name: string, part: string) => `${name}: ${part}`;

/** What providers compute, with other values for what is replaced. */
export function withReplaced(computed: Computed, replaced: ReadonlySet<string>): Computed {
  return Object.fromEntries(
    Object.entries(computed).map(([type, compute]) => [
      type,
      (name, inputs) => {
        const outputs = compute(name, inputs);
        const others = [
          ...(replaced.has(name) ? (OUTPUTS[type] ?? []) : []),
          ...(PARTS[type] ?? []).filter(({ part }) => replaced.has(partOf(name, part))).flatMap((one) => one.outputs),
        ];
        const later = (value: unknown) => (Array.isArray(value) ? value.map(() => KNOWN_LATER) : KNOWN_LATER);
        return Object.fromEntries(
          Object.entries(outputs).map(([output, value]) => [output, others.includes(output) ? later(value) : value]),
        );
      },
    ]),
  );
}
