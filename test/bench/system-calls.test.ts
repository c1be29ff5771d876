import { parseCounts } from '../../bench/system-calls';

const COUNTS: Record<string, number> = {
  'raw_syscalls:sys_enter': 1_000,
  'syscalls:sys_enter_sendto': 200,
  'syscalls:sys_enter_sendmsg': 1,
  'syscalls:sys_enter_write': 2,
  'syscalls:sys_enter_writev': 30,
  'syscalls:sys_enter_recvfrom': 240,
  'syscalls:sys_enter_recvmsg': 3,
  'syscalls:sys_enter_read': 4,
  'syscalls:sys_enter_readv': 5,
  'syscalls:sys_enter_epoll_wait': 100,
  'syscalls:sys_enter_epoll_pwait': 6,
  'syscalls:sys_enter_epoll_ctl': 50,
};

function perf(counts: Record<string, number | string>): string {
  return Object.entries(counts)
    .map(([event, count]) => `${count},,${event},4008431771,100.00,,\n`)
    .join('');
}

describe('system calls', () => {
  it('are summed by what they are for', () => {
    expect(parseCounts(perf(COUNTS))).toEqual({ all: 1_000, send: 233, receive: 252, poll: 156 });
  });

  it('are read whatever perf says beside them', () => {
    expect(parseCounts(`# started on today\n\n${perf(COUNTS)}`)).toEqual(parseCounts(perf(COUNTS)));
  });

  it.each(Object.keys(COUNTS))('are not known without %s', (event) => {
    const { [event]: _, ...others } = COUNTS;
    expect(parseCounts(perf(others))).toBeUndefined();
    expect(parseCounts(perf({ ...COUNTS, [event]: '<not supported>' }))).toBeUndefined();
    expect(parseCounts(perf({ ...COUNTS, [event]: '<not counted>' }))).toBeUndefined();
  });

  it('are not known where perf may not look', () => {
    expect(
      parseCounts('Error:\nAccess to performance monitoring and observability operations is limited.\n'),
    ).toBeUndefined();
  });
});
