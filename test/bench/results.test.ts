import { sectionText, withSection } from '../../bench/results';

const section = (title: string, value: string) =>
  sectionText({ title, about: 'About it.', head: ['a', 'b'], rows: [[value, '2']] }, 'measured today');

describe('the file of results', () => {
  const both = withSection(withSection('', 'First', section('First', '1')), 'Second', section('Second', '1'));

  it('holds the sections in the order in which they first came', () => {
    expect(both.match(/^## .*/gm)).toEqual(['## First', '## Second']);
    expect(both).toContain(
      '## First\n\nAbout it.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nmeasured today\n\n## Second',
    );
  });

  it('gets one section anew in its old place, and keeps the others to the letter', () => {
    const changed = withSection(both, 'First', section('First', '9'));
    expect(changed).toBe(both.replace('| 1 | 2 |', '| 9 | 2 |'));
  });

  it('is the same when a section is written again', () => {
    expect(withSection(both, 'Second', section('Second', '1'))).toBe(both);
  });
});
