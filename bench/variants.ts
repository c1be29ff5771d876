/** The gateway's own configuration with one setting as named. */
export interface Variant {
  name: string;
  configuration: string;
}

const SETTINGS: { name: string; line: RegExp; is: string }[] = [
  { name: '1 thread', line: /^( *)nbthread \d+$/m, is: 'nbthread 1' },
  { name: '2 threads', line: /^( *)nbthread \d+$/m, is: 'nbthread 2' },
  { name: 'least connections', line: /^( *)balance \w+$/m, is: 'balance leastconn' },
  { name: 'round robin', line: /^( *)balance \w+$/m, is: 'balance roundrobin' },
];

/** What the gateway could have been instead; a setting that it has already is none. */
export function variants(configuration: string): Variant[] {
  return SETTINGS.map(({ name, line, is }) => ({
    name: `gateway, ${name}`,
    configuration: replaced(configuration, line, `$1${is}`),
  })).filter((variant) => variant.configuration !== configuration);
}

/** For a container with an address of its own. */
export function boundAnywhere(configuration: string): string {
  return replaced(configuration, /^( *bind) [\d.]*:(\d+)$/gm, '$1 :$2');
}

function replaced(text: string, line: RegExp, by: string): string {
  if (text.search(line) < 0) throw new Error(`the gateway's configuration has no line ${line.source}`);
  return text.replace(line, by);
}
