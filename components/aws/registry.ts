import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import { z } from 'zod';
import { parse, throwIfAny, type Problem } from '../validation';
import type { Account } from './account';

/** Arguments of a registry that are known before anything is created. */
export interface RegistrySettings {
  /** Names of the repositories: `shop/user-service`. */
  repositories: readonly string[];
  /**
   * Newest images that each repository keeps. An image that still runs must be among them, so keep more than are pushed
   * between two updates of the slowest environment.
   * @default 100
   */
  keepImages?: number;
}

export interface RegistryArgs extends RegistrySettings, Account {
  /** Key that images are encrypted with. */
  keyArn: pulumi.Input<string>;
}

const KEEP_RULE = 'must be a whole number from 10 to 1000';
const NAME_RULE = 'must be a repository in lower case, such as "shop/user-service"';

const schema = z.strictObject(
  {
    repositories: z
      .array(
        z.string(NAME_RULE).regex(/^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/, NAME_RULE),
        'must be a list of repositories',
      )
      .min(1, 'must name a repository'),
    keepImages: z.number(KEEP_RULE).int(KEEP_RULE).min(10, KEEP_RULE).max(1000, KEEP_RULE).optional(),
  },
  'must be an object with the arguments of a registry',
);

/** Days after which an image without a tag goes: nothing refers to it, unless a push of it is under way. */
const KEEP_UNTAGGED_DAYS = 1;

/** @returns `undefined` when problems were added. */
export function registrySpec(
  settings: RegistrySettings,
  path: string[],
  problems: Problem[],
): Required<RegistrySettings> | undefined {
  const parsed = parse(schema, settings, path, problems);
  return parsed && { repositories: parsed.repositories, keepImages: parsed.keepImages ?? 100 };
}

/**
 * Repositories for images in ECR. A tag never means two things, each image is scanned when it is pushed, and old ones go by
 * themselves; a repository with images in it cannot be deleted.
 *
 * @throws InvalidArgumentsError
 */
export class Registry extends pulumi.ComponentResource {
  /** Host that images are pushed to: `123456789012.dkr.ecr.eu-central-1.amazonaws.com`. */
  readonly host: string;
  /** Address of each repository by its name. */
  readonly urls: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: RegistryArgs, options?: pulumi.ComponentResourceOptions) {
    const { account, region, keyArn, ...settings } = args;
    const problems: Problem[] = [];
    const spec = registrySpec(settings, [], problems)!;
    throwIfAny(`registry ${JSON.stringify(name)}`, problems);
    super('shop:components:AwsRegistry', name, {}, options);

    this.urls = Object.fromEntries(
      spec.repositories.map((repository) => [
        repository,
        new awsx.ecr.Repository(
          `${name}-${repository.replaceAll('/', '-')}`,
          {
            name: repository,
            imageTagMutability: 'IMMUTABLE',
            imageScanningConfiguration: { scanOnPush: true },
            encryptionConfigurations: [{ encryptionType: 'KMS', kmsKey: keyArn }],
            forceDelete: false,
            lifecyclePolicy: {
              rules: [
                { description: 'without a tag', tagStatus: 'untagged', maximumAgeLimit: KEEP_UNTAGGED_DAYS },
                { description: 'all but the newest', tagStatus: 'any', maximumNumberOfImages: spec.keepImages },
              ],
            },
          },
          { parent: this },
        ).url,
      ]),
    );
    this.host = `${account}.dkr.ecr.${region}.amazonaws.com`;
    this.registerOutputs({ host: this.host, urls: this.urls });
  }
}
