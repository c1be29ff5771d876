import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { zip } from './fake-github.mjs';
import { onlyFile } from './zip.mjs';

const LIMIT = 1_000;
const read = (...entries) => onlyFile(zip(...entries), 'plan.md', LIMIT);
const plan = { name: 'plan.md', text: '### Plan ✓\n' };

test('the only file of an archive', () => assert.equal(read(plan), '### Plan ✓\n'));

describe('an archive is refused', () => {
  const SYMLINK = 0o120777;
  for (const [what, entries, message] of [
    ['with a link in place of the file', [{ ...plan, text: '/etc/passwd', mode: SYMLINK }], /a link or a folder/],
    ['with a folder in place of the file', [{ ...plan, mode: 0o040755 }], /a link or a folder/],
    ['with a path that leads elsewhere', [{ ...plan, name: '../../plan.md' }], /has "\.\.\/\.\.\/plan\.md" instead of/],
    ['with a file beside it', [plan, { name: 'pull-request', text: '1' }], /has 2 entries instead of one/],
    ['with nothing in it', [], /has 0 entries/],
    ['with a file that is too long', [{ ...plan, text: 'x'.repeat(LIMIT + 1) }], /more than 1000 bytes/],
    ['that claims to be short and is not', [{ ...plan, text: 'x'.repeat(1e6), claimed: 10 }], /more than 1000 bytes/],
    ['that claims to be another length', [{ ...plan, claimed: 10 }], /is damaged/],
    ['that is encrypted', [{ ...plan, flags: 1 }], /is encrypted/],
    ['whose file is not valid UTF-8', [{ ...plan, text: Buffer.from([0xff, 0xfe, 0x41]) }], /not valid UTF-8/],
  ]) {
    test(what, () => assert.throws(() => read(...entries), message));
  }

  test('that is none', () => {
    for (const bytes of ['', 'PK', '<html>', 'PK\x05\x06']) {
      assert.throws(() => onlyFile(Buffer.from(bytes), 'plan.md', LIMIT), /is not a ZIP archive/);
    }
  });

  test('wherever one byte of it is another', () => {
    const good = zip(plan);
    for (let at = 0; at < good.length; at += 1) {
      const bad = Buffer.from(good);
      bad[at] ^= 0xff;
      try {
        assert.equal(onlyFile(bad, 'plan.md', LIMIT), plan.text);
      } catch (error) {
        assert.match(error.message, /^the artifact is refused|Expected values/);
        assert.equal(error.name, 'UserError');
      }
    }
  });
});
