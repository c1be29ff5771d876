import * as pulumi from '@pulumi/pulumi';
import { existsSync } from 'node:fs';
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

  it('lead to the source of our own files', () => {
    const asked: unknown[] = [];
    readableStackTraces((file) => ({
      findEntry: (line, column) => {
        asked.push([file, typeof line, typeof column]);
        return { originalSource: 'file:///project/stacks/shop.ts', originalLine: 41, originalColumn: 6 };
      },
    }));
    expect(placesOf(new Error('here'))[0]).toBe('/project/stacks/shop.ts');
    expect(new Error('here').stack).toContain('/project/stacks/shop.ts:42:7');
    expect(asked).toContainEqual([__filename, 'number', 'number']);
    expect(asked.filter((question) => String(question).includes('node_modules'))).toEqual([]);
  });

  it('say what runs where nothing is known of the source', () => {
    readableStackTraces(() => undefined);
    expect(placesOf(new Error('here'))[0]).toBe(__filename);
    readableStackTraces(() => ({ findEntry: () => ({}) }));
    expect(placesOf(new Error('here'))[0]).toBe(__filename);
  });
});
