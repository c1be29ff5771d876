import * as pulumi from '@pulumi/pulumi';
import { getMonitor } from '@pulumi/pulumi/runtime/settings';
import * as state from '@pulumi/pulumi/runtime/state';

/** Not in the package's types. */
const { getStore } = state as unknown as {
  getStore: () => { callbacks: unknown; settings: { rpcDone: Promise<unknown> } };
};

/** One resource as the program asks the engine for it, read from the request itself. */
export interface Registration {
  type: string;
  name: string;
  /** Name of the parent; empty for what has none. */
  parent: string;
  /** What the engine would know the parent by; empty for what has none. */
  parentUrn: string;
  inputs: Record<string, unknown>;
  /** Names of the resources that it depends on, explicitly or by an input; sorted. */
  dependencies: string[];
  /** Properties that were given as secrets, with their path. */
  secrets: string[];
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  protect: boolean;
  ignoreChanges: string[];
  /** Names of the providers that it, or a component's children, go through. */
  provider: string;
  /** Hooks by the moment at which they run. */
  hooks: Record<string, string[]>;
}

export interface Deployment<T> {
  result: T;
  /** In the order of registration. */
  registrations: Registration[];
  /** What `registerOutputs` was called with, by the component's name. */
  outputs: Map<string, Record<string, unknown>>;
  warnings: string[];
  /** What a hook does, by its name, and what it returns. */
  runHook: (name: string, args?: unknown) => Promise<unknown>;
}

/** What providers would compute, by type. */
export type Computed = Record<string, (name: string, inputs: Record<string, unknown>) => Record<string, unknown>>;

/** What functions of providers answer, by token. Any other call makes the test fail. */
export type Calls = Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>;

interface DeployOptions {
  project?: string;
  stack?: string;
  preview?: boolean;
  computed?: Computed;
  calls?: Calls;
  /** Id that a resource gets. */
  idOf?: (name: string) => string;
}

/** The types that every program under test may use. Any other makes the test fail, unless the test brings it along. */
const COMPUTED: Computed = {
  'docker:index/container:Container': () => ({}),
  'docker:index/network:Network': () => ({}),
  'docker:index/registryImage:RegistryImage': () => ({ sha256Digest: 'sha256:pushed' }),
  'docker:index/remoteImage:RemoteImage': () => ({ imageId: 'sha256:built' }),
  'docker:index/secret:Secret': (name) => ({ name: `${name}-0123456` }),
  'docker:index/service:Service': () => ({}),
  'docker:index/serviceConfig:ServiceConfig': () => ({}),
  'docker:index/volume:Volume': () => ({}),
  'pulumi:providers:docker': () => ({}),
};

const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET_SIGNATURE = '1b47061264138c4ac30d75fd1eb44270';

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getUrn(): string;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getOutputs(): { toJavaScript(): Record<string, unknown> };
  getDependenciesList(): string[];
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getProtect(): boolean;
  getIgnorechangesList(): string[];
  getProvider(): string;
  getProvidersMap(): { toArray(): [string, string][] };
  getHooks(): { toObject(): Record<string, string[]> } | undefined;
}
type Callback = (error: unknown, response: unknown) => void;
interface Monitor {
  registerResource(request: Request, callback: Callback): Promise<void>;
  registerResourceOutputs(request: Request, callback: Callback): void;
}

const nameOf = (urn: string) => urn.split('::').at(-1) ?? '';

/**
 * Runs a program against mocks and waits until every resource it asked for is registered. Mocks alone show type, name
 * and inputs; parents, dependencies and options are read from the requests to the engine. Unknown types and all calls
 * of provider functions fail the test.
 */
export async function deploy<T>(
  program: () => T | Promise<T>,
  {
    project = 'shop',
    stack = 'dev',
    preview = false,
    computed: more = {},
    calls = {},
    idOf = (name) => `${name}-id`,
  }: DeployOptions = {},
): Promise<Deployment<T>> {
  const registrations: Registration[] = [];
  const outputs = new Map<string, Record<string, unknown>>();
  const hooks = new Map<string, (args: unknown) => unknown>();
  const failures: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }: { type: string; name: string; inputs: Record<string, unknown> }) => {
        if (type.startsWith('shop:components:')) return { id: undefined, state: {} };
        const computed = more[type] ?? COMPUTED[type];
        // Thrown here it would end as rejections that nobody handles; it is thrown when the program has ended.
        if (!computed) failures.push(`unexpected type ${type} of ${name}`);
        return { id: idOf(name), state: { ...inputs, ...computed?.(name, inputs) } };
      },
      call: ({ token, inputs }) => {
        const answer = calls[token];
        if (!answer) failures.push(`unexpected call of ${token}`);
        return answer?.(inputs as Record<string, unknown>) ?? {};
      },
    },
    project,
    stack,
    preview,
    'organization',
  );
  const monitor = getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    registrations.push(registration(request));
    return register(request, callback);
  };
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    const name = nameOf(request.getUrn());
    if (outputs.has(name)) failures.push(`outputs of ${name} are registered twice`);
    outputs.set(name, request.getOutputs().toJavaScript());
    registerOutputs(request, callback);
  };
  const registerHook = (hook: pulumi.ResourceHook | pulumi.ErrorHook) => {
    if (hooks.has(hook.name)) failures.push(`two hooks are named ${hook.name}`);
    hooks.set(hook.name, hook.callback as (args: unknown) => unknown);
    return Promise.resolve();
  };
  // The real one is a server that the engine calls back.
  getStore().callbacks = {
    registerResourceHook: registerHook,
    registerErrorHook: registerHook,
    awaitStackRegistrations: () => Promise.resolve(),
  };
  const warnings: string[] = [];
  const { warn } = pulumi.log;
  Object.assign(pulumi.log, {
    warn: (message: string) => {
      warnings.push(message);
      return Promise.resolve();
    },
  });
  try {
    const result = await program();
    await settled();
    if (failures.length > 0) throw new Error(failures.join('\n'));
    return {
      result,
      registrations,
      outputs,
      warnings,
      runHook: async (name, args = {}) => await hooks.get(name)!(args),
    };
  } finally {
    Object.assign(pulumi.log, { warn });
  }
}

/** Waits until no registration is under way, nor any that another one may still start. */
async function settled(): Promise<void> {
  const store = getStore();
  for (let last; last !== store.settings.rpcDone;) {
    last = store.settings.rpcDone;
    await last;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The value of an output, or of anything else. */
export function valueOf<T>(output: pulumi.Input<T>): Promise<T> {
  return new Promise((resolve) => void pulumi.output(output).apply((value) => resolve(value as T)));
}

export function isSecret(output: pulumi.Output<unknown>): Promise<boolean> {
  return (output as unknown as { isSecret: Promise<boolean> }).isSecret;
}

function registration(request: Request): Registration {
  const secrets: string[] = [];
  const inputs = plain(request.getObject().toJavaScript(), '', secrets) as Record<string, unknown>;
  const providers = [
    request.getProvider(),
    ...request
      .getProvidersMap()
      .toArray()
      .map(([, reference]) => reference),
  ].filter(Boolean);
  return {
    type: request.getType(),
    name: request.getName(),
    parent: nameOf(request.getParent()),
    parentUrn: request.getParent(),
    inputs,
    dependencies: [...new Set(request.getDependenciesList().map(nameOf))].sort(),
    secrets,
    retainOnDelete: request.getRetainondelete(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    protect: request.getProtect(),
    ignoreChanges: request.getIgnorechangesList(),
    provider: providers.map((reference) => reference.split('::').slice(-2, -1)[0] ?? reference).join(),
    hooks: Object.fromEntries(
      Object.entries(request.getHooks()?.toObject() ?? {})
        .filter(([, names]) => names.length > 0)
        .map(([moment, names]) => [moment.replace(/List$/, ''), names]),
    ),
  };
}

/** Takes the wrapping off secret values and notes where they were. */
function plain(value: unknown, path: string, secrets: string[]): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((inner, index) => plain(inner, `${path}[${index}]`, secrets));
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET_SIGNATURE) {
    secrets.push(path);
    return plain(object['value'], path, secrets);
  }
  return Object.fromEntries(
    Object.entries(object).map(([key, inner]) => [key, plain(inner, path === '' ? key : `${path}.${key}`, secrets)]),
  );
}
