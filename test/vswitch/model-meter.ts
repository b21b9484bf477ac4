/**
 * OpenFlow 1.3.5, section 5.7, as the essay of `vswitch/meter-entry.ts` reads it, in whole numbers of any size.
 *
 * A band is a bucket of tokens that its rate fills and a packet takes from; the fastest band that has too few acts. Tokens are
 * bits or packets times 10^9: what a rate brings in a nanosecond is a whole number of them, so nothing is ever rounded.
 */
import type { MeterVerdict } from '../../protocol/pipeline/flow-entry.ts';
import { METER_FLAG, type MeterBand } from '../../protocol/wire/openflow/meter.ts';

interface ModelBand {
  readonly sent: MeterBand;
  tokens: bigint;
  packets: number;
  bytes: number;
}

export interface ModelMeter {
  readonly meterId: number;
  readonly flags: number;
  readonly bands: readonly ModelBand[];
  readonly createdAt: number;
  filledAt: number;
  packets: number;
  bytes: number;
}

const BILLION = 1_000_000_000n;

/** Ethernet's longest frame, without its check sequence being told apart. */
const FRAME_BITS = 1518n * 8n;

function isCountingPackets({ flags }: { readonly flags: number }): boolean {
  return (flags & METER_FLAG.pktps) !== 0;
}

/** Bits or packets in a second. */
function rateOf(flags: number, band: MeterBand): bigint {
  const rate = band.type === 'unknown' ? 0n : BigInt(band.rate);
  return isCountingPackets({ flags }) ? rate : rate * 1000n;
}

/** What the burst says; without one a tenth of a second, but never less than a packet needs. */
function depthOf(flags: number, band: MeterBand): bigint {
  const isPackets = isCountingPackets({ flags });
  const burst = band.type !== 'unknown' && (flags & METER_FLAG.burst) !== 0 ? BigInt(band.burstSize) : 0n;
  if (burst > 0n) return burst * (isPackets ? 1n : 1000n) * BILLION;
  const tenth = (rateOf(flags, band) * BILLION) / 10n;
  const least = (isPackets ? 1n : FRAME_BITS) * BILLION;
  return tenth > least ? tenth : least;
}

export function startMeter(meterId: number, flags: number, bands: readonly MeterBand[], now: number): ModelMeter {
  const start = { packets: 0, bytes: 0 };
  return {
    meterId,
    flags,
    bands: bands.map((sent) => ({ sent, tokens: depthOf(flags, sent), ...start })),
    createdAt: now,
    filledAt: now,
    ...start,
  };
}

/** A packet of so many bytes comes now. */
export function judge(meter: ModelMeter, frameBytes: number, now: number): MeterVerdict {
  const cost = (isCountingPackets(meter) ? 1n : BigInt(frameBytes) * 8n) * BILLION;
  const exceeded: ModelBand[] = [];
  for (const band of meter.bands) {
    const filled = band.tokens + BigInt(now - meter.filledAt) * rateOf(meter.flags, band.sent);
    const depth = depthOf(meter.flags, band.sent);
    band.tokens = filled < depth ? filled : depth;
    if (band.tokens >= cost) band.tokens -= cost;
    else exceeded.push(band);
  }
  meter.filledAt = now;
  meter.packets++;
  meter.bytes += frameBytes;
  const [first] = exceeded.toSorted((a, b) => Number(rateOf(meter.flags, b.sent) - rateOf(meter.flags, a.sent)));
  if (first === undefined) return 'pass';
  first.packets++;
  first.bytes += frameBytes;
  return first.sent.type === 'dscpRemark' ? { remark: first.sent.precLevel } : 'drop';
}
