import { derivePassword } from '../../stacks/passwords';
import { isSecret, valueOf } from '../support/deployment';

const key = Buffer.alloc(32, 7);
const identity = { project: 'shop', stack: 'dev' };
const password = (
  change: { key?: Buffer; project?: string; stack?: string; name?: string; generation?: number } = {},
) => derivePassword(change.key ?? key, { ...identity, ...change }, change.name ?? 'db', change.generation ?? 1);

describe('a password', () => {
  it('is the same for ever, since data is kept under it', async () => {
    // Changing this value locks every installation out of its database.
    expect(await valueOf(password())).toBe('EGzSEmycwJP-rP8ujfo58FT9htxgbXJn');
  });

  it('is another for another key, project, stack, name or generation', async () => {
    const all = [
      password(),
      password({ key: Buffer.alloc(32, 8) }),
      password({ project: 'x' }),
      password({ stack: 'pr-1' }),
      password({ name: 'token' }),
      password({ generation: 2 }),
    ];
    expect(new Set(await Promise.all(all.map((one) => valueOf(one)))).size).toBe(all.length);
  });

  it('does not confuse where one part ends and the next begins', async () =>
    expect(await valueOf(password({ project: 'a', stack: 'bc' }))).not.toBe(
      await valueOf(password({ project: 'ab', stack: 'c' })),
    ));

  it('is a secret of 192 bits that needs no quoting anywhere', async () => {
    expect(await isSecret(password())).toBe(true);
    expect(await valueOf(password())).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });
});

it('that a preview shows follows from no key, and is a secret as well', async () => {
  const shown = derivePassword(undefined, identity, 'db', 1);
  expect(await isSecret(shown)).toBe(true);
  expect(await valueOf(shown)).toBe('known only to a deployment');
});
