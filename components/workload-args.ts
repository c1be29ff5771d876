import type * as pulumi from '@pulumi/pulumi';
import type { Cpu, Duration, Size } from './quantity';

/** What one replica may use. `request` is set aside for it, `limit` is never exceeded. */
export interface ResourcesArgs {
  /**
   * Processor time; one value is the limit. Above its limit a replica is slowed down.
   * @default {request: a twentieth of the limit, limit: "1"}
   */
  cpu?: Cpu | { request?: Cpu; limit?: Cpu };
  /**
   * Memory; one value is both request and limit. Above its limit a replica is killed and replaced.
   * @default {request: the limit, limit: "256Mi"}
   */
  memory?: Size | { request?: Size; limit?: Size };
  /**
   * Files outside of `storage` and `writablePaths`, and the logs that the node keeps; one value is the limit. Above its limit
   * a replica is evicted and replaced. Not limited on Docker.
   * @default {request: "64Mi", limit: "1Gi", or the request where that is more}
   */
  ephemeralStorage?: Size | { request?: Size; limit?: Size };
}

/** Protections that are on unless they are turned off by name. */
export interface HardeningArgs {
  /**
   * Numeric user, or user and group, that the processes run as. 0 (root) is refused unless `allowRoot`.
   * @default "10001:10001"
   */
  user?: string;
  /** @default false */
  allowRoot?: boolean;
  /**
   * Only `writablePaths` and the storage can be written to.
   * @default true
   */
  readOnlyRoot?: boolean;
  /**
   * All Linux capabilities are dropped but these.
   * @default []
   */
  capabilities?: string[];
}

/** A folder held in memory. */
export interface WritablePath {
  /** Absolute path inside the container. */
  path: string;
  /**
   * Bytes that it holds at most; beyond them writes fail with "no space left on device". It must not be above the memory's
   * limit, which what is written counts towards.
   * @default "64Mi"
   */
  size?: Size;
}

/** A secret whose value has a version: where a rotation can fail half-way, give it one. */
export interface VersionedSecret {
  /** Taken when the version is new. A value that changes without its version is not deployed. */
  value: pulumi.Input<string>;
  /**
   * Changes with the value, says nothing about it: a number that counts up, a date. Lower-case letters, digits, hyphens, at
   * most 63 characters.
   */
  version: string;
}

/** What a microservice and a job have in common: one container and how it is confined. */
export interface WorkloadArgs {
  /** Image reference, usually an `Image`'s `reference`. */
  image: pulumi.Input<string>;
  /**
   * Program and arguments instead of the image's own.
   * @default - the image's entry point and command
   */
  command?: string[];
  /**
   * Environment variables. Never put a secret here: anyone who may inspect a container reads them.
   * @default {}
   */
  env?: Record<string, pulumi.Input<string>>;
  /**
   * Secrets by file name; each is a file `/run/secrets/<name>` that only the container's user can read (mode 0400). A value
   * has from 1 byte to less than 500 KiB; one that another resource produces is checked when it is known, and fails the
   * deployment before the secret is made.
   * @default {}
   */
  secrets?: Record<string, pulumi.Input<string> | VersionedSecret>;
  /** @default - see ResourcesArgs */
  resources?: ResourcesArgs;
  /**
   * Names of the microservices that this one may connect to. All other connections are refused.
   * @default []
   */
  calls?: string[];
  /**
   * Microservices and jobs that must be up, or done, before this one is created or updated. Calling one does not imply
   * waiting for it: what it calls may be away for a moment at any time. One that cannot start without another names it here.
   * @default []
   */
  after?: string[];
  /**
   * Whether it may connect to addresses outside the application.
   * @default false
   */
  internet?: boolean;
  /**
   * Folders held in memory that the processes may write to and run programs from, with nothing kept. What is written
   * counts as the replica's memory, up to the folder's size: 64Mi, or the `size` that is given. What the image has there
   * is not seen.
   * @default ["/tmp"]
   */
  writablePaths?: (string | WritablePath)[];
  /** @default - see HardeningArgs */
  hardening?: HardeningArgs;
  /**
   * Time between the request to stop and the kill. From 0s to 1h.
   * @default "10s"
   */
  stopGrace?: Duration;
}
