import type { Socket } from 'node:net';
import type { CheckAction, CheckSpec } from '../../../components/check';
import { checkLines, checkOptions } from '../../../components/haproxy/check';
import { checked, type Verdict } from '../../support/checked';
import { describeWithHaproxy } from '../../support/haproxy';

const TIMING = { interval: 200, timeout: 300, failures: 1 };
const spec = (action: CheckAction): CheckSpec => ({ action, ...TIMING });
const lines = (action: CheckAction) => checkLines(spec(action)).join('\n');
const http = (more = {}): CheckAction => ({ kind: 'http', path: '/healthz', port: 8080, ...more });

describe('the lines of a check', () => {
  it('are none without one', () => expect(checkLines(undefined)).toEqual([]));

  it.each<CheckAction>([
    { kind: 'tcp', port: 8080 },
    { kind: 'exec', command: ['true'] },
  ])('%j: HAProxy connects', (action) => expect(checkLines(spec(action))).toEqual(['timeout check 300ms']));

  it('of http send one request with the headers that every target sends', () =>
    expect(checkLines(spec(http({ path: '/a?b=c', headers: { host: 'shop.example', 'X-A': 'b' } })))).toContain(
      String.raw`tcp-check send "GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: probe\r\nAccept: */*\r\nX-A: b\r\nConnection: close\r\n\r\n"`,
    ));

  it('of http escape what has a meaning between double quotes', () =>
    expect(lines(http({ path: '/$HOME', headers: { 'X-A': String.raw`"a\r$b"` } }))).toContain(
      String.raw`GET /\$HOME HTTP/1.1\r\nHost: localhost\r\nUser-Agent: probe\r\nAccept: */*\r\nX-A: \"a\\r\$b\"\r\n`,
    ));

  it.each([
    ['ready', '23'],
    ['working', '1-4'],
    ['any', '1-5'],
  ] as const)('that accept %s look for a status of %s', (accepts, digits) => {
    const text = checkLines({ ...spec(http()), accepts }).join('\n');
    expect(text).toContain(String.raw`rstring '^HTTP/1\.[01] [${digits}][0-9][0-9]'`);
    if (accepts === 'ready') expect(text).toBe(lines(http()));
  });

  it('may ask the server as a whole', () =>
    expect(checkLines({ ...spec(http({ path: '*' })), method: 'OPTIONS' }).join()).toContain('"OPTIONS * HTTP/1.1'));

  it('of gRPC may take any answer', () => {
    const grpc = spec({ kind: 'grpc', service: '', port: 1 });
    const [all, some] = [checkLines(grpc), checkLines({ ...grpc, accepts: 'any' })];
    expect(some).toEqual(all.filter((line) => !line.includes('not SERVING')));
    expect(some).toHaveLength(all.length - 1);
  });

  it('of gRPC call the health service, for the server or for one service', () => {
    const request = (service: string) =>
      Buffer.from(/send-binary ([0-9a-f]+)/.exec(lines({ kind: 'grpc', service, port: 1 }))![1]!, 'hex').toString(
        'latin1',
      );
    expect(request('')).toContain('/grpc.health.v1.Health/Check');
    expect(request('')).toMatch(/\0\0\x05\0\x01\0\0\0\x01\0\0\0\0\0$/);
    expect(request('shop.Orders')).toMatch(/\0\0\x12\0\x01\0\0\0\x01\0\0\0\0\x0d\n\x0bshop\.Orders$/);
    // A length above 127 takes two bytes.
    expect(request('x'.repeat(128))).toMatch(/\0\0\0\0\x83\n\x80\x01x{128}$/);
  });
});

describe('the options of a server', () => {
  it.each<[CheckAction, number, string]>([
    [http(), 8080, ' check inter 200ms fastinter 200ms fall 1 rise 1'],
    [http({ port: 81 }), 8080, ' check port 81 inter 200ms fastinter 200ms fall 1 rise 1'],
    [{ kind: 'grpc', service: '', port: 82 }, 8080, ' check port 82 inter 200ms fastinter 200ms fall 1 rise 1'],
    [{ kind: 'exec', command: ['x'] }, 8080, ' check inter 200ms fastinter 200ms fall 1 rise 1'],
  ])('%j behind port %d', (action, port, options) => expect(checkOptions(spec(action), port)).toBe(options));

  it('repeat a check that fails soon, though not sooner than it runs', () =>
    expect(checkOptions({ ...spec(http()), interval: 5_000, failures: 4 }, 8080)).toBe(
      ' check inter 5000ms fastinter 250ms fall 4 rise 1',
    ));

  it('are none without a check', () => expect(checkOptions(undefined, 8080)).toBe(''));
});

const answer = (status: string, body = '') =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
const ends =
  (...parts: string[]) =>
  (socket: Socket) => {
    for (const part of parts) socket.write(part, 'latin1');
    socket.end();
  };
const pauses =
  (...parts: string[]) =>
  (socket: Socket) => {
    const [first, ...rest] = parts;
    socket.write(first!);
    if (rest.length === 0) socket.end();
    else setTimeout(() => pauses(...rest)(socket), 20);
  };
const stays = (text: string) => (socket: Socket) => socket.write(text, 'latin1');
const silent = () => undefined;

describeWithHaproxy('HAProxy itself', () => {
  const asked = (serve: (socket: Socket) => void) => checked((port) => spec(http({ port })), serve);
  const up: Partial<Verdict> = { state: 'UP', check: 'L7OK', resets: 0 };
  const down = (check: string): Partial<Verdict> => ({ state: 'DOWN', check });

  it.each<[string, (socket: Socket) => void, Partial<Verdict>]>([
    ['a small body', ends(answer('200 OK', 'ok')), up],
    ['no body', ends('HTTP/1.1 204 No Content\r\n\r\n'), up],
    ['a redirect', ends(answer('302 Found')), up],
    ['HTTP/1.0', ends('HTTP/1.0 200 OK\r\n\r\nok'), up],
    ['a body of 100 KB', ends(answer('200 OK', 'x'.repeat(100_000))), up],
    ['a body in pieces', pauses('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(1000), '\n', 'x'.repeat(60_000)), up],
    ['503', ends(answer('503 Service Unavailable', 'not yet')), { ...down('L7STS'), resets: 0 }],
    ['404 in pieces', pauses('HTTP/1.1 404 Not Found\r\n\r\n', 'a', 'b'), { ...down('L7STS'), resets: 0 }],
    ['an end without an answer', ends(), down('L7RSP')],
    ['another protocol', stays('\0\0\0\x04\0\0\0\0\0'), down('L7RSP')],
    ['an answer that does not end', stays('HTTP/1.1 200 OK\r\n\r\nmore'), down('L6TOUT')],
    ['no answer', silent, down('L7TOUT')],
  ])('takes a server that answers an http check with %s as %#', async (_, serve, verdict) =>
    expect(await asked(serve)).toMatchObject(verdict),
  );

  it('sends what was given, whatever its characters', async () => {
    const headers = { 'X-A': `'"\\r$HOME %[src] #{}~` };
    const { requests } = await checked(
      (port) => spec(http({ path: "/$HOME/'%20?a=#b", headers, port })),
      ends(answer('200 OK')),
      500,
    );
    expect(requests[0]).toBe(
      `GET /$HOME/'%20?a=#b HTTP/1.1\r\nHost: localhost\r\nUser-Agent: probe\r\nAccept: */*\r\nX-A: ${headers['X-A']}\r\nConnection: close\r\n\r\n`,
    );
  });

  it('takes as many and as long headers as are allowed', async () => {
    const headers = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`X-${index}`, '"'.repeat(95)]));
    const action = (port: number) => spec(http({ path: `/${'x'.repeat(1_000)}`, headers, port }));
    expect(await checked(action, ends(answer('200 OK')))).toMatchObject(up);
  });

  // Frames as grpcio sends them.
  const hex = (...parts: string[]) => Buffer.from(parts.join(''), 'hex').toString('latin1');
  const settings = '000018040000000000000400400000000500400000000600004000fe0300000001000004080000000000003f0001';
  const settled = '000000040100000000' + '000004080000000000000000050000080600000000009bcf7e73de2a3aa1';
  const headers = '000003010400000001880001';
  const trailers = '00001e010500000001400b677270632d7374617475730130000c677270632d6d65737361676500';
  const status = (number: string) => `000007000000000001000000000208${number}`;
  const unknown = '00001e010500000001400b677270632d7374617475730135000c677270632d6d65737361676500';

  it.each<[string, (socket: Socket) => void, Partial<Verdict>]>([
    ['SERVING', stays(hex(settings, settled, headers, status('01'), trailers)), up],
    ['SERVING, piece by piece', pauses(hex(settings), hex(settled, headers), hex(status('01')), hex(trailers)), up],
    ['NOT_SERVING', stays(hex(settings, settled, headers, status('02'), trailers)), down('L7STS')],
    ['an unknown service', stays(hex(settings, settled, headers, unknown)), down('L7STS')],
    ['no health service', stays(hex(settings, settled, unknown)), down('L7STS')],
    ['a page of HTTP/2', stays(hex(settings, headers, '000002000100000001', '6f6b')), down('L7STS')],
    ['a reset of the stream', stays(hex(settings, '00000403000000000100000007')), down('L7STS')],
    ['GOAWAY', stays(hex(settings, '0000080700000000000000000000000002')), down('L7STS')],
    ['HTTP/1.1', stays('HTTP/1.1 400 Bad Request\r\n\r\n'), down('L7STS')],
    ['an end without an answer', ends(), down('L7RSP')],
    ['settings only', stays(hex(settings, settled)), down('L7TOUT')],
    ['no answer', silent, down('L7TOUT')],
  ])('takes a server that answers a gRPC check with %s as %#', async (_, serve, verdict) =>
    expect(await checked((port) => spec({ kind: 'grpc', service: '', port }), serve)).toMatchObject(verdict),
  );

  it.each(['tcp', 'exec'] as const)('asks nothing of a server with a %s check', async (kind) => {
    const action = (port: number): CheckAction => (kind === 'tcp' ? { kind, port } : { kind, command: ['x'] });
    expect(await checked((port) => spec(action(port)), silent)).toEqual({
      state: 'UP',
      check: 'L4OK',
      resets: 0,
      requests: [],
    });
  });
});
