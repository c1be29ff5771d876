import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplicationDefinition } from '../../components/application-spec';
import { command } from './support/command';
import { engine, helper } from './support/engine';
import { FULL, pythonImage, root } from './support/environment';
import { given, givenStack, smallService } from './support/given';
import { interruptedUp, WAYS } from './support/interruption';
import { onDocker } from './support/only';
import { Random, seed } from './support/random';
import { report } from './support/report';
import { Stack } from './support/stack';
import { leftOf, target } from './support/target';
import { waitFor } from './support/wait';

const TIMES = Number(process.env['E2E_INTERRUPTIONS'] ?? (FULL ? 20 : 4));
const NAME = 'interrupted';
const random = new Random(seed());

/** What differs from one `up` to the next. */
interface Variant {
  extra: boolean;
  other: 'web' | 'api';
  replicas: number;
  secret: string;
}

const FIRST: Variant = { extra: false, other: 'api', replicas: 1, secret: 'first' };

/** Two services, a job, a secret, and a third service that comes and goes. */
async function definition({ extra, other, replicas, secret }: Variant): Promise<ApplicationDefinition> {
  const service = await smallService();
  const { image, resources } = service;
  return {
    jobs: { prepare: { image, resources: resources!, command: ['python3', '-c', 'pass'] } },
    services: {
      api: {
        ...service,
        secrets: { token: secret },
        after: ['prepare'],
        storage: { path: '/data', size: '16Mi' },
        env: { DATA: '/data' },
      },
      web: { ...service, replicas, calls: ['api'], env: { CALLEE: 'api' } },
      ...(extra ? { extra: { ...service, calls: ['api'], env: { CALLEE: 'api' } } } : {}),
    },
    gateway: {
      routes: [
        { path: '/', to: 'web' },
        { path: '/other', to: other },
        ...(extra ? [{ path: '/extra', to: 'extra' }] : []),
      ],
    },
  };
}

function changed(before: Variant): Variant {
  return {
    ...before,
    ...random.pick<Partial<Variant>>([
      { extra: !before.extra },
      { other: before.other === 'api' ? 'web' : 'api' },
      { replicas: before.replicas === 1 ? 2 : 1 },
      { secret: `secret ${random.integer(0, 1e6)}`, extra: !before.extra },
    ]),
  };
}

let stack: Stack;
let current = FIRST;
/** Milliseconds that a first `up` and an update take here when nobody interrupts them: each is interrupted within that time. */
const usual = { first: 0, update: 0 };
let hits = 0;

beforeAll(async () => {
  console.log(`interruptions: E2E_SEED=${random.seed}`);
  stack = await givenStack(NAME);
  await stack.configure(given(await definition(FIRST)));
});

/** @returns what the `up` said of the one before. */
async function expectWhole(variant: Variant): Promise<string> {
  const config = given(await definition(variant));
  const { output } = await stack.mustUp(config);
  const preview = await stack.preview(config, ['--expect-no-changes', '--diff']);
  if (preview.code !== 0) throw new Error(`the second preview shows changes:\n${preview.output}`);
  expect(preview.output + output).not.toContain('pending operations from previous deployment');
  const url = await stack.url();
  const paths = ['/version', '/call', '/other/version', ...(variant.extra ? ['/extra/call'] : [])];
  await waitFor(`answers at ${paths.join(', ')}`, async () => {
    const answers = await Promise.all(paths.map((path) => fetch(`${url}${path}`)));
    return answers.every(({ status }) => status === 200);
  });
  // What is removed may still be stopping.
  await waitFor(`extra to be ${variant.extra ? 'there' : 'gone'}`, async () => {
    const { objects } = await target.belongings(stack.scope);
    return objects.some((name) => name.includes('extra')) === variant.extra;
  });
  return output
    .split('\n')
    .filter((line) => /last update was interrupted|the lock on stack/.test(line))
    .join(' | ');
}

onDocker('what the engine has and the state does not', () => {
  const config = async (variant: Variant) => given(await definition(variant));
  const inApi = async (script: string) => {
    const [replica] = await target.replicas(stack.scope, 'api');
    return (await target.exec(replica!.id, ['sh', '-c', script])).output.trim();
  };

  const OWNERS = 'find /data -exec stat -c "%n %u:%g" {} + | sort';
  /** As a Pulumi leaves it that is killed while it gives the volume to the user of its service. */
  const halfOwned = async (volume: string) => {
    const Mounts = [{ Type: 'volume' as const, Source: volume, Target: '/data' }];
    expect(await helper(['chown', '0:0', '/data', '/data/.folder/file'], { Mounts })).toMatchObject({ code: 0 });
    await engine.createContainer({ name: `${volume}-owner`, Image: pythonImage(), HostConfig: { Mounts } });
  };

  it('is taken over by the next `up` where it is of the application: all of it, but for data', async () => {
    await stack.mustUp(await config(FIRST));
    await inApi('mkdir /data/.folder && touch /data/.folder/file && echo kept > /data/marker');
    const owners = await inApi(OWNERS);
    expect(await stack.pulumi(['stack', 'rm', stack.name, '--force', '--yes', '--preserve-config'])).toMatchObject({
      code: 0,
    });
    await halfOwned(`${stack.scope}-api-data`);
    stack = await givenStack(NAME);
    const { output } = await stack.mustUp(await config(FIRST));
    expect(output).toContain(`network ${stack.scope}-web is on the engine but not in Pulumi's state`);
    await expectWhole(FIRST);
    expect(await inApi('cat /data/marker')).toBe('kept');
    expect(await inApi(OWNERS)).toBe(owners);
  });

  it('is left alone where it is of somebody else, and named with what to do', async () => {
    const name = `${stack.scope}-extra`;
    const foreign = await engine.createNetwork({ Name: name, Driver: 'overlay', Attachable: true });
    try {
      const { output } = await stack.mustNotUp(await config({ ...FIRST, extra: true }));
      expect(output).toContain(
        `a network named ${name} already exists on the engine and does not belong to this application`,
      );
      expect(output).toContain(`docker network rm ${name}`);
      await foreign.inspect();
    } finally {
      await foreign.remove();
    }
    await expectWhole({ ...FIRST, extra: true });
    current = { ...FIRST, extra: true };
  });
});

describe('an interrupted `up`', () => {
  beforeAll(async () => {
    const timed = async (variant: Variant) => {
      const { code, changed: time } = await interruptedUp(stack, given(await definition(variant)));
      expect(code).toBe(0);
      return Math.round(time);
    };
    expect(await stack.destroy()).toMatchObject({ code: 0 });
    usual.first = await timed(FIRST);
    current = { ...FIRST, extra: true, replicas: 2, secret: 'other' };
    // This one changes all that there is; most change one thing.
    usual.update = Math.round((await timed(current)) / 2);
    console.log(`interrupted within ${JSON.stringify(usual)} ms`);
  });

  it.each(Array.from({ length: TIMES }, (_, index) => index))(
    'is made good by the next one, without a hand (%i)',
    async (index) => {
      const way = WAYS[(index + random.seed) % WAYS.length]!;
      const isFirst = index % 2 === 0;
      const after = random.integer(0, isFirst ? usual.first : usual.update);
      if (isFirst) expect(await stack.destroy()).toMatchObject({ code: 0 });
      const wanted = isFirst ? changed(FIRST) : changed(current);
      const what = `${isFirst ? 'first' : 'update'} ${JSON.stringify(wanted)} ended by ${way} after ${after} ms`;
      console.log(what);
      const { interrupted } = await interruptedUp(stack, given(await definition(wanted)), { after, way });
      // Half of the time somebody thinks better of it.
      current = random.chance(0.5) ? wanted : changed(wanted);
      const said = await expectWhole(current);
      hits += interrupted ? 1 : 0;
      const moment = `${isFirst ? 'first' : 'update'}, after ${after} ms${interrupted ? '' : ', when it had ended'}`;
      const note = `${moment}${said ? '; then it was made good' : ''}`;
      report({ name: `interrupted by ${way}`, note });
      console.log(said);
    },
  );

  it('was met while it ran, half of the time at least', () => {
    expect(hits).toBeGreaterThanOrEqual(TIMES / 2);
  });

  it('is removed as a whole by `destroy`, but for data', async () => {
    const wanted = { ...current, extra: !current.extra, secret: 'last' };
    const after = random.integer(0, usual.update);
    await interruptedUp(stack, given(await definition(wanted)), { after, way: 'SIGKILL of all' });
    expect(await stack.destroy()).toMatchObject({ code: 0 });
    expect(await leftOf(stack.scope)).toEqual({ objects: [], data: target.dataOf(stack.scope, 'api') });
    await stack.remove();
    await target.deleteData(stack.scope);
  });
});

describe('`npm run down` after the first `up` was interrupted', () => {
  const name = 'behaviour-interrupted';
  const shop = new Stack('shop', name, root);
  const file = join(root, `Pulumi.${name}.yaml`);
  const mustDown = async (...options: string[]) => {
    const { code, output } = await command('npm', ['run', 'down', '--', '--stack', name, ...options]);
    if (code !== 0) throw new Error(`npm run down ${options.join(' ')} failed:\n${output}`);
  };

  afterAll(() => rmSync(file, { force: true }));

  it('leaves nothing but data, and nothing at all with --data', async () => {
    copyFileSync(join(root, `Pulumi.${target.shopStack}.yaml`), file);
    const after = random.integer(0, usual.first);
    console.log(`first \`up\` of the shop killed after ${after} ms`);
    await interruptedUp(shop, {}, { after, way: 'SIGKILL of all' });
    const killed = (await target.belongings(shop.scope)).objects;
    await mustDown();
    const left = await leftOf(shop.scope);
    expect(left.objects).toEqual([]);
    await mustDown('--data');
    expect(await leftOf(shop.scope)).toEqual({ objects: [], data: [] });
    await shop.remove();
    report({ name: 'npm run down of a first `up` that was killed', note: `${after} ms, ${killed.length} objects` });
  });
});
