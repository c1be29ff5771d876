// Stand-ins for the official base images, for machines that reach package registries but no image registry. Recipes:
// tools/stand-ins. Each image carries the hash of all that went into it, so a second run finds nothing to do.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { jsonLines } from '../lib/docker.mjs';
import { LOCKS, changeOnce } from '../lib/lock.mjs';
import { root } from '../lib/project.mjs';
import { UserError } from '../lib/report.mjs';
import { capture, must, which } from '../lib/run.mjs';
import { asRoot, installPackages, isDebian } from './debian.mjs';
import { hostClients } from './host-clients.mjs';

export const PREFIX = 'stand-in/';
const RECIPES = join(root, 'tools', 'stand-ins');
const BASE = `${PREFIX}debian:trixie-minbase`;
const LABEL = 'stand-in.recipe';
const AT_ONCE = 2; // the steps wait for the network and for dpkg by turns
const NODE_ARCH = { x86_64: 'x64', aarch64: 'arm64' };

export function standInList() {
  return JSON.parse(readFileSync(join(RECIPES, 'images.json'), 'utf8'));
}

/** Makes what is missing or out of date (with `refresh` everything, from today's packages); returns how many it made. */
export async function standIns(tell, { refresh = false } = {}) {
  const clients = await hostClients();
  const plan = planOf(standInList(), recipeFiles, clients);
  const lack = async () => {
    const present = await presentHashes(plan.map(({ tag }) => tag));
    return plan.filter(({ tag, hash }) => refresh || present[tag] !== hash);
  };
  const look = async () => ((await lack()).length === 0 ? 0 : undefined);
  return changeOnce(LOCKS.baseImages, tell, look, async () => make(await lack(), { clients, refresh }, tell));
}

async function make(missing, { clients, refresh }, tell) {
  const architecture = (await must('docker', ['info', '--format', '{{.Architecture}}'])).trim();
  await makeBase(tell, refresh);
  const work = mkdtempSync(join(tmpdir(), 'stand-ins-'));
  try {
    // Two rounds are enough: `debian` first, then those that need only it, then those that need one of these.
    const round = (test) =>
      inParallel(missing.filter(test), (image) => build(image, { work, clients, architecture, refresh }, tell));
    await round(({ folder }) => folder === 'debian');
    await round(({ folder, needs }) => folder !== 'debian' && !needs);
    await round(({ needs }) => needs);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return missing.length;
}

/** Adds to each image its tag and the hash of everything it is made from. Exported for its tests. */
export function planOf(list, filesOf, clients) {
  const hashes = {};
  return list.map((image) => {
    const parents = [
      image.folder === 'debian' ? '' : hashes['debian:trixie-slim'],
      image.needs ? hashes[image.needs] : '',
    ];
    const hash = createHash('sha256')
      .update(JSON.stringify([image, filesOf(image.folder), parents, clients.ca, image.builder ? clients : null]))
      .digest('hex');
    hashes[image.image] = hash;
    return { ...image, tag: `${PREFIX}${image.image}`, hash };
  });
}

function recipeFiles(folder) {
  const names = readdirSync(join(RECIPES, folder)).sort();
  return names.map((name) => [name, readFileSync(join(RECIPES, folder, name), 'utf8')]);
}

/** The tags that the stand-ins have. */
export function standInTags() {
  return standInList().map(({ image }) => `${PREFIX}${image}`);
}

/**
 * The recipes of stand-ins that are there, by tag.
 *
 * @param host address of another engine than the one that the user has chosen.
 */
export async function presentHashes(tags, host) {
  const format = `{{json .RepoTags}} {{json (index .Config.Labels "${LABEL}")}}`;
  // `docker image inspect` prints those it finds and fails for those it does not.
  const engine = host ? ['--host', host] : [];
  const { stdout } = await capture('docker', [...engine, 'image', 'inspect', '--format', format, ...tags]);
  const found = stdout.split('\n').filter(Boolean);
  return Object.fromEntries(
    found.flatMap((line) => {
      const [names, hash] = jsonLines(line.replace(/\] /, ']\n'));
      return (names ?? []).map((name) => [name, hash]);
    }),
  );
}

async function makeBase(tell, refresh) {
  if (!refresh && (await capture('docker', ['image', 'inspect', BASE])).code === 0) return;
  if (!isDebian() || !asRoot()) {
    throw new UserError(
      'no image registry answers, and stand-ins for the base images can be made only on Debian or Ubuntu as root',
      'connect to a network with an image registry, or load the images with `docker load`, or run this as root on Debian',
    );
  }
  if (!which('mmdebstrap')) await installPackages(['mmdebstrap', 'debian-archive-keyring'], tell);
  tell('making a minimal Debian trixie (mmdebstrap)');
  const folder = mkdtempSync(join(tmpdir(), 'debian-'));
  try {
    const archive = join(folder, 'debian.tar');
    const options = ['--variant=minbase', '--include=ca-certificates', ...keyring()];
    const [program, ...args] = asRoot(['mmdebstrap', ...options, 'trixie', archive]);
    await must(program, args, { mend: 'see whether `apt-get update` works on this machine' });
    await must('docker', ['import', archive, BASE]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An Ubuntu trusts Debian's keys only if told; on Debian apt's own list is right. */
function keyring() {
  return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
    ? []
    : ['--keyring=/usr/share/keyrings/debian-archive-keyring.gpg'];
}

async function build(image, { work, clients, architecture, refresh }, tell) {
  tell(`making ${image.tag} from ${image.from}`);
  const context = join(work, image.folder);
  cpSync(join(RECIPES, image.folder), context, { recursive: true });
  writeFiles(join(context, 'host', 'ca'), clients.ca);
  writeFiles(join(context, 'host', 'clients'), clients.files);
  if (image.builder) {
    const lines = Object.entries(clients.environment).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}\n`);
    writeFileSync(join(context, 'Dockerfile'), lines.join(''), { flag: 'a' });
  }
  for (const [file, wanted] of Object.entries(image.npm ?? {})) {
    await packNpm(wanted.replace('{arch}', NODE_ARCH[architecture] ?? architecture), context, file);
  }
  const labels = {
    [LABEL]: image.hash,
    'stand-in.for': image.image,
    'org.opencontainers.image.description': `Stand-in for ${image.image}, made from ${image.from}. Not the official image.`,
  };
  const flags = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  await must(
    'docker',
    ['build', '--network', 'host', ...(refresh ? ['--no-cache'] : []), ...flags, '--tag', image.tag, context],
    {
      env: { ...process.env, ...(await builder()) },
      mend: `the recipe is tools/stand-ins/${image.folder}`,
    },
  );
}

/** Without buildx (Debian's docker.io) the classic builder must be asked for, or newer clients warn at every build. */
export async function builder() {
  return (await capture('docker', ['buildx', 'version'])).code === 0 ? {} : { DOCKER_BUILDKIT: '0' };
}

async function packNpm(wanted, folder, file) {
  const into = mkdtempSync(join(folder, 'npm-'));
  await must('npm', ['pack', wanted, '--pack-destination', into], { cwd: into });
  const [packed] = readdirSync(into);
  cpSync(join(into, packed), join(folder, file));
  rmSync(into, { recursive: true });
}

function writeFiles(folder, files) {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

async function inParallel(items, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) await work(item);
  };
  // All workers end before a failure goes on, so that none still uses the folder that is about to be removed.
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  const failed = ended.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}
