import * as pulumi from '@pulumi/pulumi';
import type * as docker from '@pulumi/docker';
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from './preflight';

/** Credentials of one registry, as the engine's API takes them. */
export interface Login {
  serveraddress: string;
  username?: string;
  password?: string;
  /** Instead of a password. */
  identitytoken?: string;
}

interface DockerConfig {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/** Runs a program that keeps credentials. */
export type RunHelper = (
  helper: string,
  action: 'get',
  input: string,
) => Promise<{ code: number; stdout: string; stderr: string }>;

const HUB = 'docker.io';
/** Docker Hub's names; `docker login` writes the first. */
const HUB_KEYS = ['https://index.docker.io/v1/', 'index.docker.io', 'registry-1.docker.io', HUB];
/** How a helper says that it has a token, not a password. */
const TOKEN_USER = '<token>';
/** A helper may ask a cloud for a token. */
const HELPER_MS = 30_000;
const NOT_FOUND = /credentials not found/i;

/**
 * The registry that an image is pulled from: what stands before the first slash, if that names a host. Docker Hub only where
 * it is named, since images that are built on the engine look like its own.
 *
 * @returns `undefined` for an image without a host.
 */
export function registryOf(image: string): string | undefined {
  const [first, ...rest] = image.split('/');
  return rest.length > 0 && (/[.:]/.test(first!) || first === 'localhost') ? first : undefined;
}

/** What `docker login` has left on this machine, in Docker's configuration or with a credential helper. */
export class DockerLogins {
  private constructor(
    private readonly config: DockerConfig,
    private readonly run: RunHelper,
  ) {}

  /**
   * Reads `config.json` of the folder that DOCKER_CONFIG names, or of `~/.docker`.
   *
   * @throws EngineError naming the file, if it is not JSON.
   */
  static read(env: NodeJS.ProcessEnv = process.env, run: RunHelper = runHelper): DockerLogins {
    const file = configFile(env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'));
    return new DockerLogins(readConfig(file), run);
  }

  /**
   * Credentials for the registry of an image.
   *
   * @returns `undefined` where nobody has signed in, which public images do not need.
   * @throws EngineError naming registry and helper, when that fails. What a helper says of it is not shown.
   */
  async of(image: string): Promise<Login | undefined> {
    const registry = registryOf(image);
    return registry === undefined ? undefined : this.login(registry);
  }

  /**
   * What Docker's provider is to know of the registries of images. It reads the credentials itself, each time: so they are in
   * no state, and a token that is renewed is no change. What it does not find where a helper keeps it, for Docker Hub, is given
   * to it as a secret.
   */
  async providerAuth(images: readonly string[]): Promise<docker.types.input.ProviderRegistryAuth[]> {
    const registries = [...new Set(images.map(registryOf))].filter((one) => one !== undefined).sort();
    const found = await Promise.all(registries.map(async (address) => ({ address, login: await this.login(address) })));
    return found.flatMap(({ address, login }) => {
      if (!login) return [];
      const { username, password } = login;
      if (!isHub(address) || this.helperOf(address) === undefined || password === undefined) return [{ address }];
      return [{ address, username: username ?? '', password: pulumi.secret(password) }];
    });
  }

  private async login(registry: string): Promise<Login | undefined> {
    const keys = isHub(registry) ? HUB_KEYS : [registry];
    const helper = this.helperOf(registry);
    if (helper !== undefined) return this.fromHelper(helper, registry, keys[0]!);
    const found = Object.entries(this.config.auths ?? {}).find(
      ([key]) => keys.includes(key) || keys.includes(hostOf(key)),
    );
    return found && fromEntry(found[1], registry);
  }

  private helperOf(registry: string): string | undefined {
    const keys = isHub(registry) ? HUB_KEYS : [registry];
    const own = Object.entries(this.config.credHelpers ?? {}).find(([key]) => keys.includes(key));
    return own?.[1] ?? this.config.credsStore;
  }

  private async fromHelper(helper: string, registry: string, key: string): Promise<Login | undefined> {
    const program = `docker-credential-${helper}`;
    const fail = (why: string) =>
      new EngineError(
        `${program}, which keeps the credentials of registry ${registry}, ${why}. Repair it, or sign in again: docker login ${registry}`,
      );
    const { code, stdout, stderr } = await this.run(program, 'get', key).catch((error: unknown) => {
      throw fail((error as { code?: string }).code === 'ENOENT' ? 'is not on PATH' : 'cannot be run');
    });
    if (code !== 0) {
      if (NOT_FOUND.test(stdout) || NOT_FOUND.test(stderr)) return undefined;
      throw fail(`ended with code ${code}`);
    }
    const answer = parsed(stdout) as { Username?: string; Secret?: string } | undefined;
    if (typeof answer?.Username !== 'string' || typeof answer.Secret !== 'string') throw fail('gave no credentials');
    return answer.Username === TOKEN_USER
      ? { serveraddress: registry, identitytoken: answer.Secret }
      : { serveraddress: registry, username: answer.Username, password: answer.Secret };
  }
}

function fromEntry(
  { auth, username, password, identitytoken }: NonNullable<DockerConfig['auths']>[string],
  serveraddress: string,
): Login | undefined {
  if (identitytoken) return { serveraddress, identitytoken };
  if (username && password) return { serveraddress, username, password };
  if (!auth) return undefined;
  const text = Buffer.from(auth, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0
    ? undefined
    : { serveraddress, username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

function isHub(registry: string): boolean {
  return HUB_KEYS.includes(registry);
}

/** Keys of the configuration may be addresses. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0]!;
}

/** DOCKER_CONFIG is a folder to Docker, and may be the file itself to its provider. */
function configFile(place: string): string {
  return statSync(place, { throwIfNoEntry: false })?.isFile() === true ? place : join(place, 'config.json');
}

function readConfig(file: string): DockerConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  const config = parsed(text);
  if (typeof config !== 'object' || config === null) {
    throw new EngineError(`${file}, Docker's configuration, is not JSON. Repair it, or remove it and sign in again.`);
  }
  return config;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const runHelper: RunHelper = (program, action, input) =>
  new Promise((resolve, reject) => {
    const helper = spawn(program, [action], { env: process.env, timeout: HELPER_MS });
    let [stdout, stderr] = ['', ''];
    helper.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    helper.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    helper.on('error', reject);
    helper.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    // One that ends without reading says why by itself.
    helper.stdin.on('error', () => undefined);
    helper.stdin.end(`${input}\n`);
  });
