import { engine } from '../test/behaviour/support/engine';

/** Processor time in seconds. */
export interface ProcessorTime {
  total: number;
  user: number;
  kernel: number;
}

/** What a container has used so far, by the engine's statistics of its control group. */
export async function processorTime(container: string): Promise<ProcessorTime> {
  const { cpu_stats } = await engine.getContainer(container).stats({ stream: false, 'one-shot': true });
  const { total_usage, usage_in_usermode, usage_in_kernelmode } = cpu_stats.cpu_usage;
  return { total: total_usage / 1e9, user: usage_in_usermode / 1e9, kernel: usage_in_kernelmode / 1e9 };
}

export function spent(before: ProcessorTime, after: ProcessorTime): ProcessorTime {
  return { total: after.total - before.total, user: after.user - before.user, kernel: after.kernel - before.kernel };
}
