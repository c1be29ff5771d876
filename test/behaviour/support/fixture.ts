import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ECHO } from '../fixture/definition';
import { fullStrength, target } from './target';
import { pythonImage, root } from './environment';
import type { Answer, Shot } from './load';
import { command } from './command';
import { Stack } from './stack';

const folder = join(root, 'test', 'behaviour', 'fixture');

/** Builds the fixture's image if its files have changed; the tag follows from them. */
export async function fixtureImage(): Promise<string> {
  const service = join(folder, 'service');
  const hash = createHash('sha256').update(pythonImage());
  for (const file of readdirSync(service).sort()) hash.update(file).update(readFileSync(join(service, file)));
  const image = `behaviour-fixture:${hash.digest('hex').slice(0, 12)}`;
  if ((await command('docker', ['image', 'inspect', image])).code === 0) return image;
  const built = await command('docker', ['build', '--build-arg', `BASE=${pythonImage()}`, '--tag', image, service]);
  if (built.code !== 0) throw new Error(`cannot build the fixture's image:\n${built.output}`);
  return image;
}

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
