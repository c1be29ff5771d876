// Empties the list of cases before a run and prints it as a table after it.
const { existsSync, readFileSync, rmSync } = require('node:fs');
const { join } = require('node:path');

const lines = join(__dirname, '..', '..', '..', '.local', 'behaviour.jsonl');
const columns = ['case', 'requests', 'failed', 'p99 ms', 'note'];

module.exports = class SummaryReporter {
  onRunStart() {
    rmSync(lines, { force: true });
  }

  onRunComplete() {
    if (!existsSync(lines)) return;
    const cases = readFileSync(lines, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    const rows = cases.map(({ name, requests, failed: lost, p99, note }) =>
      [name, requests ?? '', lost ?? '', p99 ?? '', note ?? ''].map(String),
    );
    const widths = columns.map((head, index) => Math.max(head.length, ...rows.map((row) => row[index].length)));
    const line = (row) =>
      row
        .map((cell, index) => (index > 0 && index < 4 ? cell.padStart(widths[index]) : cell.padEnd(widths[index])))
        .join('  ');
    console.log(['', line(columns), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), ''].join('\n'));
  }
};
