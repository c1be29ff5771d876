/** A section of HAProxy's configuration; lines that are not strings are left out. */
export function section(head: string, lines: readonly (string | false | undefined)[]): string {
  return `${head}\n${lines
    .filter((line): line is string => typeof line === 'string')
    .map((line) => `  ${line}\n`)
    .join('')}`;
}

/** Quotes a word as HAProxy's configuration wants it; without need the word stands as it is. */
export function quote(word: string): string {
  return /^[A-Za-z0-9/._~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

/** An answer of the proxy itself that closes the connection, so that one over the limit does not stay. */
export function unavailable(reason: string, condition: string): string {
  return `http-request return status 503 content-type text/plain string ${quote(reason)} hdr Retry-After 1 hdr Connection close if ${condition}`;
}
