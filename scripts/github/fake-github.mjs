// GitHub's API on 127.0.0.1 for the tests: what the scripts need of it, kept in memory.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { crc32, deflateRawSync } from 'node:zlib';

export const BOT = { login: 'github-actions[bot]', type: 'Bot' };
export const REPOSITORY = { id: 1, full_name: 'example/shop', default_branch: 'main', owner: { login: 'example' } };
export const SHA = 'a'.repeat(40);

/** @param state `pulls`, `comments` by number, `issues`, `artifacts` by run, `deployments` with `statuses`, `environments` by name; what is done is kept there. */
export async function fakeGitHub(state = {}) {
  const kept = {
    ...{
      pulls: [],
      comments: {},
      issues: [],
      artifacts: {},
      deployments: [],
      environments: {},
      dispatched: [],
      requests: [],
    },
    fail: [],
    nextId: 100,
    ...state,
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://x');
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = text === '' ? undefined : JSON.parse(text);
    kept.requests.push({
      method: request.method,
      url: request.url,
      authorization: request.headers.authorization,
      body,
    });
    const failure = kept.fail.shift();
    if (failure) return response.writeHead(failure).end('{"message":"no"}');
    if (url.pathname.startsWith('/storage/')) {
      return response.end(kept.artifacts.content[url.pathname.split('/').at(-1)]);
    }
    const path = url.pathname.replace('/repos/example/shop/', '');
    const environment = /^environments\/(.+)$/.exec(path)?.[1];
    if (environment && !kept.environments[environment]) return response.writeHead(404).end('{"message":"Not Found"}');
    for (const [method, pattern, answer] of ROUTES) {
      const match = method === request.method && pattern.exec(path);
      if (!match) continue;
      const result = answer(kept, { match, query: url.searchParams, body, host: request.headers.host });
      if (result?.location) return response.writeHead(302, { location: result.location }).end();
      return response.writeHead(result === undefined ? 204 : 200).end(JSON.stringify(result));
    }
    return response.writeHead(404).end(JSON.stringify({ message: `${request.method} ${path}` }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = `http://127.0.0.1:${server.address().port}`;
  return {
    state: kept,
    env: { GITHUB_TOKEN: 'token', GITHUB_REPOSITORY: REPOSITORY.full_name, GITHUB_API_URL: api, GITHUB_RUN_ID: '5' },
    options: { token: 'token', repository: REPOSITORY.full_name, api, wait: 1 },
    close: () => server.close(),
  };
}

const paged = (items, query) => {
  const [size, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
  return items.slice((page - 1) * size, page * size);
};
const made = (kept, more) => ({ id: (kept.nextId += 1), user: BOT, ...more });

const ROUTES = [
  ['GET', /^environments\/(.+)$/, ({ environments }, { match }) => environments[match[1]]],
  [
    'GET',
    /^pulls$/,
    ({ pulls }, { query }) => {
      const named = ({ head }) => `${head.user.login}:${head.ref}`;
      const fits = (one) =>
        (!query.get('head') || named(one) === query.get('head')) &&
        (!query.get('base') || one.base.ref === query.get('base')) &&
        (!query.get('state') || query.get('state') === 'all' || one.state === query.get('state'));
      return paged(pulls.filter(fits), query);
    },
  ],
  ['GET', /^pulls\/(\d+)$/, ({ pulls }, { match }) => pulls.find(({ number }) => number === Number(match[1]))],
  ['GET', /^issues\/(\d+)\/comments$/, (kept, { match, query }) => paged(kept.comments[match[1]] ?? [], query)],
  [
    'POST',
    /^issues\/(\d+)\/comments$/,
    (kept, { match, body }) => {
      const comment = made(kept, body);
      (kept.comments[match[1]] ??= []).push(comment);
      return comment;
    },
  ],
  [
    'PATCH',
    /^issues\/comments\/(\d+)$/,
    (kept, { match, body }) => {
      const comment = Object.values(kept.comments)
        .flat()
        .find(({ id }) => id === Number(match[1]));
      return Object.assign(comment, body);
    },
  ],
  [
    'DELETE',
    /^issues\/comments\/(\d+)$/,
    (kept, { match }) => {
      for (const [number, list] of Object.entries(kept.comments)) {
        kept.comments[number] = list.filter(({ id }) => id !== Number(match[1]));
      }
    },
  ],
  [
    'DELETE',
    /^issues\/(\d+)\/labels\/(.+)$/,
    (kept, { match }) => {
      const pull = kept.pulls.find(({ number }) => number === Number(match[1]));
      pull.labels = pull.labels.filter(({ name }) => name !== decodeURIComponent(match[2]));
      return pull.labels;
    },
  ],
  [
    'GET',
    /^issues$/,
    ({ issues }, { query }) =>
      paged(
        issues.filter(
          ({ state, labels }) =>
            state === query.get('state') && labels.some((label) => label.name === query.get('labels')),
        ),
        query,
      ),
  ],
  [
    'POST',
    /^issues$/,
    (kept, { body }) => {
      const labels = body.labels.map((name) => ({ name }));
      const issue = made(kept, { ...body, labels, number: kept.issues.length + 1, state: 'open' });
      kept.issues.push(issue);
      return issue;
    },
  ],
  [
    'PATCH',
    /^issues\/(\d+)$/,
    (kept, { match, body }) =>
      Object.assign(
        kept.issues.find(({ number }) => number === Number(match[1])),
        body,
      ),
  ],
  [
    'GET',
    /^actions\/runs\/(\d+)\/artifacts$/,
    ({ artifacts }, { match, query }) => ({ artifacts: paged(artifacts[match[1]] ?? [], query) }),
  ],
  [
    'GET',
    /^actions\/artifacts\/(\d+)\/zip$/,
    (_, { match, host }) => ({ location: `http://${host}/storage/${match[1]}` }),
  ],
  [
    'POST',
    /^actions\/workflows\/(.+)\/dispatches$/,
    (kept, { match, body }) => {
      kept.dispatched.push({ workflow: match[1], ...body });
    },
  ],
  [
    'GET',
    /^deployments$/,
    ({ deployments }, { query }) =>
      paged(
        deployments.filter(({ environment }) => environment === query.get('environment')),
        query,
      ),
  ],
  [
    'GET',
    /^deployments\/(\d+)\/statuses$/,
    ({ deployments }, { match }) => deployments.find(({ id }) => id === Number(match[1])).statuses,
  ],
];

/** A pull request as the API describes it. */
export function pullRequest({ number = 7, sha = SHA, ref = 'change', fork = false, labels = [], state = 'open' } = {}) {
  const owner = fork ? 'somebody' : 'example';
  return {
    number,
    state,
    labels: labels.map((name) => ({ name })),
    head: { sha, ref, user: { login: owner }, repo: { id: fork ? 2 : 1, full_name: `${owner}/shop` } },
    base: { ref: 'main', repo: { id: 1, full_name: 'example/shop' } },
  };
}

/** A ZIP archive of some files. @param entries `name`, `text`, and what of the form is to be wrong. */
export function zip(...entries) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { name, text = '', mode = 0o100644, flags = 0, claimed } of entries) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(claimed ?? content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE((mode << 16) >>> 0, 6);
    central.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), fields, central, Buffer.from(name));
    parts.push(local);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
