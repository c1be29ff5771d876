import type { MicroserviceArgs } from '../../components/microservice-spec';
import { engine } from './support/engine';
import { FULL } from './support/environment';
import { fixtureImage } from './support/fixture-image';
import { given, givenStack, smallService } from './support/given';
import { describeLoad, underLoad, type LoadResult } from './support/load';
import {
  ALL_NAMES,
  ALL_PORTS,
  definitionOf,
  firstModel,
  hostOf,
  namesOf,
  randomEdit,
  undisturbed,
  type Model,
} from './support/model';
import { onDocker } from './support/only';
import { outside } from './support/outside';
import { Random, seed } from './support/random';
import { report } from './support/report';
import type { Stack } from './support/stack';
import { fullStrength, leftOf, target, type Attempt } from './support/target';
import { waitFor } from './support/wait';

const STEPS = Number(process.env['E2E_STEPS'] ?? (FULL ? 200 : 20));
const STEP_MS = 120_000;
/** Requests a second; enough to meet each moment of an update. */
const RATE = 100;
const random = new Random(seed());

let stack: Stack;
let url: string;
let common: MicroserviceArgs;
let images: string[];
let internet: Awaited<ReturnType<typeof outside>>;
/** What was written to the storage of a name; a service that gets that name again finds it. */
const markers = new Map<string, string>();

beforeAll(async () => {
  stack = await givenStack('model');
  common = await smallService();
  const image = await fixtureImage();
  const [repo] = image.split(':');
  await engine.getImage(image).tag({ repo: `${repo}-again`, tag: 'same' });
  images = [image, `${repo}-again:same`];
  internet = await outside();
});

afterAll(async () => {
  internet.close();
  await stack.destroy({ remove: true, refresh: true });
  await target.deleteData(stack.scope);
});

const config = (model: Model) => given(definitionOf(model, common));

/** Deploys while every service that must not notice is asked; returns what is wrong. */
async function deploy(before: Model, after: Model): Promise<string[]> {
  const asked = undisturbed(before, after);
  let failed: string | undefined;
  const up = async () => {
    const { code, output } = await stack.up(config(after));
    if (code !== 0) failed = `up ended with exit code ${code}:\n${output.slice(-3_000)}`;
  };
  let load: LoadResult | undefined;
  if (asked.length === 0) await up();
  else {
    const shot = (n: number) => {
      const name = asked[n % asked.length]!;
      const verify = ({ status }: { status: number }) => (status === 200 ? undefined : `status ${status}`);
      return { kind: name, method: 'GET' as const, path: '/version', headers: { host: hostOf(name) }, verify };
    };
    load = await underLoad({ url, shot, requests: 1, rate: RATE, keptAlive: 4, fresh: 2 }, up);
  }
  if (failed !== undefined) return [failed];
  return load && load.failed > 0 ? [`requests were lost: ${describeLoad(load)}`] : [];
}

/** What is not as the model has it. All is asked at once: each question takes seconds. */
async function differences(model: Model): Promise<string[]> {
  const found = await Promise.all([
    secondPreview(model),
    leftOfRemoved(model),
    ...Object.entries(model).map(async ([name, { replicas, routed, version }]) => {
      await fullStrength(stack.scope, name, replicas);
      const [replica] = await target.replicas(stack.scope, name);
      return [
        ...(await reached(model, name, replica!.id)),
        ...(await files(model, name, replica!.id)),
        ...(routed ? await answer(name, version) : []),
      ];
    }),
  ]);
  return found.flat();
}

async function secondPreview(model: Model): Promise<string[]> {
  const { code, output } = await stack.preview(config(model), ['--expect-no-changes', '--diff']);
  return code === 0 ? [] : [`the second preview shows changes:\n${output.slice(-3_000)}`];
}

async function leftOfRemoved(model: Model): Promise<string[]> {
  const gone = ALL_NAMES.filter((name) => !(name in model)).map((name) => ` ${stack.scope}-${name}`);
  let left: string[] = [];
  const none = async () => {
    left = (await leftOf(stack.scope, 0)).objects.filter((object) => gone.some((name) => object.includes(name)));
    return left.length === 0;
  };
  // Containers of a deleted service may still be stopping.
  await waitFor('what was removed to be gone', none, { timeout: 20_000 }).catch(() => undefined);
  return left.map((object) => `left of what was removed: ${object}`);
}

async function reached(model: Model, name: string, replica: string): Promise<string[]> {
  const attempts: Attempt[] = Object.keys(model)
    .filter((other) => other !== name)
    .flatMap((host) => ALL_PORTS.map((port) => ({ label: `${host}:${port}`, host, port })));
  const { calls, internet: mayLeave } = model[name]!;
  const wanted = [
    ...calls.map((callee) => `${callee}:${model[callee]!.port}`),
    ...(mayLeave ? ['outside'] : []),
  ].sort();
  const now = (await target.connections(replica, [...attempts, internet.attempt])).sort();
  return now.join() === wanted.join() ? [] : [`${name} reaches [${now.join()}], not [${wanted.join()}]`];
}

/** Reads and writes what a service keeps, and reads its secret. */
async function files(model: Model, name: string, replica: string): Promise<string[]> {
  const found: string[] = [];
  const { storage, secret } = model[name]!;
  const shell = async (script: string) => (await target.exec(replica, ['sh', '-c', script])).output.trim();
  if (storage) {
    const marker = markers.get(name);
    const kept = await shell('cat /data/marker 2>/dev/null');
    if (kept !== (marker ?? '')) found.push(`${name} has "${kept}" in its storage, not "${marker ?? ''}"`);
    const next = marker ?? `data of ${name} ${random.seed}`;
    markers.set(name, next);
    await shell(`echo '${next}' > /data/marker`);
  }
  const read = await shell('cat /run/secrets/token 2>/dev/null');
  if (read !== (secret ?? '')) found.push(`${name} reads the secret "${read}", not "${secret ?? ''}"`);
  return found;
}

async function answer(name: string, version: string): Promise<string[]> {
  const result = await underLoad({
    url,
    requests: 10,
    rate: 50,
    after: 0,
    shot: () => ({
      kind: name,
      method: 'GET',
      path: '/version',
      headers: { host: hostOf(name) },
      verify: ({ status, body }) =>
        status === 200 && body.includes(JSON.stringify(version))
          ? undefined
          : `status ${status}: ${body.slice(0, 200)}`,
    }),
  });
  return result.failed === 0 ? [] : [`${name} at the gateway: ${describeLoad(result)}`];
}

onDocker('an application that is edited again and again', () => {
  it(
    `is as declared after each of ${STEPS} edits, and nobody notices who need not`,
    async () => {
      console.log(`model: E2E_SEED=${random.seed} E2E_STEPS=${STEPS}`);
      let model = firstModel(images[0]!);
      await stack.mustUp(config(model));
      // It keeps its port whatever is edited.
      url = await stack.url();
      const faults = (await differences(model)).map((fault) => `at the beginning: ${fault}`);
      for (let step = 1; step <= STEPS; step++) {
        const { what, after } = randomEdit(model, random, images);
        console.log(`step ${step}: ${what}`);
        const began = performance.now();
        const problems = await deploy(model, after);
        const deployed = performance.now();
        problems.push(...(await differences(after).catch((error: unknown) => [String(error)])));
        if (problems.length > 0) {
          console.log(`step ${step} fails: ${problems.join('\n')}`);
          faults.push(`step ${step} (${what}), from ${JSON.stringify(model)}: ${problems.join('\n')}`);
          // What a user would do next; should that fail, everything after it would.
          await stack.mustUp(config(after));
        }
        const seconds = (from: number, to: number) => Math.round((to - from) / 1_000);
        const times = `up ${seconds(began, deployed)} s, checks ${seconds(deployed, performance.now())} s`;
        console.log(`step ${step}: ${times}`);
        model = after;
      }
      report({ name: `model, seed ${random.seed}`, note: `${STEPS} edits, ${faults.length} with faults` });
      expect(namesOf(model, () => true).length).toBeGreaterThan(1);
      expect(faults).toEqual([]);
    },
    (STEPS + 2) * STEP_MS,
  );
});
