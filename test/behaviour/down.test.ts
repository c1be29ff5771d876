import { leftOf, fullStrength } from './support/engine';
import { fixtureStack } from './support/fixture';
import { report } from './support/report';
import { command } from './support/stack';

describe('`destroy`', () => {
  it('leaves nothing but data, which the next `up` finds again', async () => {
    const stack = await fixtureStack();
    await stack.mustUp();
    const url = await stack.url();
    const line = `line ${Date.now()}`;
    expect((await fetch(`${url}/keep`, { method: 'POST', body: line })).status).toBe(200);

    const destroyed = await stack.destroy();
    expect(destroyed).toMatchObject({ code: 0 });
    expect(await leftOf(stack.prefix)).toEqual({ objects: [], volumes: [`${stack.prefix}-keeper-data`] });

    await stack.mustUp();
    await fullStrength(stack.prefix, 'keeper', 1);
    const kept = (await (await fetch(`${await stack.url()}/kept`)).json()) as { lines: string[] };
    expect(kept.lines).toContain(line);

    await stack.destroy({ remove: true });
    const { objects, volumes } = await leftOf(stack.prefix);
    expect(objects).toEqual([]);
    expect((await command('docker', ['volume', 'rm', ...volumes])).code).toBe(0);
    expect(await leftOf(stack.prefix)).toEqual({ objects: [], volumes: [] });
    report({ name: 'destroy', note: 'nothing left but the data volume; data found again' });
  });
});
