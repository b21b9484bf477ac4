/**
 * What a host costs in memory: with its stack, idle; and with the cable that it hangs at. (What a rule costs is told by `flow-mod.ts`.)
 *
 * Bytes of the heap and of buffers beside it, after a collection, before and after making so many, divided. Each row has a process of its own, for what
 * is compiled and cached on the way counts as well.
 */
import { spawnSync } from 'node:child_process';
import { Cable, type CableEnd } from '../sim/cable.ts';
import { Clock } from '../sim/clock.ts';
import { Host } from '../sim/host.ts';
import { Random } from '../sim/random.ts';
import type { Comparison } from './measure.ts';

/** Mininet gives each host a shell in a network namespace, about 360 KiB (measured once, see ../shared/TARGETS.md). */
const MININET_HOST_BYTES = 360 * 1024;

/** Collected twice: the first time finds the buffers that nobody has any more, the second waits until they are given back. */
function usedBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function createHost(clock: Clock, random: Random, index: number): Host {
  const spec = { name: `h${index}`, mac: 0x0200_0000_0000 + index, ip: 0x0a00_0000 + index, prefixLength: 8 };
  return new Host(clock, random, spec, ignore);
}

function ignore(): void {}

const SWITCH_PORT: Omit<CableEnd, 'name'> = { receiveFrame: ignore, linkChanged: ignore };

const MAKERS = {
  'a host with its stack': createHost,
  'a host with its stack and its cable': (clock, random, index) => {
    const host = createHost(clock, random, index);
    const spec = { name: `l${index}`, bandwidthBps: 1e9, delayNs: 10_000, queueFramesMax: 100, lossProbability: 0 };
    return [host, new Cable(clock, random, spec, host, { ...SWITCH_PORT, name: `s1:${index + 1}` })];
  },
} as const satisfies Record<string, (clock: Clock, random: Random, index: number) => unknown>;

export type MemoryRow = keyof typeof MAKERS;

/** Bytes of each of so many. */
export function measureMemory(row: MemoryRow, count: number): number {
  const make = MAKERS[row];
  const clock = new Clock();
  const random = new Random(1);
  const kept: unknown[] = new Array(count).fill(undefined);
  // The first have what all share made.
  for (let i = 0; i < 100; i++) make(clock, random, count + i);
  clock.runUntil(1);
  const before = usedBytes();
  for (let i = 0; i < count; i++) kept[i] = make(clock, random, i);
  clock.runUntil(2);
  const bytes = (usedBytes() - before) / count;
  if (kept.includes(undefined)) throw new Error('something was not made');
  return bytes;
}

function measureApart(row: MemoryRow, count: number): number {
  const script = new URL('memory-row.js', import.meta.url).pathname;
  const args = ['--expose-gc', script, row, String(count)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** In processes of their own only where the tree is compiled. */
export function benchMemory({
  count,
  isApart,
}: {
  readonly count: number;
  readonly isApart: boolean;
}): readonly Comparison[] {
  return (Object.keys(MAKERS) as MemoryRow[]).map((row) => ({
    name: `memory of ${row}, of ${count}`,
    unit: 'bytes',
    ours: isApart ? measureApart(row, count) : measureMemory(row, count),
    peer: 'Mininet (measured once)',
    theirs: MININET_HOST_BYTES,
  }));
}
