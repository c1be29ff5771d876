/** `grpc.health.v1.Health/Check` over HTTP/2, in bytes: enough for one call on a fresh connection. */

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FRAME = { data: 0, headers: 1, settings: 4 };
const END_STREAM = 1;
const END_HEADERS = 4;
const STREAM = 1;

/** Everything that a client sends, from the connection's first byte. */
export function healthRequest(service: string): Buffer {
  return Buffer.concat([
    Buffer.from(PREFACE),
    frame(FRAME.settings, 0, 0, Buffer.alloc(0)),
    frame(FRAME.headers, END_HEADERS, STREAM, requestHeaders()),
    frame(FRAME.data, END_STREAM, STREAM, message(service)),
  ]);
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HPACK (RFC 7541) without the dynamic table and without Huffman codes. The numbers are places in its static table. */
function requestHeaders(): Buffer {
  const post = 0x83;
  const http = 0x86;
  return Buffer.concat([
    Buffer.from([post, http]),
    field(4, '/grpc.health.v1.Health/Check'),
    field(1, 'localhost'),
    field(31, 'application/grpc'),
    field(58, 'probe'),
    Buffer.from([0]),
    text('te'),
    text('trailers'),
  ]);
}

function field(place: number, value: string): Buffer {
  return Buffer.concat([Buffer.from(place < 15 ? [place] : [15, place - 15]), text(value)]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

/** `HealthCheckRequest { string service = 1 }`, not compressed. */
function message(service: string): Buffer {
  const content =
    service === ''
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0x0a]), varint(service.length), Buffer.from(service)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

function varint(value: number): Buffer {
  return Buffer.from(value < 128 ? [value] : [(value & 127) | 128, value >> 7]);
}
