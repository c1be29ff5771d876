import * as pulumi from '@pulumi/pulumi';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { readableStackTraces } from '../../infra/stack-traces';

const before = Reflect.get<ErrorConstructor, 'prepareStackTrace'>(Error, 'prepareStackTrace');

afterEach(() => {
  Error.prepareStackTrace = before;
});

/** An error whose trace goes through Pulumi's own code. */
function errorOfPulumi(): Error {
  try {
    new pulumi.ComponentResource('', 'no-type');
  } catch (error) {
    return error as Error;
  }
  throw new Error('a resource without a type was accepted');
}

const placesOf = ({ stack }: Error) =>
  [...(stack ?? '').matchAll(/^ {4}at (?:.* \()?(.+?):(\d+):(\d+)\)?$/gm)].map(([, file]) => file!);

describe('stack traces', () => {
  it('name files of packages that exist, so that Node.js can colour them', () => {
    readableStackTraces();
    const error = errorOfPulumi();
    const packages = placesOf(error).filter((file) => file.includes('node_modules'));
    expect(packages).toContainEqual(expect.stringMatching(/@pulumi\/pulumi\/resource\.js$/));
    expect(packages.filter((file) => !existsSync(file))).toEqual([]);
    expect(() => inspect(error, { colors: true })).not.toThrow();
  });

  it('begin with the name and the message', () => {
    readableStackTraces();
    expect(new RangeError('too many').stack).toMatch(/^RangeError: too many\n {4}at /);
    expect(new pulumi.RunError('plain words').stack).toMatch(/^Error: plain words\n {4}at /);
  });

  it('are empty for an error without a message: Pulumi asks for one with each promise', () => {
    readableStackTraces();
    expect(new Error().stack).toBe('Error');
    expect(new TypeError().stack).toMatch(/^TypeError\n {4}at /);
  });

  it('name the lines of our own files as they are written', () => {
    const options = { cwd: join(__dirname, '..', '..'), encoding: 'utf8' } as const;
    const source =
      'interface Shape {\n  side: number;\n}\nconst fail = (shape: Shape) => {\n  throw new Error(`${shape.side}`);\n};\nfail({ side: 3 });\n';
    const folder = mkdtempSync(join(tmpdir(), 'stack-traces-'));
    try {
      writeFileSync(join(folder, 'fails.ts'), source);
      const { stderr } = spawnSync(
        process.execPath,
        ['--require', 'sucrase/register/ts', join(folder, 'fails.ts')],
        options,
      );
      expect(stderr).toMatch(/at fail \(.*fails\.ts:5:/);
      expect(stderr).toMatch(/at Object\.<anonymous> \(.*fails\.ts:7:/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
