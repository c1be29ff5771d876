import type { batch } from '@pulumi/kubernetes';
import type { JobSpec } from '../application-spec';
import { attemptAnnotation, templateMetadata, type DeploymentContext } from './deployment';
import { labels, NOT_AWAITED, selector } from './labels';
import { podSpec, storageParts } from './pod';
import { wholeSeconds } from './quantities';

/** As often as on Docker, where three failed starts are the end. */
const RETRIES = 2;

/**
 * Renders a job. It has no name of its own: what a Job runs cannot be changed, so another image, argument or secret makes
 * another Job, which runs before the old one is deleted.
 */
export function jobArgs(spec: JobSpec, context: Omit<DeploymentContext, 'placement'>): batch.v1.JobArgs {
  const { namespace, partOf, attempt } = context;
  return {
    metadata: {
      namespace,
      labels: labels(partOf, spec.name, 'job'),
      annotations: { ...NOT_AWAITED, ...attemptAnnotation(attempt) },
    },
    spec: {
      backoffLimit: RETRIES,
      activeDeadlineSeconds: wholeSeconds(spec.timeout),
      // A drained node is not the job's fault.
      podFailurePolicy: {
        rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
      },
      template: {
        metadata: templateMetadata(spec.name, 'job', context),
        spec: podSpec(
          spec,
          { ...context, selector: selector(partOf, spec.name) },
          { restartPolicy: 'Never', drain: 0, container: {}, ...storageParts(spec.storage, context.claim) },
        ),
      },
    },
  };
}
