// The cluster's registry on loopback, where the shop's images go too, and the images of the cluster's own services: static
// programs, and nothing else.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, must } from '../../lib/run.mjs';
import { places, REGISTRY, REGISTRY_FOR_NODES } from './layout.mjs';
import { ready, start } from './processes.mjs';
import { program } from './programs.mjs';

/** What each image has: programs by their path in it. The first one is run. */
const IMAGES = {
  pause: { '/pause': 'pause' },
  coredns: { '/coredns': 'dns' },
  'metrics-server': { '/metrics-server': 'metrics-server' },
  'local-path-provisioner': { '/local-path-provisioner': 'local-path-provisioner' },
  'volume-helper': { '/setup': 'volumes', '/teardown': 'volumes' },
};
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** Starts the registry; where a node does not share the machine's loopback, a second listener on the nodes' bridge. */
export async function startRegistry({ otherNodes }) {
  mkdirSync(places.registry, { recursive: true, mode: 0o700 });
  const listeners = { registry: REGISTRY, ...(otherNodes ? { 'registry-for-nodes': REGISTRY_FOR_NODES } : {}) };
  for (const [name, address] of Object.entries(listeners)) {
    const file = join(places.registry, `${name}.json`);
    writeFileSync(file, JSON.stringify(registryConfig(address), null, 2));
    const registry = join(places.debian, 'usr', 'bin', 'docker-registry');
    await start({ name, program: registry, args: ['serve', file], files: [file] });
    await ready(name, () => answers(`http://${address}/v2/`));
  }
}

function registryConfig(addr) {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    // Both listeners share the folder: neither may remember what the other can change.
    storage: { filesystem: { rootdirectory: join(places.registry, 'data') }, delete: { enabled: true } },
    http: { addr },
  };
}

/** The reference of each image: its tag is the hash of what is in it. */
export function references(contentOf = (name) => readFileSync(program(name))) {
  return Object.fromEntries(
    Object.entries(IMAGES).map(([image, files]) => {
      const hash = createHash('sha256').update(JSON.stringify(files));
      for (const name of new Set(Object.values(files))) hash.update(contentOf(name));
      return [image, `${REGISTRY}/cluster/${image}:${hash.digest('hex').slice(0, 12)}`];
    }),
  );
}

/** Builds and pushes what the registry does not have yet. */
export async function pushImages(images, tell) {
  for (const [image, reference] of Object.entries(images)) {
    const [name, tag] = reference.slice(REGISTRY.length + 1).split(':');
    if (await answers(`http://${REGISTRY}/v2/${name}/manifests/${tag}`)) continue;
    tell(`pushing ${reference}`);
    await build(reference, IMAGES[image]);
  }
}

async function build(reference, files) {
  const context = mkdtempSync(join(places.folder, 'image-'));
  try {
    const paths = Object.keys(files);
    for (const path of paths) copyFileSync(program(files[path]), join(context, path));
    const copies = paths.map((path) => `COPY ${path} ${path}\n`);
    writeFileSync(join(context, 'Dockerfile'), `FROM scratch\n${copies.join('')}ENTRYPOINT ["${paths[0]}"]\n`);
    await must('docker', ['build', '--quiet', '--tag', reference, context]);
    await must('docker', ['push', '--quiet', reference]);
    // The registry has it; the engine need not keep it too.
    await capture('docker', ['image', 'rm', reference]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

async function answers(url) {
  const options = ['--silent', '--fail', '--noproxy', '*', '--max-time', '5', '--output', '/dev/null'];
  return (await capture('curl', [...options, '--header', `Accept: ${MANIFEST}`, url])).code === 0;
}
