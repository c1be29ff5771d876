// All rules, by subject.
import type { Rule } from './rule';
import { productionBudgets, productionReplicas } from './rules/availability';
import {
  cpuLimit,
  healthChecks,
  memoryLimit,
  noAddedCapabilities,
  noHostAccess,
  noPrivilegedContainers,
  noRootContainers,
} from './rules/containers';
import { costBearing } from './rules/cost';
import { dataEncrypted, dataProtected } from './rules/data';
import { onlyGatewayIsPublic } from './rules/exposure';
import { noPublicEndpointsOnAws } from './rules/exposure-aws';
import { noIamWildcards, noRbacWildcards } from './rules/iam';
import { imagesByDigest, noFloatingTags } from './rules/images';
import { requiredLabels, requiredTags } from './rules/labels';
import { noPlaintextSecrets, noSecretsInEnvironment } from './rules/secrets';

/** Rules by the subject under which the documentation has them. */
export const SUBJECTS: Record<string, readonly Rule[]> = {
  Containers: [memoryLimit, cpuLimit, healthChecks],
  Privileges: [noPrivilegedContainers, noRootContainers, noAddedCapabilities, noHostAccess],
  Images: [noFloatingTags, imagesByDigest],
  Secrets: [noSecretsInEnvironment, noPlaintextSecrets],
  Exposure: [onlyGatewayIsPublic, noPublicEndpointsOnAws],
  Data: [dataProtected, dataEncrypted],
  Rights: [noIamWildcards, noRbacWildcards],
  Production: [productionReplicas, productionBudgets],
  'Costs and labels': [requiredTags, requiredLabels, costBearing],
};

export const RULES: readonly Rule[] = Object.values(SUBJECTS).flat();
