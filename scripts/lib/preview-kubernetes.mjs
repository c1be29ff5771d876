// What a change of an object on Kubernetes means, in words. Pure: see preview-summary.mjs.
import {
  changed,
  changedImage,
  image,
  linesOf,
  nameOnly,
  plural,
  scaled,
  takenOver,
  TRIED_AGAIN,
} from './preview-words.mjs';
import { differences } from './preview-changes.mjs';

const CONTAINER = '(?:spec\\.)?template\\.spec\\.containers(?:\\.[^.]+)?\\.';
const TEMPLATE = '(?:spec\\.)?template\\.spec\\.';
const at = (pattern) => new RegExp(`^${pattern}$`);

const POD_RULES = [
  [at('spec\\.replicas'), (field) => changed('replicas', field)],
  [at(`${CONTAINER}image`), (field) => changedImage('image', field)],
  [
    at(`${CONTAINER}env(?:\\.([^.]+))?(?:\\..+)?`),
    (field, name) => (name ? variable(field, name) : 'variables change'),
  ],
  [
    at(`${CONTAINER}resources\\.(limits|requests)\\.(cpu|memory)`),
    (field, kind, what) => changed(`${what} ${kind.slice(0, -1)}`, field),
  ],
  [at(`${CONTAINER}(liveness|readiness|startup)Probe(?:\\..+)?`), (field, name) => nameOnly(`${name} probe`, field)],
  [at(`${CONTAINER}(?:command|args)(?:\\..+)?`), () => 'command changes'],
  [at(`${CONTAINER}ports(?:\\..+)?`), (field) => changed('port', field)],
  [at(`${CONTAINER}volumeMounts\\.([^.]+)(?:\\..+)?`), (field, path) => nameOnly(`mount ${path}`, field)],
  [at(`${TEMPLATE}initContainers(?:\\.([^.]+))?(?:\\..+)?`), (field, name) => initContainers(field, name)],
  [at(`${TEMPLATE}volumes\\.secrets-source(?:\\..+)?`), (field) => secrets(field)],
  [at(`${TEMPLATE}volumes\\.([^.]+)(?:\\..+)?`), (field, name) => nameOnly(`volume ${name}`, field)],
  [at(`${TEMPLATE}terminationGracePeriodSeconds`), (field) => changed('stopGrace in seconds', field)],
  [at('(?:spec\\.)?(?:template\\.)?metadata\\.annotations.*attempt'), () => TRIED_AGAIN],
  [at('(?:spec\\.)?template\\.metadata\\.annotations.*certificate'), () => 'the certificate changes'],
];

function variable(field, name) {
  return field.path.at(-1) === 'value' ? `variable ${name} changes` : nameOnly(`variable ${name}`, field);
}

/** Those that put secrets in place are ours. */
function initContainers(field, name) {
  const names = name === undefined ? (field.after ?? field.before ?? []).map((one) => one.name) : [name];
  const part = name !== undefined && field.path.at(-1) !== name;
  return names.map((one) =>
    one?.endsWith('-secrets')
      ? 'the init container for secrets changes'
      : nameOnly(`init container ${one}`, part ? { before: 1, after: 1 } : field),
  );
}

/** A secret of another value is another Secret, which the files are taken from. */
function secrets({ before, after, hidden }) {
  if (hidden) return 'secrets change';
  const names = (list) =>
    new Map((Array.isArray(list) ? list : []).map(({ secret }) => [secret?.items?.[0]?.path ?? '', secret?.name]));
  const [from, to] = [names(before), names(after)];
  const parts = [...new Set([...from.keys(), ...to.keys()])]
    .filter((file) => from.get(file) !== to.get(file))
    .map((file) => nameOnly(`secret ${file}`, { before: from.get(file), after: to.get(file) }));
  return parts.length > 0 ? parts : 'secrets change';
}

function deployment({ op, before, after, fields }) {
  const replicas = (after ?? before)?.spec?.replicas;
  const pods = replicas === undefined ? 'its pods' : `its ${plural(replicas, 'pod')}`;
  if (op === 'create') {
    const of = image((after?.spec?.template?.spec?.containers ?? [])[0]?.image);
    return { lines: [replicas === undefined ? `pods of image ${of}` : `${plural(replicas, 'pod')} of image ${of}`] };
  }
  if (op === 'delete') return { lines: [], effect: `${pods} ${replicas === 1 ? 'ends' : 'end'}` };
  const lines = linesOf(fields, POD_RULES);
  if (op === 'replace')
    return { lines, effect: 'the Deployment is deleted and created: no pod answers until a new one is ready' };
  const ends = replicas === 0 && before.spec?.replicas > 0;
  if (!ends && fields.some(({ path }) => path[0] === 'spec' && path[1] === 'template')) {
    const one = replicas === 1;
    return after.spec?.strategy?.type === 'Recreate'
      ? {
          lines,
          effect: `${pods} ${one ? 'stops' : 'stop'} first: the service is away until a new one is ready; its data is kept`,
        }
      : { lines, effect: `${pods} ${one ? 'is' : 'are'} replaced one at a time, a new one before an old one ends` };
  }
  const [was, is] = [before.spec?.replicas, after.spec?.replicas];
  if (is !== was && is !== undefined && was !== undefined) return { lines, effect: scaled(was, is, 'pod') };
  return { lines, effect: 'nothing restarts' };
}

function job({ op, after, fields }) {
  if (op === 'create')
    return {
      lines: [`image ${image((after?.spec?.template?.spec?.containers ?? [])[0]?.image)}`],
      effect: 'the job runs once',
    };
  if (op === 'delete') return { lines: [], effect: 'the job is deleted' };
  return { lines: linesOf(fields, POD_RULES), effect: 'the job runs again' };
}

function claim(change) {
  const { op, kept, fields } = change;
  const taken = takenOver(change);
  if (taken) return { lines: [taken] };
  if (op === 'delete')
    return { lines: [kept ? 'storage is no longer used; its data is kept' : 'storage is deleted with its data'] };
  if (op === 'create') return { lines: ['storage is created'] };
  const rules = [[at('spec\\.resources\\.requests\\.storage'), (field) => changed('size of the storage', field)]];
  return {
    lines: linesOf(fields, rules),
    effect: op === 'replace' ? 'the storage is deleted and created' : 'the data is kept',
  };
}

function autoscaler({ op, fields, name }) {
  if (op === 'create' || op === 'delete') return { lines: [`autoscaler ${name} is ${op}d`] };
  const rules = [
    [at('spec\\.minReplicas'), (field) => changed('minimum replicas', field)],
    [at('spec\\.maxReplicas'), (field) => changed('maximum replicas', field)],
  ];
  return { lines: linesOf(fields, rules) };
}

/** Whom a policy names, in and out. */
function peers(policy, direction, end) {
  const rules = policy?.spec?.[direction] ?? [];
  return rules.flatMap((rule) => {
    const named = rule?.[end] ?? [];
    // A rule without peers is for all of them.
    return named.length === 0 ? ['anywhere'] : named.map(peer);
  });
}

const EVERYBODY = ['0.0.0.0/0', '::/0'];

function peer({ podSelector, ipBlock, namespaceSelector }) {
  if (ipBlock) return EVERYBODY.includes(ipBlock.cidr) ? `anywhere (${ipBlock.cidr})` : ipBlock.cidr;
  const pods = podSelector && !selectsAll(podSelector) ? selected(podSelector) : 'all pods';
  if (!namespaceSelector) return pods;
  return `${pods} in ${selectsAll(namespaceSelector) ? 'all namespaces' : `namespaces with ${selected(namespaceSelector)}`}`;
}

const selectsAll = ({ matchLabels = {}, matchExpressions = [] }) =>
  Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;

function selected({ matchLabels = {}, matchExpressions = [] }) {
  const name = matchLabels['app.kubernetes.io/name'];
  if (name !== undefined && matchExpressions.length === 0) return name;
  return JSON.stringify(matchExpressions.length === 0 ? matchLabels : { ...matchLabels, matchExpressions });
}

/** A policy of another content is another object: both together are one change. */
function policy({ op, before, after, fields }) {
  if (op === 'create') return { lines: ['network policy is created'] };
  if (op === 'delete') return { lines: ['network policy is deleted'] };
  const lines = [
    ['ingress', 'from', 'connections from'],
    ['egress', 'to', 'connections to'],
  ].flatMap(([direction, end, words]) => {
    const [from, to] = [peers(before, direction, end), peers(after, direction, end)];
    return [
      ...to.filter((one) => !from.includes(one)).map((one) => `${words} ${one} are allowed`),
      ...from.filter((one) => !to.includes(one)).map((one) => `${words} ${one} are no longer allowed`),
    ];
  });
  if (lines.length > 0) return { lines };
  const left = (fields.length > 0 ? fields : differences(before, after)).filter(({ path }) => path[0] === 'spec');
  return {
    lines: left.length > 0 ? linesOf(left, []).map((line) => `network policy: ${line}`) : ['network policy changes'],
  };
}

/** By type, as in preview-docker.mjs. */
export const KUBERNETES = {
  'kubernetes:apps/v1:Deployment': deployment,
  'kubernetes:batch/v1:Job': job,
  'kubernetes:core/v1:PersistentVolumeClaim': claim,
  'kubernetes:autoscaling/v2:HorizontalPodAutoscaler': autoscaler,
  'kubernetes:networking.k8s.io/v1:NetworkPolicy': policy,
};
