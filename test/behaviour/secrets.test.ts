import { readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/environment';
import { report } from './support/report';
import { shop, type Shop } from './support/shop';
import { target } from './support/target';

let it_: Shop;
/** Secret values as the services read them, and the forms in which they could slip out. */
const values = new Map<string, string>();

beforeAll(async () => {
  it_ = await shop();
  for (const service of ['database', 'user', 'product', 'order', 'migrate']) {
    for (const [name, value] of await target.secretsOf(it_.scope, service)) {
      values.set(`${service}/${name}`, value);
      values.set(`${service}/${name} in base64`, Buffer.from(value).toString('base64'));
    }
  }
});

function found(text: string): string[] {
  return [...values].filter(([, value]) => text.includes(value)).map(([name]) => name);
}

describe('no secret can be read', () => {
  it('and there are secrets to look for', () => {
    expect(values.size).toBeGreaterThanOrEqual(10);
    for (const value of values.values()) expect(value.length).toBeGreaterThanOrEqual(16);
    report({ name: 'secrets searched for', note: `${values.size} values` });
  });

  it('in the state, exported or on disk', async () => {
    expect(found(await it_.stack.state())).toEqual([]);
    expect(filesWith(join(root, '.local', 'state'))).toEqual([]);
  });

  it('in a preview, with all details', async () => {
    const { output } = await it_.stack.preview({ 'shop:revision': 'another' }, ['--diff', '--json']);
    expect(found(output)).toEqual([]);
  });

  it('in a preview, which needs no key', async () => {
    const key = join(root, '.local', 'installation-key');
    renameSync(key, `${key}.away`);
    try {
      const { code, output } = await it_.stack.preview({}, ['--expect-no-changes', '--diff']);
      if (code !== 0) throw new Error(output);
      expect((await it_.stack.mustNotUp()).output).toContain('secrets are missing');
    } finally {
      renameSync(`${key}.away`, key);
    }
  });

  it('in what the engine says of containers, services and configurations', async () => {
    expect(found(await target.described(it_.scope))).toEqual([]);
  });

  it('in a log or an environment', async () => {
    for (const { id } of await target.containers(it_.scope)) expect(found(await target.logs(id))).toEqual([]);
    for (const service of ['database', 'user', 'product', 'order', 'frontend']) {
      const [replica] = await target.replicas(it_.scope, service);
      const environments = await target.exec(replica!.id, [
        'sh',
        '-c',
        'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null',
      ]);
      expect(environments.output).toContain('PATH=');
      expect(found(environments.output)).toEqual([]);
    }
  });

  it('in a file of the repository', () => {
    for (const folder of ['test', 'infra', 'stacks', 'components', 'app', 'scripts', 'docs'])
      expect(filesWith(join(root, folder))).toEqual([]);
  });
});

function filesWith(folder: string): string[] {
  const skip = new Set(['node_modules', 'target', 'dist', '.venv']);
  const list = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      skip.has(entry.name)
        ? []
        : entry.isDirectory()
          ? list(join(path, entry.name))
          : entry.isFile()
            ? [join(path, entry.name)]
            : [],
    );
  try {
    return list(folder).filter(
      (file) => statSync(file).size < 20_000_000 && found(readFileSync(file, 'latin1')).length > 0,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
