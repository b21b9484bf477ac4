/** Numbers and lists of a scenario's report, as people read them. */
import { MILLISECOND, type Nanos, SECOND } from '../sim/clock.ts';

/** More than these make a line that nobody reads to its end. */
const SHOWN_MAX = 5;

/** `1.203s`, `4.1ms`: never more than three digits behind the point. */
export function formatTime(time: Nanos): string {
  if (time >= SECOND) return `${round(time / SECOND)}s`;
  if (time >= MILLISECOND) return `${round(time / MILLISECOND)}ms`;
  return time >= 1000 ? `${round(time / 1000)}us` : `${time}ns`;
}

export function formatPercent(share: number): string {
  return `${round(share * 100)}%`;
}

/** `9.57Mbps`, as scenarios write it. */
export function formatRate(bps: number): string {
  if (bps >= 1e9) return `${round(bps / 1e9)}Gbps`;
  if (bps >= 1e6) return `${round(bps / 1e6)}Mbps`;
  return bps >= 1e3 ? `${round(bps / 1e3)}kbps` : `${round(bps)}bps`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function listSome(items: readonly string[], separator = ', '): string {
  const more = items.length - SHOWN_MAX;
  return `${items.slice(0, SHOWN_MAX).join(separator)}${more > 0 ? `${separator}and ${more} more` : ''}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
