// The programs of the cluster: built from Go modules in tools/, and from Debian's packages what these have.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LOCKS, changeOnce } from '../../lib/lock.mjs';
import { BUILT_FROM } from '../../lib/pulumi.mjs';
import { isExecutable, must, which } from '../../lib/run.mjs';
import { asRoot, installPackages } from '../debian.mjs';
import { build, builtFrom, inWorkFolder, place, recipeHash, TOOLS } from '../go.mjs';
import { KUBERNETES, places } from './layout.mjs';

const NODE_PROGRAMS = [
  ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'].map(
    (name) => `k8s.io/kubernetes/cmd/${name}`,
  ),
  './network-policies',
];
const IMAGE_PROGRAMS = [
  'sigs.k8s.io/metrics-server/cmd/metrics-server',
  'github.com/rancher/local-path-provisioner',
  ...['./dns', './pause', './volumes'],
];

/**
 * What is built from which folder of tools/. Each Go package gives a program of its last name. Those of one list are built
 * together; the provisioner of volumes and kubelet cannot be, since they write the name of one library differently.
 */
const RECIPES = {
  kubernetes: { builds: [NODE_PROGRAMS, IMAGE_PROGRAMS], flags: versionFlags(KUBERNETES), takes: '6 minutes' },
  kubeconform: { builds: [['github.com/yannh/kubeconform/cmd/kubeconform']], takes: 'half a minute' },
  'kube-score': { builds: [['github.com/zegl/kube-score/cmd/kube-score']], takes: 'half a minute' },
  kwok: { builds: [['sigs.k8s.io/kwok/cmd/kwok']], takes: '3 minutes' },
};

/** What is built only when somebody asks for it. */
export const ON_DEMAND = Object.keys(RECIPES).filter((recipe) => recipe !== 'kubernetes');

/** Programs that must be on PATH, and the Debian package that has each. */
const INSTALLED = {
  containerd: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  ipset: 'ipset',
  openssl: 'openssl',
  ip: 'iproute2',
  curl: 'curl',
};
/** These packages would start a service of their own: they are unpacked, not installed. */
const UNPACKED = { etcd: 'etcd-server', 'docker-registry': 'docker-registry' };
const CNI = { file: '/usr/lib/cni/bridge', debian: 'containernetworking-plugins' };

/** What Kubernetes' own build sets, so that its programs know their version. Pure. */
export function versionFlags(version) {
  const [major, minor] = version.replace(/^v/, '').split('.');
  const settings = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.entries(settings).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
}

/** Everything that the cluster itself runs. */
export async function programs(tell) {
  await fromDebian(tell);
  const built = await ensureBuilt('kubernetes', tell);
  return `Kubernetes ${KUBERNETES}, ${built ? 'built' : 'present'}`;
}

/** Builds one of the recipes unless it has been built from what it is today; returns whether it did. */
export async function ensureBuilt(recipe, tell) {
  const { builds, flags = [] } = RECIPES[recipe];
  const target = join(places.programs, recipe);
  const hash = recipeHash([recipe], builds, flags);
  const look = () => {
    const present = builds.flat().every((path) => isExecutable(join(target, basename(path))));
    return present && builtFrom(target) === hash ? false : undefined;
  };
  return changeOnce(LOCKS.clusterPrograms, tell, look, () => buildRecipe(recipe, { target, hash }, tell));
}

async function buildRecipe(recipe, { target, hash }, tell) {
  const { builds, flags = [], takes } = RECIPES[recipe];
  tell(`building ${recipe} from its Go modules (about ${takes} the first time)`);
  await inWorkFolder(places.programs, async (go, work) => {
    const output = join(work, 'out');
    mkdirSync(output);
    const common = ['-trimpath', '-ldflags', ['-s', '-w', ...flags].join(' '), '-o', `${output}/`];
    // Static: the same program runs on the machine and in an image with nothing else in it.
    for (const packages of builds) await build(go, join(TOOLS, recipe), [...common, ...packages], { CGO_ENABLED: '0' });
    for (const name of readdirSync(output)) place(join(output, name), join(target, name));
    writeFileSync(join(target, BUILT_FROM), hash);
  });
  return true;
}

/** The path of a program that a recipe builds. */
export function program(name) {
  const recipes = Object.entries(RECIPES);
  const [recipe] = recipes.find(([, { builds }]) => builds.flat().some((path) => basename(path) === name)) ?? [];
  if (!recipe) throw new Error(`no recipe builds ${name}`);
  return join(places.programs, recipe, name);
}

async function fromDebian(tell) {
  const missing = Object.entries(INSTALLED).flatMap(([name, debian]) => (which(name) ? [] : [debian]));
  if (!existsSync(CNI.file)) missing.push(CNI.debian);
  if (missing.length > 0) await installPackages(missing, tell);
  for (const [name, debian] of Object.entries(UNPACKED)) {
    const look = () => (isExecutable(join(places.debian, 'usr', 'bin', name)) ? 'present' : undefined);
    await changeOnce(LOCKS.debianPackages, tell, look, () => unpack(name, debian, tell));
  }
}

async function unpack(name, debian, tell) {
  tell(`unpacking Debian's ${debian}`);
  mkdirSync(places.debian, { recursive: true });
  const work = mkdtempSync(join(places.debian, 'download-'));
  const mend = `see whether \`apt-get download ${debian}\` works on this machine`;
  try {
    const [update, ...rest] = asRoot(['apt-get', 'update', '-q']);
    // The list of some other source may fail to load; what counts is whether the package comes.
    await must(update, rest).catch(() => {});
    // As root, since apt's own user may not write here.
    await must('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', debian], { cwd: work, mend });
    const unpacked = join(work, 'unpacked');
    await must('dpkg-deb', ['--extract', join(work, readdirSync(work)[0]), unpacked]);
    const path = join('usr', 'bin', name);
    place(join(unpacked, path), join(places.debian, path)); // whole: others look without the lock whether it is there
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
