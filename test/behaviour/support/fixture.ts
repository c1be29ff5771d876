import { join } from 'node:path';
import { ECHO } from '../fixture/definition';
import { fullStrength, target } from './target';
import { root } from './environment';
import { fixtureImage } from './fixture-image';
import type { Answer, Shot } from './load';
import { Stack } from './stack';
import { waitFor } from './wait';

const folder = join(root, 'test', 'behaviour', 'fixture');

/** The fixture as a stack; the default stack is shared by the test files, one after the other. */
export async function fixtureStack(name = 'faults', config: Record<string, unknown> = {}): Promise<Stack> {
  return new Stack('fixture', name, folder, {
    'fixture:image': await target.published(await fixtureImage()),
    ...(await target.fixtureConfig()),
    ...config,
  });
}

/** The shared fixture, deployed as the repository has it and with every replica of echo healthy. */
export async function runningFixture(config: Record<string, unknown> = {}): Promise<{ stack: Stack; url: string }> {
  const stack = await fixtureStack();
  await stack.mustUp(config);
  await fullStrength(stack.scope, 'echo', ECHO.replicas);
  return { stack, url: await stack.url() };
}

/** The versions of echo that some requests get. */
export async function versions(url: string, requests = 4 * ECHO.replicas): Promise<Set<string>> {
  const seen = new Set<string>();
  for (let n = 0; n < requests; n++)
    seen.add(((await (await fetch(`${url}/version`)).json()) as { version: string }).version);
  return seen;
}

/** Waits until only one version answers: replicas that leave may go on for a while, lest a request be lost. */
export async function onlyVersion(url: string, version: string): Promise<void> {
  await waitFor(
    `only version ${version} to answer`,
    async () => {
      const seen = await versions(url);
      return seen.size === 1 && seen.has(version);
    },
    { timeout: 15_000 },
  );
}

export interface Echo {
  n: string;
  body: string;
  key: string;
  version: string;
}

/** What the n-th request asks the fixture and what must come back. */
export function echoShot({ path = '/echo', onePostIn = 5, keyed = true, nested = false, run = '' } = {}) {
  return (n: number): Shot => {
    const isPost = n % onePostIn === 0;
    const key = `${run}${n}`;
    const body = isPost ? `body ${key}` : '';
    return {
      kind: `${isPost ? (keyed ? 'POST keyed' : 'POST') : 'GET'} ${path}`,
      method: isPost ? 'POST' : 'GET',
      path: `${path}?n=${n}`,
      ...(isPost
        ? { body, headers: { 'content-type': 'text/plain', ...(keyed ? { 'idempotency-key': key } : {}) } }
        : {}),
      verify: (answer) => verifyEcho(answer, { n: String(n), body, key: isPost && keyed ? key : '' }, nested),
    };
  };
}

function verifyEcho({ status, body }: Answer, expected: Omit<Echo, 'version'>, nested: boolean): string | undefined {
  if (status !== 200) return `status ${status}`;
  try {
    const answer = JSON.parse(body) as Echo & { callee?: Echo };
    const echo = nested ? answer.callee : answer;
    const same = echo?.n === expected.n && echo.body === expected.body && echo.key === expected.key;
    return same ? undefined : 'wrong body';
  } catch {
    return 'a body that is not JSON';
  }
}
