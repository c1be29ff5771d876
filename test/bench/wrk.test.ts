import { parseWrk } from '../../bench/wrk';

const output = (p99: string, more = '') => `Running 6s test @ http://10.0.0.2:8080/echo?n=1
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.95ms    1.21ms  30.99ms   88.49%
    Req/Sec    16.99k     1.53k   20.50k    70.00%
  Latency Distribution
     50%    1.70ms
     75%    2.32ms
     90%    3.12ms
     99%    ${p99}
  101504 requests in 6.00s, 17.23MB read
${more}Requests/sec:  16915.52
Transfer/sec:      2.87MB
`;

describe('what wrk has seen', () => {
  it.each([
    ['6.41ms', 6.41],
    ['874.00us', 0.874],
    ['1.25s', 1_250],
  ])('is read with a p99 of %s', (text, p99) => {
    const seen = parseWrk(output(text));
    expect(seen).toMatchObject({ requests: 101_504, perSecond: 16_915.52 });
    expect(seen.p99).toBeCloseTo(p99, 6);
  });

  it.each(['  Non-2xx or 3xx responses: 7\n', '  Socket errors: connect 0, read 12, write 0, timeout 0\n'])(
    'is refused with errors among it: %j',
    (more) => {
      expect(() => parseWrk(output('6.41ms', more))).toThrow(more.trim());
    },
  );

  it.each(['', 'unable to connect to 10.0.0.2:8080 Connection refused\n', output('0.00')])(
    'is refused where figures are missing: %j',
    (text) => expect(() => parseWrk(text)).toThrow(),
  );

  it('is refused without a single request', () => {
    expect(() => parseWrk(output('6.41ms').replace('101504 requests', '0 requests'))).toThrow();
  });
});
