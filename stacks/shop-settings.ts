/** What a stack's configuration says of the shop, wherever it runs. */
export interface ShopSettings {
  /** Number of replicas by service, where it is not the default. */
  replicas: Record<string, number>;
  /** Registry prefix of the base images; what set-up found by default. */
  imagePrefix?: string | undefined;
  /** Another number gives other passwords. */
  passwordGeneration: number;
  /** A new text rolls every stateless service. */
  revision: string;
  /** Name of a backup that is to be made, unless it is there already. */
  backup?: string | undefined;
  /** What the database is to be restored from, `NAME@REQUEST`. */
  restore?: string | undefined;
}
