// From the JSON of `pulumi preview --json --show-sames` to what changes, resource by resource. Pure.

/** What Pulumi writes for a value that is known only when something else has been made. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const SECRET = '[secret]';
/** Steps that change nothing. */
export const QUIET = new Set(['same', 'read', 'refresh', 'read-discard', 'discard']);
const REPLACING = new Set(['replace', 'create-replacement', 'delete-replaced']);
const STACK = 'pulumi:pulumi:Stack';
const COMPONENTS = {
  'shop:components:Application': 'application',
  'shop:components:Microservice': 'microservice',
  'shop:components:Job': 'job',
  'shop:components:Gateway': 'gateway',
  'shop:components:Image': 'image',
};
const MEMBERS = ['microservice', 'job', 'gateway'];
const STORAGE = ['docker:index/volume:Volume', 'kubernetes:core/v1:PersistentVolumeClaim'];
const LABEL_NAME = 'app.kubernetes.io/name';
const LABEL_COMPONENT = 'app.kubernetes.io/component';
/** Keys that tell the items of a list apart, wherever they stand in it. */
const KEYS = ['label', 'fileName', 'target', 'mountPath', 'containerPath', 'name', 'key', 'containerPort', 'id', 'Sid'];

/**
 * The changes of a preview, each resource once, and apart from it what an earlier update has left of it.
 *
 * @returns `op` ("create", "update", "delete", "replace", or another word of Pulumi's), `type`, `name`, `member` (kind and
 *   name of the microservice, job, gateway, image or application that it belongs to), `before`, `after`, `fields`,
 *   `left` where it was replaced before, and what was left of it then goes, the options `kept`, `protect` and `deletedFirst`,
 *   and of storage that changes hands `goesTo` and `comesFrom`: the name of the other member.
 *   Of a plan, `replacedParts` says what is replaced in a component, and `mayReplace` which fields may replace it.
 */
export function changesOf({ steps = [] }) {
  const urns = [...new Set(steps.filter(({ op }) => !QUIET.has(op)).map(({ urn }) => urn))];
  const application = applicationName(steps);
  const changes = urns
    .flatMap((urn) => {
      const own = steps.filter((step) => step.urn === urn && !QUIET.has(step.op));
      const left = own.filter((step) => isLeft(step, own));
      const rest = own.filter((step) => !left.includes(step));
      return [rest, left].filter(({ length }) => length > 0).map((some) => ({ urn, own: some, left: some === left }));
    })
    .map(({ urn, own, left }) => {
      const replaced = !left && own.some(({ op }) => REPLACING.has(op));
      const main = own.find(({ op }) => op === 'replace') ?? own[0];
      const state = main.newState ?? main.oldState ?? {};
      const before = own.find(({ oldState }) => oldState)?.oldState?.inputs;
      const after = own.find(({ newState }) => newState)?.newState?.inputs;
      return {
        op: left ? 'delete' : replaced ? 'replace' : main.op,
        left,
        urn,
        type: typeOf(urn),
        name: nameOf(urn),
        member: memberOf(urn, state, application),
        before,
        after,
        kept: main.oldState?.retainOnDelete === true,
        protect: main.oldState?.protect === true,
        deletedFirst: main.newState?.deleteBeforeReplace === true,
        // Only of a plan, which sees no children of other packages' components, and does not know everything that a provider does.
        replacedParts: main.replacedParts ?? [],
        mayReplace: main.mayReplace ?? [],
        fields: before && after ? fieldsOf(before, after, main.detailedDiff) : [],
      };
    })
    .filter(({ type }) => type !== STACK);
  return changes.map((change) => ({ ...change, ...otherOwner(change, changes) }));
}

/** A renamed member takes the storage of before over by its `storage.name`: one object that two resources stand for. */
function otherOwner({ op, type, kept, before, after }, changes) {
  if (!STORAGE.includes(type)) return {};
  const other = (wanted, name) =>
    changes.find((one) => one.type === type && one.op === wanted && engineName(one.before ?? one.after) === name);
  if (op === 'delete' && kept) return { goesTo: other('create', engineName(before))?.member.name };
  const former = op === 'create' ? other('delete', engineName(after)) : undefined;
  return { comesFrom: former?.kept ? former.member.name : undefined };
}

/** What the engine, or the cluster, knows an object by. */
export const engineName = (inputs) => inputs?.metadata?.name ?? inputs?.name;

/** Whether an earlier update has replaced it, and failed before it came to delete what was there before. */
function isLeft({ op, oldState }, own) {
  if (op !== 'delete-replaced') return false;
  const replaced = own.find((step) => step.op === 'replace' || step.op === 'create-replacement');
  return replaced === undefined || (oldState?.id !== undefined && oldState.id !== replaced.oldState?.id);
}

/** Differences of two values: path, value before and after; `undefined` where there is none. */
export function differences(before, after, path = []) {
  const [from, to] = [documentOf(before), documentOf(after)];
  if (from !== undefined && to !== undefined) return differences(from, to, path);
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, path);
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => key !== '__defaults');
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  return same(before, after) ? [] : [{ path, before, after }];
}

/** What a text of JSON holds, such as a policy of IAM; `undefined` for any other value. */
export function documentOf(value) {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function isUnknown(value) {
  return JSON.stringify(value ?? null).includes(UNKNOWN);
}

export function isSecret(value) {
  return JSON.stringify(value ?? null).includes(SECRET);
}

/** Inputs do not show a changed secret, nor what somebody has changed by hand: that only Pulumi's own paths do. */
function fieldsOf(before, after, detailedDiff) {
  const found = differences(before, after);
  const said = found.map(({ path }) => path.join('.'));
  const hidden = Object.entries(detailedDiff ?? {}).filter(
    ([text]) => !text.startsWith('__') && !said.some((one) => overlap(one, text)),
  );
  return [...found, ...hidden.map(([text, { kind }]) => ({ path: text.split('.'), hidden: true, kind }))];
}

/** Whether two paths may be of one property; Pulumi counts the items of a list, which have names here. */
function overlap(one, other) {
  const [short, long] = [one, other.split('[')[0]].sort((a, b) => a.length - b.length);
  return long === short || long.startsWith(`${short}.`);
}

function listDifferences(before, after, path) {
  const key = KEYS.find((one) => identifies([...before, ...after], one) && unique(before, one) && unique(after, one));
  if (key === undefined) {
    return same(before, after) ? [] : [{ path, before, after }];
  }
  const names = [...new Set([...before, ...after].map((item) => String(item[key])))];
  const of = (list, name) => list.find((item) => String(item[key]) === name);
  return names.flatMap((name) => differences(of(before, name), of(after, name), [...path, name]));
}

const identifies = (list, key) => list.length > 0 && list.every((item) => isObject(item) && item[key] !== undefined);
const unique = (list, key) => new Set(list.map((item) => String(item[key]))).size === list.length;
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const same = (one, other) => JSON.stringify(plain(one)) === JSON.stringify(plain(other));

/** Without what Pulumi notes for itself, in an order of its own. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value ?? null;
  const entries = Object.entries(value).filter(([key]) => key !== '__defaults');
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, plain(one)]));
}

const nameOf = (urn) => urn.split('::').slice(3).join('::');
const typeOf = (urn) => urn.split('::')[2].split('$').at(-1);

function applicationName(steps) {
  const urns = steps.flatMap(({ urn, newState, oldState }) => [urn, newState?.parent, oldState?.parent]);
  const found = urns.find((urn) => urn && COMPONENTS[typeOf(urn)] === 'application');
  return found && nameOf(found);
}

function memberOf(urn, { parent, inputs }, application) {
  const owner = [urn, parent].find((one) => one && COMPONENTS[typeOf(one)] !== undefined);
  if (owner === undefined) return { kind: 'other', name: '' };
  const kind = COMPONENTS[typeOf(owner)];
  const name = nameOf(owner);
  if (kind === 'image') return { kind, name };
  if (kind !== 'application') return { kind, name: without(name, application) };
  const { name: labelled, component } = labelsOf(inputs);
  return MEMBERS.includes(component) ? { kind: component, name: labelled } : { kind, name };
}

function without(name, application) {
  return application !== undefined && name.startsWith(`${application}-`) ? name.slice(application.length + 1) : name;
}

/** They tell what belongs to a member and is a child of the application, such as its network. */
export function labelsOf(inputs) {
  const { labels, metadata } = inputs ?? {};
  const label = (key) =>
    Array.isArray(labels) ? labels.find((one) => one.label === key)?.value : metadata?.labels?.[key];
  return { name: label(LABEL_NAME), component: label(LABEL_COMPONENT) };
}
