// What the pack is configured to, unless `--policy-pack-config` says otherwise.
import config from './config.json';
import type { PackConfig } from './judge';

export const CONFIG = config as PackConfig;
