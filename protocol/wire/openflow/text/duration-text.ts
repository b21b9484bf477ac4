/**
 * How long something has been, as ovs-ofctl prints it: `5s`, `5.250s`, `5.000000001s`.
 *
 * Three decimals where they are exact, because most switches count milliseconds and columns that line up are easier to compare;
 * otherwise as many as it takes to be exact.
 */
export function formatDuration(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return `${seconds}s`;
  if (nanoseconds % 1_000_000 === 0) return `${seconds}.${String(nanoseconds / 1_000_000).padStart(3, '0')}s`;
  return `${seconds}.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}s`;
}
