// The programs of a Docker engine, built from their Go modules in tools/engine/modules.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineState } from '../lib/project.mjs';
import { BUILT_FROM } from '../lib/pulumi.mjs';
import { UserError } from '../lib/report.mjs';
import { capture } from '../lib/run.mjs';
import { installPackages, isDebian } from './debian.mjs';
import { build, builtFrom, inWorkFolder, place, recipeHash, TOOLS } from './go.mjs';

const MODULES = join('engine', 'modules');
/** The engine's module does not bear the engine's version: releases/versions.yaml in it says what comes next. */
const VERSION = '29.8.1-dev';
const STATIC = {
  packages: [
    ...['github.com/moby/moby/v2/cmd/dockerd', 'github.com/moby/moby/v2/cmd/docker-proxy'],
    ...['containerd', 'containerd-shim-runc-v2'].map((name) => `github.com/containerd/containerd/v2/cmd/${name}`),
  ],
  flags: ['-ldflags', `-s -w -X github.com/moby/moby/v2/dockerversion.Version=${VERSION}`],
  env: { CGO_ENABLED: '0' },
};
/** It changes namespaces before Go's runtime starts, and compiles filters of system calls with a library: both are C. */
const RUNC = {
  packages: ['github.com/opencontainers/runc'],
  flags: ['-tags', 'seccomp', '-ldflags', '-s -w'],
  env: { CGO_ENABLED: '1' },
};

export function engineRecipe() {
  return recipeHash([MODULES], STATIC, RUNC);
}

/** What runc is compiled with. */
async function ensureSeccomp(tell) {
  if ((await capture('pkg-config', ['--exists', 'libseccomp'])).code === 0) return;
  if (!isDebian()) {
    throw new UserError(
      'runc cannot be built: `pkg-config` finds no libseccomp',
      'install a C compiler, pkg-config and the headers of libseccomp',
    );
  }
  await installPackages(['gcc', 'libc6-dev', 'libseccomp-dev', 'pkg-config'], tell);
}

/** Builds them unless they have been built from what the recipe is today; returns their files. */
export async function buildEngine(version, tell) {
  const target = join(machineState, 'engine-programs', version);
  const files = () =>
    readdirSync(target)
      .filter((name) => name !== BUILT_FROM)
      .map((name) => join(target, name));
  if (builtFrom(target) === engineRecipe()) return files();
  await ensureSeccomp(tell);
  tell(`building Docker ${version} from its Go modules (some minutes the first time)`);
  await inWorkFolder(machineState, async (go, work) => {
    const output = join(work, 'out');
    mkdirSync(output);
    for (const { packages, flags, env } of [STATIC, RUNC]) {
      await build(go, join(TOOLS, MODULES), ['-trimpath', ...flags, '-o', `${output}/`, ...packages], env);
    }
    for (const name of readdirSync(output)) place(join(output, name), join(target, name));
    writeFileSync(join(target, BUILT_FROM), engineRecipe());
  });
  return files();
}
