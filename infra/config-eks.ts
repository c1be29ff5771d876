import { z } from 'zod';
import { boundaryKey, costTagsKey } from './config-aws';
import { kubernetesKeys } from './config-kubernetes';
import { shopKeys } from './config-shop';
import { AUTO, flag, text, unlessAuto } from './config-values';

const STACK_RULE = 'must be the name of a stack, "prod-cluster" or "organization/project/stack"';
const CERTIFICATE_RULE = 'must be the ARN of a certificate of ACM';
const PERMISSIONS_RULE = 'must be an object of services and lists of {actions, resources}';
const texts = z.array(text, 'must be a list of texts').min(1, 'must name something');

const { namespace, namespaceLabels, loadBalancerAnnotations, trustedProxies, serviceProxies, tlsSecret, host } =
  kubernetesKeys;

/** Keys of the target `eks`. The rest follows from the cluster's own stack. */
export const eksKeys = {
  ...shopKeys,
  namespace,
  namespaceLabels,
  loadBalancerAnnotations,
  trustedProxies,
  serviceProxies,
  tlsSecret,
  host,
  permissionsBoundary: boundaryKey,
  costTags: costTagsKey,
  clusterStack: z
    .string(STACK_RULE)
    .regex(/^[\w.-]+(\/[\w.-]+\/[\w.-]+)?$/, STACK_RULE)
    .default('prod-cluster'),
  internetFacing: flag.default(false),
  certificate: z
    .string(CERTIFICATE_RULE)
    .regex(/^(auto|arn:aws:acm:[\w-]+:\d{12}:certificate\/[\w-]+)$/, CERTIFICATE_RULE)
    .default(AUTO)
    .transform(unlessAuto),
  podPermissions: z
    .record(
      z.string(),
      z.array(
        z.strictObject({ actions: texts, resources: texts }, 'must be an object with actions and resources'),
        'must be a list of {actions, resources}',
      ),
      PERMISSIONS_RULE,
    )
    .default({}),
};

/** Keys whose values are structured, and so written as JSON in the stack's file. */
export const STRUCTURED_EKS = ['podPermissions'];
