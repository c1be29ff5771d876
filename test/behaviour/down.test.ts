import { fullStrength, leftOf, target } from './support/target';
import { fixtureStack } from './support/fixture';
import { report } from './support/report';

describe('`destroy`', () => {
  it('leaves nothing but data, which the next `up` finds again', async () => {
    const stack = await fixtureStack();
    await stack.mustUp();
    const url = await stack.url();
    const line = `line ${Date.now()}`;
    expect((await fetch(`${url}/keep`, { method: 'POST', body: line })).status).toBe(200);

    const destroyed = await stack.destroy();
    expect(destroyed).toMatchObject({ code: 0 });
    expect(await leftOf(stack.scope)).toEqual({ objects: [], data: target.dataOf(stack.scope, 'keeper') });

    await stack.mustUp();
    await fullStrength(stack.scope, 'keeper', 1);
    const kept = (await (await fetch(`${await stack.url()}/kept`)).json()) as { lines: string[] };
    expect(kept.lines).toContain(line);

    await stack.destroy({ remove: true });
    expect((await leftOf(stack.scope)).objects).toEqual([]);
    await target.deleteData(stack.scope);
    expect(await leftOf(stack.scope)).toEqual({ objects: [], data: [] });
    report({ name: 'destroy', note: 'nothing left but the data, which the next one finds' });
  });
});
