import type { Manifest } from '../behaviour/support/api-server';
import { LABEL } from '../../components/identity';

/** What kube-score says of one object, as far as it is read. */
export interface Scored {
  type_meta: { kind: string };
  object_meta: { name?: string; labels?: Record<string, string> };
  checks: { check: { id: string }; skipped: boolean; grade: number; comments: { path: string; summary: string }[] | null }[];
}

/** A critical finding that is right as it is. */
export interface Explanation {
  check: string;
  /** Where it may be found. */
  explains: (finding: Finding) => boolean;
  why: string;
}

export interface Finding {
  check: string;
  /** Kind and member of the application, such as `Deployment order`. */
  object: string;
  member: string;
  messages: string[];
  /** Images of the member's pods. */
  images: string[];
}

const CRITICAL = 1;

/** One pod template as far as it is read. */
interface Template {
  spec?: { template?: { spec: { containers: { image: string }[]; initContainers?: { image: string }[] } } };
}

/** Critical findings that nothing explains, explanations of nothing, and how many checks are passed or explained. */
export function judge(
  scored: readonly Scored[],
  manifests: readonly Manifest[],
  explanations: readonly Explanation[],
): { passed: number; unexplained: Finding[]; unused: Explanation[] } {
  const checks = scored.flatMap((object) =>
    object.checks.filter(({ skipped }) => !skipped).map((check) => ({ object, ...check })),
  );
  const critical = checks.filter(({ grade }) => grade <= CRITICAL).map(({ object, check, comments }): Finding => {
    const member = object.object_meta.labels?.[LABEL.name] ?? object.object_meta.name ?? '';
    return {
      check: check.id,
      object: `${object.type_meta.kind} ${member}`,
      member,
      messages: (comments ?? []).map(({ path, summary }) => (path === '' ? summary : `${path}: ${summary}`)),
      images: imagesOf(member, object.type_meta.kind, manifests),
    };
  });
  const used = new Set<Explanation>();
  const unexplained = critical.filter((finding) => {
    const found = explanations.find(({ check, explains }) => check === finding.check && explains(finding));
    if (found) used.add(found);
    return found === undefined;
  });
  return {
    passed: checks.length - unexplained.length,
    unexplained,
    unused: explanations.filter((one) => !used.has(one)),
  };
}

function imagesOf(member: string, kind: string, manifests: readonly Manifest[]): string[] {
  return manifests
    .filter((one) => one.kind === kind && one.metadata.labels?.[LABEL.name] === member)
    .flatMap((one) => {
      const pod = (one as Template).spec?.template?.spec;
      return [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])].map(({ image }) => image);
    });
}
