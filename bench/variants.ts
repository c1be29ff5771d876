import { bufferSize } from '../components/haproxy/limits';

/** The gateway's own configuration with one setting as named. */
export interface Variant {
  name: string;
  configuration: string;
}

const SETTINGS: { name: string; line: RegExp; by: string }[] = [
  { name: '1 thread', line: /^( *)nbthread \d+$/m, by: '$1nbthread 1' },
  { name: '2 threads', line: /^( *)nbthread \d+$/m, by: '$1nbthread 2' },
  { name: 'least connections', line: /^( *)balance \w+$/m, by: '$1balance leastconn' },
  { name: 'round robin', line: /^( *)balance \w+$/m, by: '$1balance roundrobin' },
  // For each request that it may repeat, HAProxy copies a whole buffer, however small the request is.
  { name: '`maxHeaderSize: 8Ki`', line: /^( *)tune.bufsize \d+$/m, by: `$1tune.bufsize ${bufferSize(8 * 2 ** 10)}` },
  { name: 'no repeated requests', line: /^ *(retry-on|http-request disable-l7-retry) .*\n/gm, by: '' },
];

/** What the gateway could have been instead; a setting that it has already is none. */
export function variants(configuration: string): Variant[] {
  return SETTINGS.map(({ name, line, by }) => ({
    name: `gateway, ${name}`,
    configuration: replaced(configuration, line, by),
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
