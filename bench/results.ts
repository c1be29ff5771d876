import type { Section } from './section';

const INTRODUCTION = `# Benchmarks

Written by \`npm run bench\`; \`npm run bench -- NAME\` writes one section anew and leaves the others. Both sides of a ratio were
measured in the same run, by turns; figures of different runs, or machines, do not compare. The load generator shares the
processors with what it measures, so absolute numbers are low.
`;

/** The text of a section, with when and where it was measured. */
export function sectionText({ title, about, head, rows }: Section, measured: string): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  return `## ${title}\n\n${about}\n\n${table}\n\n${measured}\n`;
}

/** A file of results with one section measured anew: in its old place, or at the end. */
export function withSection(results: string, title: string, text: string): string {
  const [, ...parts] = results.split(/^(?=## )/m);
  const sections = new Map(parts.map((part) => [/^## (.*)$/m.exec(part)![1]!, `${part.trim()}\n`]));
  sections.set(title, text);
  return [INTRODUCTION, ...sections.values()].join('\n');
}
