// Judges by kube-score what the stack `prod` puts into its cluster. Its path is the one argument; `npm run score` builds it.
import { spawnSync } from 'node:child_process';
import { goldenObjects } from '../test/behaviour/support/golden-objects';
import { judge, type Explanation, type Scored } from '../test/golden/kube-score';

const KUBERNETES = 'v1.34';

const EXPLAINED: Explanation[] = [
  {
    check: 'container-image-pull-policy',
    explains: ({ images }) => images.length > 0 && images.every((image) => image.includes('@sha256:')),
    why: 'an image is named by its digest: a node has it or pulls it, and need not reach the registry to start it again',
  },
  {
    check: 'container-security-context-user-group-id',
    explains: ({ member }) => member === 'database',
    why: 'PostgreSQL opens no data folder of another user, and those that exist belong to 999: docs/decisions/0040',
  },
  {
    check: 'pod-probes-identical',
    explains: ({ member }) => member === 'gateway',
    why: 'HAProxy answers or does not; it is killed after three times as long as it gets no more requests',
  },
  {
    check: 'networkpolicy-targets-pod',
    explains: ({ member }) => member === 'backup',
    why: 'the job has a pod only while a backup is asked for',
  },
];

const manifests = goldenObjects('prod');
const { stdout, stderr, error } = spawnSync(
  process.argv[2]!,
  ['score', '--kubernetes-version', KUBERNETES, '--output-format', 'json', '-'],
  { input: manifests.map((manifest) => `---\n${JSON.stringify(manifest)}\n`).join(''), encoding: 'utf8' },
);
if (error) throw error;
if (!stdout.startsWith('[')) throw new Error(`kube-score gave no result: ${stdout}${stderr}`);
const { passed, unexplained, unused } = judge(JSON.parse(stdout) as Scored[], manifests, EXPLAINED);
for (const { object, check, messages } of unexplained) console.log(`${object}: ${check}: ${messages.join('; ')}`);
for (const { check, why } of unused) console.log(`${check} is explained in scripts/score.ts and not found: ${why}`);
const failed = unexplained.length + unused.length;
console.log(`kube-score: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
