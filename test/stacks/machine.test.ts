import { existsSync, readFileSync } from 'node:fs';
import { readMachine } from '../../stacks/machine';

jest.mock('node:fs', () => ({ existsSync: jest.fn(), readFileSync: jest.fn() }));

function found(content: object | undefined) {
  jest.mocked(existsSync).mockReturnValue(content !== undefined);
  jest.mocked(readFileSync).mockReturnValue(JSON.stringify(content ?? {}));
}

it('what set-up found decides where base images are from and how a build reaches the network', () => {
  found({ imagePrefix: 'stand-in/', buildNetwork: 'host' });
  expect(readMachine(undefined)).toEqual({ imagePrefix: 'stand-in/', buildNetwork: 'host' });
});

it('the configuration has the last word, also with nothing', () => {
  found({ imagePrefix: 'stand-in/' });
  expect(readMachine('mirror/')).toEqual({ imagePrefix: 'mirror/' });
  expect(readMachine('')).toEqual({ imagePrefix: '' });
});

it('where set-up never ran, official images are taken', () => {
  found(undefined);
  expect(readMachine(undefined)).toEqual({ imagePrefix: '' });
});
