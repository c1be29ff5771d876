import { isDeepStrictEqual } from 'node:util';
import type { ApplicationDefinition } from '../../../components/application-spec';
import type { MicroserviceArgs } from '../../../components/microservice-spec';
import type { Random } from './random';

/** What an edit may change of a service. */
export interface ModelService {
  image: string;
  version: string;
  env: Record<string, string>;
  port: number;
  replicas: number;
  storage: boolean;
  internet: boolean;
  secret?: string;
  calls: string[];
  /** Whether the gateway leads to it, under its own host name. */
  routed: boolean;
}

/** An application as the test means it: services by name. */
export type Model = Readonly<Record<string, Readonly<ModelService>>>;

/** One edit, in words that tell how to repeat it. */
export interface Edit {
  what: string;
  after: Model;
}

const NAMES = ['ada', 'ben', 'cleo', 'dora', 'emil', 'fay'];
const MOST_SERVICES = 5;
const PORTS = [8080, 8081] as const;
const MOST_REPLICAS = 3;

export const hostOf = (service: string) => `${service}.example.com`;

function plain(image: string): ModelService {
  const none = { env: {}, storage: false, internet: false, calls: [] };
  return { ...none, image, version: '1', port: PORTS[0], replicas: 1, routed: true };
}

/** Where every run begins: a chain of three, with data at its end. */
export function firstModel(image: string): Model {
  const service = plain(image);
  return {
    ada: { ...service, replicas: 2, calls: ['ben'] },
    ben: { ...service, calls: ['cleo'] },
    cleo: { ...service, storage: true },
  };
}

/** The definition of a model; what is not in the model comes from `common`. */
export function definitionOf(model: Model, common: MicroserviceArgs): ApplicationDefinition {
  const services = Object.entries(model).map(([name, one]): [string, MicroserviceArgs] => {
    const { image, version, env, port, replicas, storage, internet, secret, calls } = one;
    const [callee] = calls;
    return [
      name,
      {
        ...common,
        image,
        port,
        replicas,
        internet,
        calls,
        env: {
          ...env,
          VERSION: version,
          PORT: String(port),
          ...(callee === undefined ? {} : { CALLEE: `${callee}:${model[callee]!.port}` }),
          ...(storage ? { DATA: '/data' } : {}),
        },
        ...(storage ? { storage: { path: '/data', size: '16Mi' } } : {}),
        ...(secret === undefined ? {} : { secrets: { token: secret } }),
      },
    ];
  });
  const routes = namesOf(model, ({ routed }) => routed).map((to) => ({ host: hostOf(to), path: '/', to }));
  return { services: Object.fromEntries(services), gateway: { routes } };
}

/** Services whose short requests an edit may not cost: what is excepted is documented. */
export function undisturbed(before: Model, after: Model): string[] {
  const [old, now] = [before, after].map((model) => definitionOf(model, { image: '' }).services);
  return namesOf(before, ({ routed }) => routed).filter((name) => {
    const [was, is] = [before[name]!, after[name]];
    if (!is?.routed || was.internet !== is.internet) return false;
    // It has one replica, which stops before the next one starts.
    return !(was.storage || is.storage) || isDeepStrictEqual(old![name], now![name]);
  });
}

/** A random edit that gives a valid application. */
export function randomEdit(model: Model, random: Random, images: readonly string[]): Edit {
  for (;;) {
    const edit = random.pick(EDITS)(model, random, images);
    if (edit && isValid(edit.after) && !isDeepStrictEqual(edit.after, model)) return edit;
  }
}

type MakeEdit = (model: Model, random: Random, images: readonly string[]) => Edit | undefined;

const EDITS: readonly MakeEdit[] = [
  add,
  remove,
  rename,
  call,
  call,
  noCall,
  changed('routed', ({ routed }) => !routed),
  changed('port', ({ port }) => PORTS.find((other) => other !== port)!),
  changed('storage', ({ storage }) => !storage),
  changed('internet', ({ internet }) => !internet),
  changed('replicas', (_, random) => random.integer(1, MOST_REPLICAS)),
  changed('secret', (_, random) => (random.chance(0.7) ? `secret-${random.integer(1, 1e6)}` : undefined)),
  changed('version', (_, random) => String(random.integer(1, 1e6))),
  changed('image', (_, random, images) => random.pick(images)),
  changed('env', (_, random) =>
    Object.fromEntries(Array.from({ length: random.integer(0, 4) }, (_, n) => [`V${n}`, 'x'])),
  ),
  several,
];

/** Two edits at once, as people make them. */
function several(model: Model, random: Random, images: readonly string[]): Edit {
  const first = randomEdit(model, random, images);
  const second = randomEdit(first.after, random, images);
  return { what: `${first.what}, and ${second.what}`, after: second.after };
}

function changed<K extends keyof ModelService>(
  key: K,
  value: (service: ModelService, random: Random, images: readonly string[]) => ModelService[K],
): MakeEdit {
  return (model, random, images) => {
    const name = random.pick(Object.keys(model));
    const { [key]: _before, ...others } = model[name]!;
    const next = value(model[name]!, random, images);
    const service = (next === undefined ? others : { ...others, [key]: next }) as ModelService;
    return { what: `${name}: ${key} = ${JSON.stringify(next)}`, after: { ...model, [name]: service } };
  };
}

function add(model: Model, random: Random, images: readonly string[]): Edit | undefined {
  const free = NAMES.filter((name) => !(name in model));
  if (free.length === 0) return undefined;
  const name = random.pick(free);
  const caller = random.pick(Object.keys(model));
  const called = random.chance(0.5);
  const service = { ...plain(random.pick(images)), storage: random.chance(0.3), routed: random.chance(0.7) };
  const after = { ...model, [name]: service, ...(called ? withCall(model, caller, name) : {}) };
  return { what: `add ${name} ${JSON.stringify(service)}${called ? `, called by ${caller}` : ''}`, after };
}

function remove(model: Model, random: Random): Edit {
  const name = random.pick(Object.keys(model));
  return { what: `remove ${name}`, after: without(model, name) };
}

function rename(model: Model, random: Random): Edit | undefined {
  const free = NAMES.filter((name) => !(name in model));
  if (free.length === 0) return undefined;
  const [from, to] = [random.pick(Object.keys(model)), random.pick(free)];
  const renamed = Object.entries(model).map(([name, service]): [string, ModelService] => [
    name === from ? to : name,
    { ...service, calls: service.calls.map((callee) => (callee === from ? to : callee)) },
  ]);
  return { what: `rename ${from} to ${to}`, after: Object.fromEntries(renamed) };
}

function call(model: Model, random: Random): Edit {
  const [caller, callee] = [random.pick(Object.keys(model)), random.pick(Object.keys(model))];
  return { what: `${caller} calls ${callee}`, after: { ...model, ...withCall(model, caller, callee) } };
}

function noCall(model: Model, random: Random): Edit | undefined {
  const callers = namesOf(model, ({ calls }) => calls.length > 0);
  if (callers.length === 0) return undefined;
  const caller = random.pick(callers);
  const callee = random.pick(model[caller]!.calls);
  const calls = model[caller]!.calls.filter((name) => name !== callee);
  return { what: `${caller} no longer calls ${callee}`, after: { ...model, [caller]: { ...model[caller]!, calls } } };
}

function withCall(model: Model, caller: string, callee: string): Model {
  const service = model[caller]!;
  return { [caller]: { ...service, calls: [...new Set([...service.calls, callee])] } };
}

function without(model: Model, name: string): Model {
  return Object.fromEntries(
    Object.entries(model)
      .filter(([other]) => other !== name)
      .map(([other, service]) => [other, { ...service, calls: service.calls.filter((callee) => callee !== name) }]),
  );
}

function isValid(model: Model): boolean {
  const services = Object.values(model);
  return (
    services.length >= 2 &&
    services.length <= MOST_SERVICES &&
    services.some(({ routed }) => routed) &&
    services.every(({ storage, replicas }) => !storage || replicas === 1) &&
    Object.keys(model).every((name) => !reaches(model, name, name))
  );
}

/** Whether calls lead from one service to another. */
function reaches(model: Model, from: string, to: string): boolean {
  const met = new Set(model[from]!.calls);
  for (const name of met) for (const callee of model[name]!.calls) met.add(callee);
  return met.has(to);
}

export function namesOf(model: Model, condition: (service: ModelService) => boolean): string[] {
  return Object.keys(model).filter((name) => condition(model[name]!));
}

/** Names that some service may have had. */
export const ALL_NAMES: readonly string[] = NAMES;
export const ALL_PORTS: readonly number[] = PORTS;
