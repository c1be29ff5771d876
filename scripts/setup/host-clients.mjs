// What this machine's package clients (pip, npm, Maven, curl) need in order to reach their registries, so that build
// steps in stand-in images reach them as well. Read at set-up time and put into those images only; never written into
// the repository. Only settings that say where and whom to trust are taken: credentials stay behind.
import { readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../lib/run.mjs';

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt'; // its place in Debian, here and in the images
const BUNDLE_VARIABLES = ['CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE'];
const PLAIN_VARIABLES = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['PIP_INDEX_URL', 'PIP_DEFAULT_TIMEOUT', 'NPM_CONFIG_REGISTRY', 'npm_config_registry'],
];
const PIP_KEYS = ['global.index-url', 'global.timeout', 'global.trusted-host'];
const NPM_KEYS = ['registry', 'strict-ssl', 'fetch-timeout', 'fetch-retries'];

/** Files for the images (path → content) and environment variables for those that build. */
export async function hostClients() {
  const [pip, npm] = await Promise.all([
    settings('pip', ['config', 'list']),
    settings('npm', ['config', 'list', '--json'], homedir()),
  ]);
  return {
    ca: extraAuthorities(read(BUNDLE), mozillaAuthorities()),
    files: {
      ...optional('etc/pip.conf', pipConfig(pip)),
      ...optional('etc/npmrc', npmConfig(npm)),
      ...optional('usr/share/maven/conf/settings.xml', mavenConfig(read(join(homedir(), '.m2', 'settings.xml')))),
    },
    environment: clientEnvironment(process.env),
  };
}

/** The certificates of a bundle that a plain Debian does not have, as PEM files (name → content). */
export function extraAuthorities(bundle, known) {
  const extra = certificates(bundle).filter((pem) => !known.has(bare(pem)));
  return Object.fromEntries([...new Set(extra)].map((pem, at) => [`machine-${at}.crt`, `${pem}\n`]));
}

export function certificates(text) {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function mozillaAuthorities(folder = '/usr/share/ca-certificates/mozilla') {
  let names = [];
  try {
    names = readdirSync(folder);
  } catch {
    // no list to compare with: then every certificate of the bundle is handed on
  }
  return new Set(names.flatMap((name) => certificates(read(join(folder, name))).map(bare)));
}

function bare(pem) {
  return pem.replace(/\s/g, '');
}

export function clientEnvironment(env) {
  const bundled = BUNDLE_VARIABLES.filter((name) => env[name]).map((name) => [name, BUNDLE]);
  const plain = PLAIN_VARIABLES.filter((name) => env[name] && !hasCredentials(env[name])).map((name) => [
    name,
    env[name],
  ]);
  return Object.fromEntries([...bundled, ...plain]);
}

/** From the lines of `pip config list`: key='value'. */
export function pipConfig(list) {
  const lines = list.split('\n').flatMap((line) => {
    const [, key, value] = /^([\w.-]+)='(.*)'$/.exec(line) ?? [];
    return PIP_KEYS.includes(key) && !hasCredentials(value) ? [`${key.replace('global.', '')} = ${value}`] : [];
  });
  return lines.length ? `[global]\n${lines.join('\n')}\n` : '';
}

export function npmConfig(json) {
  const all = json.trim() ? JSON.parse(json) : {};
  const lines = NPM_KEYS.filter((key) => all[key] !== undefined && !hasCredentials(String(all[key]))).map(
    (key) => `${key}=${all[key]}`,
  );
  return lines.length ? `${lines.join('\n')}\n` : '';
}

/** Only the mirrors of a Maven settings file; servers and proxies hold passwords. */
export function mavenConfig(xml) {
  const mirrors = /<mirrors>[\s\S]*?<\/mirrors>/.exec(xml.replace(/<!--[\s\S]*?-->/g, ''))?.[0];
  return mirrors && !hasCredentials(mirrors) ? `<settings>\n${mirrors}\n</settings>\n` : '';
}

export function hasCredentials(text) {
  return /:\/\/[^/\s]*@/.test(text);
}

/** A client that is not there, or does not answer, has no settings to hand on. */
async function settings(program, args, cwd) {
  const { code, stdout } = await capture(program, args, { timeout: 20_000, cwd });
  return code === 0 ? stdout : '';
}

function optional(path, content) {
  return content === '' ? {} : { [path]: content };
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
