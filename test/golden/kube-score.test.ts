import type { Manifest } from '../behaviour/support/api-server';
import { judge, type Explanation, type Scored } from './kube-score';

const labels = { 'app.kubernetes.io/name': 'order' };
const order = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'order', labels },
  spec: { template: { spec: { containers: [{ image: 'a@sha256:1' }], initContainers: [{ image: 'b:2' }] } } },
} as Manifest;
const scored = (...checks: [id: string, grade: number, skipped?: boolean][]): Scored[] => [
  {
    type_meta: { kind: 'Deployment' },
    object_meta: { name: 'order', labels },
    checks: checks.map(([id, grade, skipped = false]) => ({
      check: { id },
      grade,
      skipped,
      comments: grade === 1 ? [{ path: 'order', summary: 'is not set' }] : null,
    })),
  },
];
const explained: Explanation = { check: 'user', explains: ({ member }) => member === 'order', why: 'it must be' };

it('a critical finding that nothing explains fails, with the container and what is wrong', () => {
  const { passed, unexplained } = judge(scored(['disk', 1], ['user', 10], ['probe', 5]), [order], []);
  expect(passed).toBe(2);
  expect(unexplained).toEqual([
    {
      check: 'disk',
      object: 'Deployment order',
      member: 'order',
      messages: ['order: is not set'],
      images: ['a@sha256:1', 'b:2'],
    },
  ]);
});

it('one that is explained passes, and the same of another member does not', () => {
  expect(judge(scored(['user', 1]), [order], [explained])).toEqual({ passed: 1, unexplained: [], unused: [] });
  const other = { ...explained, explains: () => false };
  expect(judge(scored(['user', 1]), [order], [other]).unexplained).toHaveLength(1);
});

it('what is skipped counts as nothing', () =>
  expect(judge(scored(['user', 0, true]), [order], [])).toEqual({ passed: 0, unexplained: [], unused: [] }));

it('an explanation that is needed no more is named', () =>
  expect(judge(scored(['user', 10]), [order], [explained]).unused).toEqual([explained]));
