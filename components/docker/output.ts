/** The engine prefixes each piece of output with eight bytes: the stream and the length. */
export function plainText(logs: Buffer): string {
  const pieces: string[] = [];
  let offset = 0;
  while (offset + 8 <= logs.length && logs[offset]! <= 2 && logs.readUIntBE(offset + 1, 3) === 0) {
    const length = logs.readUInt32BE(offset + 4);
    pieces.push(logs.toString('utf8', offset + 8, offset + 8 + length));
    offset += 8 + length;
  }
  return offset === 0 ? logs.toString('utf8') : pieces.join('');
}
