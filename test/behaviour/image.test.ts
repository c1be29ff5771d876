import { appendFileSync, chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './support/command';
import { pythonImage, root } from './support/environment';
import { fixtureStack } from './support/fixture';
import { onDocker } from './support/only';
import type { Stack } from './support/stack';
import { fullStrength, target } from './support/target';

onDocker('an image that is built from a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'behaviour-image-'));
  const path = (name: string) => join(folder, name);
  let stack: Stack;

  beforeAll(async () => {
    cpSync(join(root, 'test', 'behaviour', 'fixture', 'service'), folder, { recursive: true });
    const dockerfile = readFileSync(path('Dockerfile'), 'utf8').replace(/^ARG .*\nFROM .*$/m, `FROM ${pythonImage()}`);
    writeFileSync(path('Dockerfile'), dockerfile);
    // As those of the shop: the Dockerfile is not sent, but decides what is built.
    writeFileSync(path('.dockerignore'), '*\n!*.py\n');
    stack = await fixtureStack('image', { 'fixture:build': folder, 'fixture:replicas': 1 });
    await stack.mustUp();
  });

  afterAll(async () => {
    await stack.destroy({ remove: true, refresh: true });
    await target.deleteData(stack.scope);
    rmSync(folder, { recursive: true });
  });

  /** By an `up` that preview has announced, and after which nothing is left to change. */
  async function deployed(): Promise<void> {
    expect((await stack.preview({}, ['--expect-no-changes'])).code).not.toBe(0);
    await stack.mustUp();
    expect((await stack.preview({}, ['--expect-no-changes'])).code).toBe(0);
  }

  /** What a command says in the replica. */
  async function inReplica(script: string): Promise<string> {
    await fullStrength(stack.scope, 'echo', 1);
    const [replica] = await target.replicas(stack.scope, 'echo');
    return (await target.exec(replica!.id, ['sh', '-c', script])).output.trim();
  }

  it('is built anew when its Dockerfile changes, which is not sent', async () => {
    expect(await inReplica('echo "[$ADDED]"')).toBe('[]');
    appendFileSync(path('Dockerfile'), 'ENV ADDED=1\n');
    await deployed();
    expect(await inReplica('echo "[$ADDED]"')).toBe('[1]');
  });

  it('is built anew when a file, its permissions or the ignore file change', async () => {
    appendFileSync(path('http1.py'), '\n# changed\n');
    chmodSync(path('http1.py'), 0o755);
    await deployed();
    expect(await inReplica('tail -n 1 http1.py; stat -c %a http1.py')).toBe('# changed\n755');
    writeFileSync(path('notes.txt'), 'read me');
    appendFileSync(path('Dockerfile'), 'COPY notes.txt ./\n');
    writeFileSync(path('Dockerfile.dockerignore'), '*\n!*.py\n!notes.txt\n');
    writeFileSync(path('.dockerignore'), '*\n!*.py\n!notes.txt\n');
    await deployed();
    expect(await inReplica('cat notes.txt')).toBe('read me');
  });

  it('is not built anew for what is not sent, and neither a FIFO nor a socket holds it up', async () => {
    writeFileSync(path('not-sent.txt'), 'ignored');
    await command('mkfifo', [path('pipe')]);
    const socket = createServer().listen(path('socket'));
    try {
      expect((await stack.preview({}, ['--expect-no-changes'])).code).toBe(0);
      writeFileSync(path('.dockerignore'), '*\n!*.py\n!notes.txt\n!pipe\n!socket\n');
      rmSync(path('Dockerfile.dockerignore'));
      await stack.mustUp();
      expect((await stack.preview({}, ['--expect-no-changes'])).code).toBe(0);
    } finally {
      socket.close();
    }
  });
});
