// Where things are: the project's folders, the versions it pins, and the places outside it that set-up uses.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What belongs to this installation and to nobody else; git-ignored, readable by its owner only. */
export const local = {
  folder: join(root, '.local'),
  state: join(root, '.local', 'state'),
  passphrase: join(root, '.local', 'passphrase'),
  installationId: join(root, '.local', 'installation-id'),
  installationKey: join(root, '.local', 'installation-key'),
  environment: join(root, '.local', 'environment.json'),
};

export const pulumiHome = process.env.PULUMI_HOME || join(homedir(), '.pulumi');

/** Logs and locks of the machine-wide steps: the engine and the images are shared by every clone of the project. */
export const machineState = join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'shop-setup');

export function readManifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** The versions of the toolchain are those of the npm packages that the program uses. */
export function versions(manifest = readManifest()) {
  const pinned = (name) => {
    const version = manifest.dependencies?.[name];
    if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
      throw new Error(`package.json must pin ${name} to one version, not ${JSON.stringify(version)}`);
    }
    return version;
  };
  return {
    pulumi: pinned('@pulumi/pulumi'),
    docker: pinned('@pulumi/docker'),
    kubernetes: pinned('@pulumi/kubernetes'),
  };
}

export function projectName(folder = root) {
  const text = readFileSync(join(folder, 'Pulumi.yaml'), 'utf8');
  const name = /^name:\s*['"]?([\w.-]+)/m.exec(text)?.[1];
  if (!name) throw new Error('Pulumi.yaml has no name');
  return name;
}

/** Where the program of a project runs: paths in its state are from there. */
export function programFolder(folder = root) {
  const text = readFileSync(join(folder, 'Pulumi.yaml'), 'utf8');
  const main = resolve(folder, /^main:\s*['"]?([^\s'"#]+)/m.exec(text)?.[1] ?? '.');
  return extname(main) === '' ? main : dirname(main);
}
