import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildEntries, contentHash } from '../../components/content-hash';

let folder: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'content-'));
  write('Dockerfile', 'FROM scratch\n');
  write('src/main.py', 'print()\n');
});
afterEach(() => rmSync(folder, { recursive: true }));
const hash = (inputs = {}) => contentHash(folder, 'Dockerfile', inputs);
/** Paths of what is sent; folders end in a slash. */
const sent = (dockerfile = 'Dockerfile') =>
  buildEntries(folder, dockerfile).map(({ path, kind }) => (kind === 'folder' ? `${path}/` : path));
/** Whether something changes the hash. */
const changes = (change: () => void) => {
  const before = hash();
  change();
  return hash() !== before;
};

describe('the hash of what an image is built from', () => {
  it('is the same for the same, whenever it was written', () => {
    expect(changes(() => utimesSync(join(folder, 'Dockerfile'), 1, 1))).toBe(false);
    expect(changes(() => write('Dockerfile', 'FROM scratch\n'))).toBe(false);
    expect(hash()).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<[string, () => void]>([
    ['content', () => write('src/main.py', 'print(1)\n')],
    ['a new file', () => write('src/new.py', '')],
    ['a removed file', () => rmSync(join(folder, 'src/main.py'))],
    ['a name', () => renameSync(join(folder, 'src/main.py'), join(folder, 'src/start.py'))],
    ['a folder', () => renameSync(join(folder, 'src'), join(folder, 'lib'))],
    ['the executable bit', () => chmodSync(join(folder, 'src/main.py'), 0o755)],
    ['the executable bit of the owner alone', () => chmodSync(join(folder, 'src/main.py'), 0o744)],
    ['who may read a file', () => chmodSync(join(folder, 'src/main.py'), 0o600)],
    ['who may read a folder', () => chmodSync(join(folder, 'src'), 0o700)],
    ['an empty folder', () => mkdirSync(join(folder, 'empty'))],
    ['a file below node_modules', () => write('src/node_modules/a/x.js', '1')],
    ['a FIFO', () => execFileSync('mkfifo', [join(folder, 'fifo')])],
    ['the target of a link', () => symlinkSync('main.py', join(folder, 'src/link'))],
  ])('changes with %s', (_, change) => expect(changes(change)).toBe(true));

  it('tells a link from a file with the same text, and follows none', () => {
    const before = hash();
    symlinkSync('/nowhere', join(folder, 'link'));
    const asLink = hash();
    rmSync(join(folder, 'link'));
    write('link', '/nowhere');
    expect(new Set([before, asLink, hash()]).size).toBe(3);
  });

  it('tells where one file ends and the next begins', () => {
    write('a', 'x');
    write('b', '');
    const before = hash();
    write('a', '');
    write('b', 'x');
    expect(hash()).not.toBe(before);
    write('a', 'x\0b\0file\0');
    rmSync(join(folder, 'b'));
    const joined = hash();
    write('a', 'x');
    write('b', '');
    expect(joined).not.toBe(hash());
  });

  it('does not change with the umask of a checkout', () => {
    expect(
      changes(() => {
        chmodSync(join(folder, 'src/main.py'), 0o664);
        chmodSync(join(folder, 'src'), 0o775);
      }),
    ).toBe(false);
  });

  it('does not change with a socket, which is not sent', async () => {
    const server = createServer();
    const before = hash();
    await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
    const after = hash();
    await new Promise((resolve) => server.close(resolve));
    expect(after).toBe(before);
  });

  it.each(['*\n!src\n', '**/Dockerfile\n'])('changes with the Dockerfile below an ignore file with %j', (ignored) => {
    write('.dockerignore', ignored);
    expect(changes(() => write('Dockerfile', 'FROM scratch\nENV X=1\n'))).toBe(true);
  });

  it('changes with what an ignore file lets through, not with its comments', () => {
    write('.dockerignore', '*.md\n.dockerignore\n');
    write('a.md', '');
    write('b.txt', '');
    expect(changes(() => write('.dockerignore', '# notes\n*.md\n.dockerignore\n'))).toBe(false);
    expect(changes(() => write('.dockerignore', '*.txt\n.dockerignore\n'))).toBe(true);
  });

  it('changes with the ignore file of the Dockerfile, which BuildKit reads instead', () => {
    write('.dockerignore', '*\n!src\n!other\n');
    write('other', '');
    write('Dockerfile.dockerignore', '*\n!src\n!other\n');
    expect(changes(() => write('Dockerfile.dockerignore', '*\n!src\n'))).toBe(true);
    // The classic builder goes by the first.
    expect(changes(() => write('other', '1'))).toBe(true);
  });

  it("changes with the build's other inputs, not with their order", () => {
    expect(hash({ target: 'a' })).not.toBe(hash({ target: 'b' }));
    expect(hash({ buildArgs: { A: '1', B: '2' }, target: 'x' })).toBe(
      hash({ target: 'x', buildArgs: { B: '2', A: '1' } }),
    );
    expect(hash({ buildArgs: { A: '1', B: '2' } })).not.toBe(hash({ buildArgs: { A: '2', B: '1' } }));
  });
});

describe('what reaches the builder', () => {
  it('is all, sorted, with forward slashes', () => {
    write('b', '');
    write('a/z/y', '');
    expect(sent()).toEqual(['Dockerfile', 'a/', 'a/z/', 'a/z/y', 'b', 'src/', 'src/main.py']);
  });

  it('is not what .dockerignore names', () => {
    write('.dockerignore', '# comment\n**/*.log\nsecret\n!keep.log\n');
    for (const path of ['keep.log', 'drop.log', 'src/deep/x.log', 'secret/key', 'Secret']) write(path, '');
    expect(sent()).toEqual(['.dockerignore', 'Dockerfile', 'Secret', 'keep.log', 'src/', 'src/deep/', 'src/main.py']);
    expect(changes(() => write('src/other.log', 'x'))).toBe(false);
    expect(changes(() => write('keep.log', 'x'))).toBe(true);
  });

  it('is what an ignore file of everything names as exceptions', () => {
    write('.dockerignore', '*\n!src\n**/__pycache__\n');
    write('src/__pycache__/x.pyc', '');
    expect(sent()).toEqual(['src/', 'src/main.py']);
  });

  it.each(['!a/b/kept', '! ./a/b/kept', '!/a/b', '!a/*/kept', '!**/kept'])(
    'is the exception %s in an ignored folder',
    (exception) => {
      write('.dockerignore', `*\n${exception}\n`);
      write('a/b/kept', '');
      write('a/c/dropped', '');
      expect(sent()).toContain('a/b/kept');
      expect(sent()).not.toContain('a/c/dropped');
    },
  );

  it('is installed packages and the history of git too, unless an ignore file names them', () => {
    for (const path of ['node_modules/a/x.js', '.git/HEAD']) write(path, '');
    expect(sent()).toEqual(expect.arrayContaining(['node_modules/a/x.js', '.git/HEAD']));
    write('.dockerignore', 'node_modules\n.git\n.dockerignore\n');
    expect(sent()).toEqual(['Dockerfile', 'src/', 'src/main.py']);
  });

  it('does not depend on what lies in an ignored folder', () => {
    write('.dockerignore', '*\n!src\n');
    write('closed/x', '');
    // Listing it would fail for others than root; a loop of links would not end.
    symlinkSync('.', join(folder, 'closed/loop'));
    expect(sent()).toEqual(['src/', 'src/main.py']);
  });
});
