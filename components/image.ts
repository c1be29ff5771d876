import * as docker from '@pulumi/docker';
import * as pulumi from '@pulumi/pulumi';
import { statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { contentHash } from './content-hash';
import { InvalidArgumentsError, parse, throwIfAny, type Problem } from './validation';

export interface ImageArgs {
  /** Folder that is sent to the builder. */
  folder: string;
  /** Repository without tag: `shop/user-service`. With `registry` its host stands before it. */
  repository: string;
  /**
   * Platform to build for.
   * @default - the engine's own
   */
  platform?: 'linux/amd64' | 'linux/arm64';
  /**
   * Path of the Dockerfile below `folder`.
   * @default "Dockerfile"
   */
  dockerfile?: string;
  /**
   * Stage of the Dockerfile to stop at.
   * @default - the last one
   */
  target?: string;
  /**
   * Build arguments. They stay readable in the image: never put a secret here.
   * @default {}
   */
  buildArgs?: Record<string, string>;
  /**
   * Network of the build steps, where the builder's own has no way out.
   * @default - the builder's default
   */
  network?: 'host';
  /**
   * Registry, `host` or `host:port`, that the image is pushed to.
   * @default - none: the image stays on the engine
   */
  registry?: string;
  /**
   * The registry has this very tag already, so nothing is built: see `isPublished`.
   * @default false
   */
  published?: boolean;
}

/** How often a push is tried. */
const PUSHES = 3;
/** Failures of a registry, or of the way to it. A refusal, such as of a login or of a tag that must not change, is not among them. */
const PASSES = /HTTP status: (429|5\d\d)|connection (reset|refused)|unexpected EOF|i\/o timeout|TLS handshake timeout/i;

const REPOSITORY = /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/;
const schema = z.strictObject({
  folder: z.string('must be a folder'),
  repository: z
    .string('must be a repository')
    .regex(REPOSITORY, 'must be a repository in lower case without tag, such as "shop/user-service"'),
  platform: z.enum(['linux/amd64', 'linux/arm64'], 'must be "linux/amd64" or "linux/arm64"').optional(),
  dockerfile: z.string('must be a path').optional(),
  target: z.string('must name a stage').optional(),
  buildArgs: z.record(z.string(), z.string('must be a text'), 'must be an object of names and texts').optional(),
  network: z.literal('host', 'must be "host"').optional(),
  registry: z
    .string('must be a host')
    .regex(/^[a-z0-9.-]+(:\d+)?$/, 'must be a host, or host:port, in lower case')
    .optional(),
  published: z.boolean('must be true or false').optional(),
});

const TAG_LENGTH = 12;

/**
 * An image built from a folder. Its tag is the hash of everything that it is built from: nothing is built when nothing
 * changed, a preview shows which service gets another image, and a tag never means two things. Images are never
 * deleted: another stack, or a rollback, may still use them (`docker image prune --all` removes those nobody uses).
 *
 * @throws InvalidArgumentsError when the folder or the Dockerfile is missing, a file cannot be read, or a name is not valid.
 */
export class Image extends pulumi.ComponentResource {
  /**
   * What to run: repository and tag, known in a preview, before the image is built. With a registry: repository and digest,
   * known once it is pushed.
   */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: ImageArgs, options?: pulumi.ComponentResourceOptions) {
    const { dockerfile, repository, tag } = imageSpec(name, args);
    super('shop:components:Image', name, {}, options);
    const tagged = `${repository}:${tag}`;
    const build = {
      // Relative, so that the same checkout elsewhere is no change.
      context: relative(process.cwd(), args.folder) || '.',
      dockerfile,
      tags: [tagged],
      // Keeps the layers of failed builds from piling up.
      remove: true,
      forceRemove: true,
      ...(args.platform === undefined ? {} : { platform: args.platform }),
      ...(args.target === undefined ? {} : { target: args.target }),
      ...(args.buildArgs === undefined ? {} : { buildArgs: args.buildArgs }),
      ...(args.network === undefined ? {} : { networkMode: args.network }),
    };
    if (args.registry === undefined) {
      const built = new docker.RemoteImage(
        `${name}-build`,
        { name: tagged, keepLocally: true, build },
        // The folder's place does not change what is built; its content is in the name.
        { parent: this, ignoreChanges: ['build.context'], hooks: buildHooks(name, `${name}-build`, build) },
      );
      this.reference = built.name;
    } else {
      // Each tag is a resource of its own. It is built, or where the registry has it already, fetched: which of them it was
      // does not matter any more the next time.
      const local = new docker.RemoteImage(
        `${name}-build-${tag}`,
        { name: tagged, keepLocally: true, ...(args.published === true ? {} : { build }) },
        {
          parent: this,
          ignoreChanges: ['build'],
          hooks: args.published === true ? {} : buildHooks(name, `${name}-build-${tag}`, build),
        },
      );
      const pushed = new docker.RegistryImage(
        `${name}-push-${tag}`,
        { name: tagged, keepRemotely: true },
        { parent: this, dependsOn: [local], hooks: pushHooks(name, `${name}-push-${tag}`) },
      );
      this.reference = pulumi.interpolate`${repository}@${pushed.sha256Digest}`;
    }
    this.registerOutputs({ reference: this.reference });
  }
}

interface Build {
  context: string;
  dockerfile: string;
  target?: string;
  platform?: string;
  buildArgs?: Record<string, string>;
  networkMode?: string;
}

/** The provider tells which step of a build has failed, and keeps what that step has printed to itself. */
function buildHooks(image: string, resource: string, build: Build): pulumi.ResourceHookBinding {
  const failed = new pulumi.ErrorHook(`${resource}-failed`, async ({ failedOperation }) => {
    if (failedOperation === 'create')
      await pulumi.log.warn(`image ${image}: to see all that its build prints: ${buildCommand(build)}`);
    return false;
  });
  return { onError: [failed] };
}

/**
 * A push that fails for a reason which passes, such as another push of the same layers at once, which registries up to version 2 answer
 * with 500, is tried again. It goes on with what is missing.
 */
function pushHooks(image: string, resource: string): pulumi.ResourceHookBinding {
  const failed = new pulumi.ErrorHook(`${resource}-failed`, async ({ failedOperation, errors }) => {
    const [newest = ''] = errors;
    if (failedOperation !== 'create' || errors.length >= PUSHES || !PASSES.test(newest)) return false;
    await pulumi.log.warn(
      `image ${image}: the registry failed, so it is pushed again (${errors.length + 1} of ${PUSHES})`,
    );
    return true;
  });
  return { onError: [failed] };
}

/** What does the same in a shell, from any folder. */
export function buildCommand({ context, dockerfile, target, platform, buildArgs = {}, networkMode }: Build): string {
  const words = [
    ...['docker', 'build'],
    ...(platform === undefined ? [] : ['--platform', platform]),
    ...(target === undefined ? [] : ['--target', target]),
    ...(networkMode === undefined ? [] : ['--network', networkMode]),
    ...Object.entries(buildArgs).flatMap(([argument, value]) => ['--build-arg', `${argument}=${value}`]),
    ...['--file', resolve(context, dockerfile), resolve(context)],
  ];
  return words.map((word) => (/^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

/** Repository and tag under which an image is known. Reads its folder, writes nothing. */
export function imageTag(name: string, args: ImageArgs): string {
  const { repository, tag } = imageSpec(name, args);
  return `${repository}:${tag}`;
}

/** Validates an image's arguments and works out its name. Reads the folder, writes nothing. */
export function imageSpec(
  name: string,
  args: ImageArgs,
): { dockerfile: string; repository: string; tag: string; hash: string } {
  const problems: Problem[] = [];
  parse(schema, args, [], problems);
  const subject = `image ${JSON.stringify(name)}`;
  throwIfAny(subject, problems);
  const dockerfile = args.dockerfile ?? 'Dockerfile';
  if (!statSync(args.folder, { throwIfNoEntry: false })?.isDirectory()) {
    throwIfAny(subject, [{ path: 'folder', value: args.folder, allowed: 'there is no such folder' }]);
  }
  if (!statSync(join(args.folder, dockerfile), { throwIfNoEntry: false })?.isFile()) {
    throwIfAny(subject, [
      { path: 'dockerfile', value: dockerfile, allowed: `there is no such file in ${args.folder}` },
    ]);
  }
  if (relative(args.folder, join(args.folder, dockerfile)).startsWith('..')) {
    throwIfAny(subject, [
      { path: 'dockerfile', value: dockerfile, allowed: 'must lie below the folder, since nothing else is sent' },
    ]);
  }
  const { folder, registry, repository, network: _network, published: _published, ...inputs } = args;
  const hash = hashOf(subject, folder, dockerfile, inputs);
  return {
    dockerfile,
    repository: registry === undefined ? repository : `${registry}/${repository}`,
    hash,
    tag: hash.slice(0, TAG_LENGTH),
  };
}

function hashOf(
  subject: string,
  folder: string,
  dockerfile: string,
  inputs: Readonly<Record<string, unknown>>,
): string {
  try {
    return contentHash(folder, dockerfile, { ...inputs, dockerfile });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (path === undefined) throw error;
    throw new InvalidArgumentsError(subject, [
      {
        path: 'folder',
        value: relative(folder, path),
        allowed: `cannot be read (${code})`,
        fix: 'make it readable, or name it in .dockerignore',
      },
    ]);
  }
}
