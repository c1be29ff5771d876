// Reads one file out of a ZIP archive that somebody else has made. Nothing is written to disk, so an entry's path, its links and its
// permissions can do nothing; what does not look as an artifact should is refused, not interpreted. Pure.
import { crc32, inflateRawSync } from 'node:zlib';
import { UserError } from '../lib/report.mjs';

const END = 0x06054b50;
const END_SIZE = 22;
const ENTRY = 0x02014b50;
const ENTRY_SIZE = 46;
const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;

/**
 * The text of the only file of an archive.
 *
 * @param name that the file must have.
 * @param limit bytes that it may have, unpacked.
 * @throws UserError if the archive holds anything else, or the file is not valid UTF-8.
 */
export function onlyFile(archive, name, limit) {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + END_SIZE > archive.length || archive.readUInt32LE(end) !== END)
    throw refused('is not a ZIP archive');
  const [entries, at] = [archive.readUInt16LE(end + 10), archive.readUInt32LE(end + 16)];
  if (entries !== 1) throw refused(`has ${entries} entries instead of one`);
  try {
    const content = fileAt(archive, at, { name, limit });
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof TypeError) throw refused('has a file that is not valid UTF-8');
    throw refused(error.code === 'ERR_BUFFER_TOO_LARGE' ? `has a file of more than ${limit} bytes` : 'is damaged');
  }
}

function fileAt(archive, at, { name, limit }) {
  if (archive.readUInt32LE(at) !== ENTRY) throw refused('is damaged');
  const flags = archive.readUInt16LE(at + 8);
  const method = archive.readUInt16LE(at + 10);
  const checksum = archive.readUInt32LE(at + 16);
  const packed = archive.readUInt32LE(at + 20);
  const size = archive.readUInt32LE(at + 24);
  const nameLength = archive.readUInt16LE(at + 28);
  const type = (archive.readUInt32LE(at + 38) >>> 16) & FILE_TYPE;
  const local = archive.readUInt32LE(at + 42);
  const found = archive.toString('latin1', at + ENTRY_SIZE, at + ENTRY_SIZE + nameLength);
  if (found !== name) throw refused(`has ${JSON.stringify(found)} instead of ${JSON.stringify(name)}`);
  if (type !== 0 && type !== REGULAR) throw refused(`has a link or a folder in place of the file ${name}`);
  if (flags & ENCRYPTED) throw refused('is encrypted');
  if (size > limit) throw refused(`has a file of more than ${limit} bytes`);
  if (archive.readUInt32LE(local) !== LOCAL) throw refused('is damaged');
  const start = local + LOCAL_SIZE + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const body = archive.subarray(start, start + packed);
  if (method !== STORED && method !== DEFLATED) throw refused('uses an unsupported compression method');
  // The size that it names may be a lie: what is unpacked is limited by itself.
  const content = method === STORED ? body : inflateRawSync(body, { maxOutputLength: limit });
  if (content.length !== size || crc32(content) !== checksum) throw refused('is damaged');
  return content;
}

const refused = (what) => new UserError(`the artifact is refused: it ${what}`);
