import { plainText } from '../../../components/docker/output';
import { framed } from '../../support/fake-docker';

describe('output of a container', () => {
  it('loses its frames', () => expect(plainText(framed([1, 'one\n'], [2, 'ä two\n'], [1, '']))).toBe('one\nä two\n'));

  it('of a terminal has none', () => {
    expect(plainText(Buffer.from('plain text\n'))).toBe('plain text\n');
    expect(plainText(Buffer.alloc(0))).toBe('');
  });

  it('that is cut off in the middle of a frame shows what there is', () =>
    expect(plainText(framed([1, 'hello']).subarray(0, 10))).toBe('he'));
});
