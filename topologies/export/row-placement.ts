/**
 * Places on a line, in order and with gaps between them, as near as can be to where each would be: least squares, exactly.
 *
 * With the gaps taken off it is isotonic regression, which pooling adjacent violators solves in linear time.
 */
export function placeInOrder(aims: readonly number[], gaps: readonly number[]): number[] {
  const offsets = [0];
  for (const gap of gaps) offsets.push(offsets.at(-1)! + gap);
  const pools: { sum: number; count: number }[] = [];
  for (const [i, aim] of aims.entries()) {
    let pool = { sum: aim - offsets[i]!, count: 1 };
    for (
      let before = pools.at(-1);
      before && before.sum / before.count >= pool.sum / pool.count;
      before = pools.at(-1)
    ) {
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  }
  const places: number[] = [];
  for (const { sum, count } of pools)
    for (let k = 0; k < count; k++) places.push(sum / count + offsets[places.length]!);
  return places;
}
