/**
 * OpenFlow 1.3.5, section 5.7: one meter: token buckets that `now` fills, and what its bands do to packets that come too fast.
 *
 * Each band has a bucket of its own rate. A packet that a bucket has tokens for takes them; a band whose bucket has too few is
 * exceeded, and of the exceeded bands the one with the highest rate acts. A bucket holds what the band's burst size says, or, where that
 * is not given or zero, a tenth of a second of its rate, but one long frame at least, or a slow meter would pass none. It starts full.
 *
 * Tokens are bits or packets, and none is lost to rounding (`token-bucket.ts`).
 */
import { METER_FLAG, type MeterBand, type MeterConfig, type MeterStats } from '../protocol/wire/openflow/meter.ts';
import { toDuration } from './duration.ts';
import { TokenBucket } from './token-bucket.ts';

/** What becomes of a packet: it passes, is dropped, or (above zero) loses so many levels of precedence. */
export const METER_PASS = 0;
export const METER_DROP = -1;

const KILO = 1000;

/** Without a burst size: of a second of the rate. */
const BURST_PARTS = 10;
/** Ethernet's longest, and a meter of packets counts one. */
const FRAME_BITS = 1518 * 8;

class BandState {
  readonly sent: MeterBand;
  /** Kilobits or packets in a second, or tokens in a nanosecond. */
  readonly rate: number;
  readonly verdict: number;
  readonly bucket: TokenBucket;
  packetCount = 0;
  byteCount = 0;

  constructor(sent: MeterBand, flags: number) {
    this.sent = sent;
    this.rate = sent.type === 'unknown' ? 0 : sent.rate;
    this.verdict = sent.type === 'dscpRemark' ? sent.precLevel : METER_DROP;
    const isPackets = (flags & METER_FLAG.pktps) !== 0;
    const burst = sent.type !== 'unknown' && (flags & METER_FLAG.burst) !== 0 ? sent.burstSize : 0;
    const unit = isPackets ? 1 : KILO;
    const least = isPackets ? 1 : FRAME_BITS;
    const speed = this.rate * unit;
    if (burst > 0) this.bucket = new TokenBucket(speed, burst * unit);
    else if (speed > least * BURST_PARTS) this.bucket = new TokenBucket(speed, speed, BURST_PARTS);
    else this.bucket = new TokenBucket(speed, least);
  }
}

export class MeterEntry {
  readonly meterId: number;
  readonly flags: number;
  readonly #bands: readonly BandState[];
  #createdAt: number;
  readonly #countsPackets: boolean;
  #packetCount = 0;
  #byteCount = 0;

  constructor(meterId: number, flags: number, bands: readonly MeterBand[], now: number) {
    this.meterId = meterId;
    this.flags = flags;
    this.#bands = bands.map((band) => new BandState(band, flags));
    this.#createdAt = now;
    this.#countsPackets = (flags & METER_FLAG.pktps) !== 0;
  }

  /** A packet of so many bytes comes now. */
  judge(frameBytes: number, now: number): number {
    this.#packetCount++;
    this.#byteCount += frameBytes;
    const cost = this.#countsPackets ? 1 : frameBytes * 8;
    let exceeded: BandState | undefined;
    for (let i = 0; i < this.#bands.length; i++) {
      const band = this.#bands[i]!;
      if (band.bucket.take(cost, now)) continue;
      if (exceeded === undefined || band.rate > exceeded.rate) exceeded = band;
    }
    if (exceeded === undefined) return METER_PASS;
    exceeded.packetCount++;
    exceeded.byteCount += frameBytes;
    return exceeded.verdict;
  }

  /** Section 6.6: a meter that is modified goes on counting, its bands begin anew. */
  takeCounts(before: MeterEntry): void {
    this.#packetCount = before.#packetCount;
    this.#byteCount = before.#byteCount;
    this.#createdAt = before.#createdAt;
  }

  describe(): MeterConfig {
    return { meterId: this.meterId, flags: this.flags, bands: this.#bands.map(({ sent }) => sent) };
  }

  toStats(flowCount: number, now: number): MeterStats {
    return {
      meterId: this.meterId,
      flowCount,
      packetInCount: BigInt(this.#packetCount),
      byteInCount: BigInt(this.#byteCount),
      ...toDuration(now - this.#createdAt),
      bandStats: this.#bands.map((band) => ({
        packetBandCount: BigInt(band.packetCount),
        byteBandCount: BigInt(band.byteCount),
      })),
    };
  }
}
