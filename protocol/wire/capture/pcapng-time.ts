/**
 * Times in pcapng: counts of an interface's own unit, from an interface's own beginning (draft-ietf-opsawg-pcapng,
 * section 4.2, if_tsresol and if_tsoffset), to and from nanoseconds since 1970.
 */
import { type PacketFault, WireError } from '../wire-error.ts';

const NANOS = 1_000_000_000n;

export interface Clock {
  /** The highest bit chooses powers of 2 over powers of 10; the rest is the negative exponent. Absent: microseconds. */
  readonly resolution?: number | undefined;
  readonly offsetSeconds?: bigint | undefined;
}

/** 10^-9 s: what `resolution` is for nanoseconds. */
export const RESOLUTION_NANO = 9;
const RESOLUTION_DEFAULT = 6;

function ticksPerSecond({ resolution = RESOLUTION_DEFAULT }: Clock): bigint {
  const exponent = BigInt(resolution & 0x7f);
  return resolution & 0x80 ? 1n << exponent : 10n ** exponent;
}

/** What is finer than a nanosecond is cut off. */
export function ticksToNs(ticks: bigint, clock: Clock): bigint {
  return (ticks * NANOS) / ticksPerSecond(clock) + (clock.offsetSeconds ?? 0n) * NANOS;
}

/**
 * Rounded down where the unit is coarser than a nanosecond, else up, so that cutting off gives the same nanoseconds
 * back.
 */
export function nsToTicks(timestampNs: bigint, clock: Clock): bigint {
  const sinceOffset = timestampNs - (clock.offsetSeconds ?? 0n) * NANOS;
  const perSecond = ticksPerSecond(clock);
  const ticks = (sinceOffset * perSecond + (perSecond > NANOS ? NANOS - 1n : 0n)) / NANOS;
  if (sinceOffset < 0n || ticks > 0xffff_ffff_ffff_ffffn) {
    throw new WireError<PacketFault>('BAD_VALUE', 0, `the time ${timestampNs} ns does not fit the interface's clock`);
  }
  return ticks;
}
