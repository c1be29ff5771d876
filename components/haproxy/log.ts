/**
 * One line of JSON for each request that failed or was tried again. `cause` puts HAProxy's termination state (`state`) into
 * words; where it says that the answer is the service's, the proxy only passed an error on.
 */
export const HTTP_LOG_FORMAT = json({
  service: text('%b'),
  replica: text('%s'),
  address: text('%si:%sp'),
  status: '%ST',
  cause: text('%[lua.cause]'),
  state: text('%ts'),
  milliseconds: '%Ta',
  retries: text('%rc'),
  method: text('%HM'),
  // Without the query, which may hold secrets.
  path: text('%HPO'),
  client: text('%ci'),
});

export const TCP_LOG_FORMAT = json({
  service: text('%b'),
  replica: text('%s'),
  address: text('%si:%sp'),
  cause: text('%[lua.cause]'),
  state: text('%ts'),
  milliseconds: '%Tt',
  retries: text('%rc'),
  client: text('%ci'),
});

function text(value: string): string {
  return `"${value.replace(/%(\w+)/g, '%{+E}$1')}"`;
}

function json(fields: Record<string, string>): string {
  return `'{${Object.entries(fields)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}'`;
}
