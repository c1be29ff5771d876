export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Half the distance between the lowest and the highest value, in percent of the median: how noisy the machine was. */
export function noise(values: readonly number[]): string {
  return `±${Math.round(((Math.max(...values) - Math.min(...values)) / 2 / median(values)) * 100)} %`;
}

/** Cells of what was measured: its name, the median in seconds, that against the median of `base`, and the noise. */
export function against(
  base: readonly number[],
  digits: number,
): (name: string, values: readonly number[]) => string[] {
  return (name, values) => [
    name,
    median(values).toFixed(digits),
    `${(median(values) / median(base)).toFixed(2)} ×`,
    noise(values),
  ];
}

/**
 * Measures several things by turns, so that a change of the machine's mood hits all of them.
 *
 * @returns the values of each, in the order of `subjects`.
 */
export async function byTurns(rounds: number, subjects: (() => Promise<number>)[]): Promise<number[][]> {
  const values: number[][] = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, subject] of subjects.entries()) values[index]!.push(await subject());
  }
  return values;
}
