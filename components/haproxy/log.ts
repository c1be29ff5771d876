/**
 * One line of JSON for each request that failed or was tried again; HAProxy escapes the values. `cause` puts its termination
 * state (`state`) into words; where it says that the answer is the service's, the proxy only passed an error on.
 */
export const HTTP_LOG_FORMAT = json({
  service: 'b',
  replica: 's',
  address: 'si',
  port: 'sp',
  status: 'ST',
  cause: '[lua.cause]',
  state: 'ts',
  milliseconds: 'Ta',
  retries: 'rc',
  method: 'HM',
  // Without the query, which may hold secrets.
  path: '[capture.req.uri,field(1,?)]',
  client: 'ci',
});

export const TCP_LOG_FORMAT = json({
  service: 'b',
  replica: 's',
  address: 'si',
  port: 'sp',
  cause: '[lua.cause]',
  state: 'ts',
  milliseconds: 'Tt',
  retries: 'rc',
  client: 'ci',
});

/** Bytes of a line: a path is cut off at 1 KiB, and escaped it is six times as long at the most. */
export const LOG_LENGTH = 8_192;

function json(fields: Record<string, string>): string {
  const items = Object.entries(fields).map(([name, value]) => `%(${name})${value}`);
  return `'%{+json}o ${items.join(' ')}'`;
}
