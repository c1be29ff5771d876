import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './support/command';
import { root } from './support/environment';
import { report } from './support/report';
import { customer, shop } from './support/shop';
import { Stack } from './support/stack';
import { target } from './support/target';

const [BEFORE, AFTER] = ['behaviour-before', 'behaviour-after'];
const file = (name: string) => join(root, `Pulumi.${name}.yaml`);
const stackOf = (name: string) => new Stack('shop', name, root);

beforeAll(() => copyFileSync(join(root, `Pulumi.${target.shopStack}.yaml`), file(BEFORE)));

afterAll(async () => {
  for (const name of [BEFORE, AFTER]) {
    await command('npm', ['run', 'down', '--', '--stack', name, '--data']);
    await stackOf(name).remove();
    rmSync(file(name), { force: true });
  }
});

it('a stack that was renamed is refused before anything is touched, and goes on with all that it has when it says its name of before', async () => {
  const { url } = await shop(stackOf(BEFORE));
  const { email, password } = await customer(url);
  const signIn = async () =>
    (
      await fetch(`${url}/api/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      })
    ).ok;
  const before = await target.belongings(stackOf(BEFORE).scope);

  const renamed = await stackOf(BEFORE).pulumi(['stack', 'rename', AFTER, '--stack', BEFORE]);
  expect(renamed).toMatchObject({ code: 0 });
  for (const args of [['preview'], ['up', '--yes', '--skip-preview']]) {
    const { code, output } = await stackOf(BEFORE).pulumi([...args, '--stack', AFTER]);
    expect(code).not.toBe(0);
    expect(output).toContain(`npx pulumi config set --stack ${AFTER} renamedFrom ${BEFORE}`);
    expect(await target.belongings(stackOf(BEFORE).scope)).toEqual(before);
    expect(await signIn()).toBe(true);
  }

  const set = await stackOf(AFTER).pulumi(['config', 'set', 'renamedFrom', BEFORE, '--stack', AFTER]);
  expect(set).toMatchObject({ code: 0 });
  const { code, output } = await stackOf(AFTER).pulumi(['preview', '--expect-no-changes', '--stack', AFTER]);
  expect(code === 0 ? '' : output).toBe('');
  expect(await stackOf(AFTER).pulumi(['up', '--yes', '--skip-preview', '--stack', AFTER])).toMatchObject({ code: 0 });
  expect(await signIn()).toBe(true);
  const status = await command('npm', ['run', 'status', '--', '--stack', AFTER]);
  expect(status.output).toMatch(/database +microservice +1\/1/);

  // Another stack of the old name would have the same objects.
  copyFileSync(file(AFTER), `${file(AFTER)}.kept`);
  copyFileSync(join(root, `Pulumi.${target.shopStack}.yaml`), file(BEFORE));
  const rival = await command('npm', ['run', 'up', '--', '--stack', BEFORE]);
  expect(rival.code).not.toBe(0);
  expect(rival.output).toContain(`the stacks ${BEFORE} and ${AFTER} would share the objects and data`);
  rmSync(file(BEFORE));
  renameSync(`${file(AFTER)}.kept`, file(AFTER));
  expect(await signIn()).toBe(true);
  report({ name: 'renamed stack', note: 'refused, then no change, and its customers can sign in' });
});
