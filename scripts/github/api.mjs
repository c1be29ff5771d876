// GitHub's REST API, as far as the workflows need it. Without a package: the jobs that write to GitHub install none.
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../lib/report.mjs';

const VERSION = '2022-11-28';
const REQUEST_MS = 30_000;
const PER_PAGE = 100;
/** A list longer than this is a sign that something is wrong. */
const MAX_PAGES = 50;
const RETRIED = [429, 500, 502, 503, 504];
const TRIES = 4;

/** What a workflow's environment says of the repository. @throws UserError naming what is missing. */
export function githubOf(env = process.env) {
  const missing = ['GITHUB_TOKEN', 'GITHUB_REPOSITORY'].filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new UserError(
      `${missing.join(' and ')} must be set`,
      'in a workflow: `env: { GITHUB_TOKEN: … }` of the step',
    );
  }
  const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository, GITHUB_API_URL: api = 'https://api.github.com' } = env;
  return new GitHub({ token, repository, api });
}

/** Whom GITHUB_TOKEN acts as. Its name is reserved, and no person can write in it. */
const BOT = { login: 'github-actions[bot]', type: 'Bot' };

/** Whether a comment or an issue is one of ours. That it looks as ours do is not enough: anybody can write that. */
export const isOurs = ({ user }) => user?.login === BOT.login && user.type === BOT.type;

export class GitHub {
  /** @param wait milliseconds before the first repetition of a request; each further wait is twice as long. */
  constructor({ token, repository, api, wait = 1_000 }) {
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) throw new UserError('GITHUB_REPOSITORY must be "owner/name"');
    Object.assign(this, { token, repository, api, wait });
  }

  get = (path, query) => this.request('GET', path, { query });
  post = (path, body) => this.request('POST', path, { body });
  patch = (path, body) => this.request('PATCH', path, { body });
  delete = (path) => this.request('DELETE', path);

  /** Every item of a list, page by page. @param key of the list in an answer that is an object. */
  async list(path, query = {}, key = undefined) {
    const all = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const answer = await this.get(path, { ...query, per_page: PER_PAGE, page });
      const items = key === undefined ? answer : answer[key];
      all.push(...items);
      if (items.length < PER_PAGE) return all;
    }
    throw new UserError(`${path} has more than ${MAX_PAGES * PER_PAGE} entries`);
  }

  /** @param path below the repository, such as `issues/7`. */
  async request(method, path, { query = {}, body } = {}) {
    const response = await this.send(method, path, { query, body });
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  /** A download that GitHub redirects to its storage, which must not see the token. */
  async redirected(path) {
    const { status, headers } = await this.send('GET', path, { redirect: 'manual' });
    const location = headers.get('location');
    if (status !== 302 || location === null)
      throw new UserError(`${path} did not redirect to a download: status ${status}`);
    const response = await fetch(location, { signal: AbortSignal.timeout(REQUEST_MS) });
    if (!response.ok) throw new UserError(`${path} cannot be downloaded: status ${response.status}`);
    return response;
  }

  async send(method, path, { query = {}, body, redirect = 'error' }) {
    const url = new URL(`${this.api}/repos/${this.repository}/${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${this.token}`,
      'user-agent': 'shop-infrastructure',
      'x-github-api-version': VERSION,
      ...(body && { 'content-type': 'application/json' }),
    };
    for (let tries = 1; ; tries += 1) {
      const signal = AbortSignal.timeout(REQUEST_MS);
      const options = { method, headers, redirect, signal, body: body && JSON.stringify(body) };
      const response = await fetch(url, options);
      if (response.status < 400) return response;
      // A comment or an issue would be there twice if its creation had been carried out all the same.
      const again = RETRIED.includes(response.status) && (method !== 'POST' || response.status === 429);
      if (!again || tries === TRIES) throw await refusal(method, path, response);
      await sleep(this.wait * 2 ** (tries - 1));
    }
  }
}

async function refusal(method, path, response) {
  const text = await response.text().catch(() => '');
  let reason;
  try {
    reason = JSON.parse(text).message;
  } catch {
    reason = 'no reason given';
  }
  const error = new UserError(
    `GitHub refused ${method} ${path}: ${response.status}, ${JSON.stringify(reason)}`,
    response.status === 403 || response.status === 404 ? "look at the job's `permissions`" : undefined,
  );
  error.status = response.status;
  return error;
}
