// What a change of a resource on Docker means, in words. Pure: see preview-summary.mjs.
import { labelsOf } from './preview-changes.mjs';
import {
  bytes,
  changed,
  cpus,
  changedImage,
  image,
  linesOf,
  nameOnly,
  plural,
  scaled,
  shown,
  takenOver,
  TRIED_AGAIN,
} from './preview-words.mjs';

/** Services deployed before had a version in the names of their writable folders; decision 36. */
const VERSIONED = /-[0-9a-f]{6}-\d+-\{\{/;
const CONTAINER = 'taskSpec\\.containerSpec\\.';
const at = (pattern) => new RegExp(`^${pattern}$`);

const mountLine = (field, target, rest) => {
  const value = field.after ?? field.before;
  if (rest === '.source' && VERSIONED.test(field.before ?? value)) return undefined;
  if (rest) return changed(`mount ${target}${rest}`, field);
  const what = value?.volumeOptions || value?.type === 'tmpfs' ? 'writable folder' : 'storage';
  return nameOnly(`${what} ${target}`, field);
};

const SERVICE_RULES = [
  [at('mode\\.replicated\\.replicas'), (field) => changed('replicas', field)],
  [at(`${CONTAINER}image`), (field) => changedImage('image', field)],
  [at(`${CONTAINER}env(?:\\.(.+))?`), (field, name) => environment(field, name)],
  [at('taskSpec\\.resources\\.limits\\.memoryBytes'), (field) => changed('memory limit', field, bytes)],
  [at('taskSpec\\.resources\\.reservation\\.memoryBytes'), (field) => changed('memory request', field, bytes)],
  [at('taskSpec\\.resources\\.limits\\.nanoCpus'), (field) => changed('cpu limit', field, cpus)],
  [at('taskSpec\\.resources\\.reservation\\.nanoCpus'), (field) => changed('cpu request', field, cpus)],
  [at(`${CONTAINER}secrets(?:\\.([^.]+))?(?:\\..+)?`), (field, name) => secretLine(field, name)],
  [at(`${CONTAINER}configs(?:\\.([^.]+))?(?:\\..+)?`), (field, name) => configLine(field, name)],
  [at(`${CONTAINER}mounts\\.([^.]+)(\\..+)?`), mountLine],
  [at(`${CONTAINER}mounts`), (field) => (field.hidden ? undefined : 'mounts change')],
  [at(`${CONTAINER}healthcheck(?:\\..+)?`), (field) => nameOnly('health check', field)],
  [at(`${CONTAINER}(?:commands|args)(?:\\..+)?`), () => 'command changes'],
  [at(`${CONTAINER}stopGracePeriod`), (field) => changed('stopGrace', field)],
  [at(`${CONTAINER}user`), (field) => changed('user', field)],
  [
    at(`${CONTAINER}(capAdds|capDrops)`),
    (field, name) => changed(name === 'capAdds' ? 'capabilities' : 'dropped capabilities', field),
  ],
  [at(`${CONTAINER}env\\.PROXY`), () => 'its proxy is a new container'],
  [at('taskSpec\\.networksAdvanceds(?:\\..+)?'), () => 'networks change'],
  [at('taskSpec\\.forceUpdate'), () => TRIED_AGAIN],
  // 0.0 as the engine writes it is 0.
  [at('(?:update|rollback)Config\\.maxFailureRatio'), (field) => ratio(field)],
  [at('updateConfig\\.(.+)'), (field, name) => changed(`updates: ${name}`, field)],
  [at('rollbackConfig\\.(.+)'), (field, name) => changed(`rollbacks: ${name}`, field)],
  // What it means says the effect.
  [at('(?:name|labels\\.components\\.shop/variant)(?:\\..+)?'), () => undefined],
  // Of the provider: empty after an update, absent before the first one.
  [at(`${CONTAINER}sysctl`), (field) => (field.hidden ? undefined : changed('sysctl', field))],
];

function ratio(field) {
  return Number(field.before) === Number(field.after) ? undefined : changed('updates: maxFailureRatio', field);
}

/** A file that was replaced has another id and another name: one line for both. */
function secretLine(field, name) {
  if (name === undefined) return 'secrets change';
  return field.path.length > 4 ? `secret ${name} changes` : nameOnly(`secret ${name}`, field);
}

function configLine(field, name) {
  if (name === undefined) return 'files change';
  if (name === '/run/probe/probe') return 'the probe of its health checks changes';
  return field.path.length > 4 ? `${name} changes` : nameOnly(name, field);
}

/** Names only: what is no secret to Pulumi may be one to its owner. */
function environment(field, name) {
  if (name !== undefined) return nameOnly(`variable ${name}`, field);
  const names = Object.keys(field.after ?? field.before ?? {});
  if (names.length === 0) return 'variables change';
  return nameOnly(`${names.length === 1 ? 'variable' : 'variables'} ${names.join(', ')}:`, field).replace(
    /: (?:is )?/,
    ': ',
  );
}

function service(change, { kind }) {
  if (labelsOf(change.after ?? change.before).component === 'proxy-config') return proxyConfig(change);
  const { op, before, after, fields, left } = change;
  const replicas = (after ?? before)?.mode?.replicated?.replicas;
  if (op === 'create') {
    const what = `image ${image(after?.taskSpec?.containerSpec?.image)}`;
    return kind === 'job'
      ? { lines: [what], effect: 'the job runs once' }
      : { lines: [`${plural(replicas, 'replica')} of ${what}`], effect: undefined };
  }
  const end = `its ${plural(replicas, 'replica')} ${replicas === 1 ? 'ends' : 'end'}`;
  if (left) return { lines: [`service ${before?.name}, which another has taken over from, is deleted`], effect: end };
  if (op === 'delete') return { lines: [], effect: end };
  const lines = linesOf(fields, SERVICE_RULES);
  return { lines, effect: op === 'replace' ? replaceEffect(change, kind) : updateEffect(change, kind) };
}

function replaceEffect({ before, after }, kind) {
  if (kind === 'job') return 'the service of the job is deleted and created: the job runs again';
  if (before?.name !== after?.name) {
    return `a new service ${after?.name} takes over: its replicas answer before those of ${before?.name} end`;
  }
  return 'the service is deleted and created: no replica answers until a new one is ready';
}

function updateEffect({ before, after, fields }, kind) {
  const restarts = fields.some(
    // Swarm replaces tasks for other ports as well.
    ({ path, hidden }) =>
      path[0] === 'endpointSpec' || (path[0] === 'taskSpec' && !(hidden && /sysctl$/.test(path.at(-1)))),
  );
  const was = before.mode?.replicated?.replicas ?? 0;
  const is = after.mode?.replicated?.replicas ?? 0;
  if (restarts && was > 0 && is > 0) {
    if (kind === 'job') return 'the job runs again';
    const number = was === is ? `its ${plural(is, 'replica')}` : 'its replicas';
    if (after.updateConfig?.order === 'start-first') {
      const pace = after.updateConfig.parallelism > 1 ? `${after.updateConfig.parallelism} at a time` : 'one at a time';
      return `${number} ${is === 1 && was === is ? 'is' : 'are'} replaced ${pace}, a new one before an old one ends`;
    }
    return `${number} ${is === 1 && was === is ? 'stops' : 'stop'} first: the service is away until a new one is ready; its data is kept`;
  }
  if (is !== was) return scaled(was, is, 'replica');
  return 'nothing restarts';
}

function proxyConfig({ op, fields, name }) {
  const proxy = name.endsWith('-lb-config') ? 'load balancer' : 'proxy';
  // The container says it.
  if (op === 'create' || op === 'delete') return { lines: [] };
  const again = fields.every(({ path }) => path.at(-1) === 'forceUpdate');
  const rules = fields.filter(({ path }) => path[2] !== 'configs' && !['PROXY', 'forceUpdate'].includes(path.at(-1)));
  const effect = `the ${proxy} reloads its rules, no connection is cut`;
  const lines = linesOf(rules, SERVICE_RULES).map((line) => `${proxy} rules: ${line}`);
  return {
    lines: again ? [`the ${proxy} is configured again: its last update did not complete`, ...lines] : lines,
    effect,
  };
}

const port = (value) => (Array.isArray(value) ? value.map(({ external }) => external).join(', ') : shown(value));

function container({ op, fields, name }) {
  const proxy = name.endsWith('-lb-container') ? 'load balancer' : 'proxy';
  if (op === 'create') return { lines: [`a ${proxy} is created`], effect: undefined };
  if (op === 'delete') return { lines: [`the ${proxy} is deleted`], effect: undefined };
  const rules = [
    [at('memory'), (field) => changed('memory of the proxy', field, (value) => `${shown(value)} MiB`)],
    [at('memorySwap'), () => undefined],
    [at('image'), (field) => changedImage('image of the proxy', field)],
    [at('ports.*'), (field) => changed('published port', field, port)],
  ];
  const lines = linesOf(fields, rules);
  if (op !== 'replace') return { lines, effect: `the ${proxy} changes while it runs` };
  return {
    lines,
    effect: `the ${proxy} is deleted and created: its connections are cut, and nobody is answered for some seconds`,
  };
}

function network({ op, fields, name }) {
  const what = name.endsWith('-internet') ? 'way to the internet' : 'network';
  if (op === 'create' || op === 'delete') return { lines: [`${what} is ${op}d`] };
  const rules = [[at('ipamConfigs.*'), (field) => changed('addresses', field)]];
  const lines = linesOf(fields, rules).map((line) => `${what}: ${line}`);
  return op === 'replace' ? { lines, effect: `the ${what} is deleted and created` } : { lines };
}

function volume(change) {
  const { op, name, kept, fields, before, after } = change;
  const what = name.endsWith('-data') ? 'storage' : 'volume of the proxy';
  const taken = takenOver(change);
  if (taken) return { lines: [taken] };
  if (what !== 'storage' && (op === 'create' || op === 'delete')) return { lines: [] };
  if (op === 'delete' && kept) return { lines: [`${what} is no longer used; its data is kept`] };
  if (op === 'create' || op === 'delete') return { lines: [`${what} is ${op}d`] };
  const lines = linesOf(fields, []).map((line) => `${what}: ${line}`);
  if (op !== 'replace') return { lines };
  return {
    lines,
    effect: kept
      ? `its ${what} is ${after?.name} from now on; the data of ${before?.name} is kept`
      : `the ${what} is deleted and created`,
  };
}

function remoteImage({ op, before, after }) {
  const name = image((after ?? before)?.name ?? '');
  if (op === 'delete') return { lines: [`${name} is no longer used; it stays on the engine`] };
  return { lines: [(after ?? before)?.build ? `${name} is built` : `${name} is fetched`] };
}

function registryImage({ op, before, after }) {
  const name = image((after ?? before)?.name ?? '');
  return { lines: [op === 'delete' ? `${name} is no longer used; it stays in the registry` : `${name} is pushed`] };
}

/** By type: from a change and the member it belongs to, to lines of what changes and what that does to what runs. */
export const DOCKER = {
  'docker:index/service:Service': service,
  'docker:index/container:Container': container,
  'docker:index/network:Network': network,
  'docker:index/volume:Volume': volume,
  'docker:index/remoteImage:RemoteImage': remoteImage,
  'docker:index/registryImage:RegistryImage': registryImage,
};
