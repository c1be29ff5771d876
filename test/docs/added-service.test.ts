import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
/** Tests of the shop and of what deploys it. */
const TESTS = ['test/stacks/(shop|docker|kubernetes|eks|aws-cluster)\\.test', 'test/infra/index\\.test'];

/** A copy of the project as it is in this folder, committed or not. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'added-service-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    try {
      cpSync(join(ROOT, file), join(folder, file), { recursive: true });
    } catch (error) {
      // Removed, and not committed yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function edit(file: string, before: string, after: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.includes(before)) throw new Error(`${file} has no ${before}`);
  writeFileSync(file, text.replace(before, `${before}${after}`));
}

function run(folder: string, program: string, ...args: string[]): void {
  const bin = join(folder, 'node_modules', '.bin', program);
  try {
    execFileSync(bin, args, { cwd: folder, stdio: 'pipe', env: { ...process.env, SHOP_RESULTS: '' } });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    throw new Error(
      `${program} ${args.join(' ')}:\n${stdout.toString().slice(-4_000)}\n${stderr.toString().slice(-4_000)}`,
    );
  }
}

it('a service that is added to the shop in the three places that the README names passes its tests', () => {
  const folder = copy();
  try {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const place of ['`app/`', 'stacks/image-bases.ts', 'stacks/shop.ts']) expect(readme).toContain(place);

    cpSync(join(folder, 'app', 'order-service'), join(folder, 'app', 'cart-service'), { recursive: true });
    edit(
      join(folder, 'stacks', 'image-bases.ts'),
      'export const BASES = {',
      "\n  'cart-service': { PYTHON_IMAGE: 'python' },",
    );
    edit(
      join(folder, 'stacks', 'shop.ts'),
      '    services: {',
      "\n      cart: { image: images['cart-service'], port: 8080, ...health, env: { REVISION: revision }, calls: ['product'] },",
    );
    edit(join(folder, 'stacks', 'shop.ts'), 'routes: [', "{ path: '/api/carts', to: 'cart' }, ");

    run(folder, 'tsc', '--noEmit', '--project', '.');
    run(folder, 'tsx', join('test', 'golden', 'update.ts'));
    expect(readFileSync(join(folder, 'test', 'golden', 'prod.json'), 'utf8')).toContain('cart-service');
    run(folder, 'jest', '--runInBand', ...TESTS);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);
