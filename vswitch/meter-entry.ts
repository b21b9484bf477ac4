/**
 * OpenFlow 1.3.5, section 5.7: one meter: token buckets that `now` fills, and what its bands do to packets that come too fast.
 *
 * Each band has a bucket of its own rate. A packet that a bucket has tokens for takes them; a band whose bucket has too few is
 * exceeded, and of the exceeded bands the one with the highest rate acts. A bucket holds what the band's burst size says, or, where that
 * is not given or zero, a tenth of a second of its rate, but one long frame at least, or a slow meter would pass none. It starts full.
 *
 * Tokens are kilobits or packets times 10^9, so that a nanosecond brings `rate` of them, a whole number: nothing is lost to rounding, as long
 * as a full bucket is a whole number that a double holds, which is up to bursts of 9 million kilobits or packets. In larger ones a part in
 * 10^16 is lost.
 */
import { METER_FLAG, type MeterBand, type MeterConfig, type MeterStats } from '../protocol/wire/openflow/meter.ts';
import { toDuration } from './duration.ts';

/** What becomes of a packet: it passes, is dropped, or (above zero) loses so many levels of precedence. */
export const METER_PASS = 0;
export const METER_DROP = -1;

const SECOND_NS = 1_000_000_000;
/** Of a kilobit there are 10^9 tokens. */
const BIT = SECOND_NS / 1000;

const BURST_NS = SECOND_NS / 10;
/** Ethernet's longest, and a meter of packets counts one. */
const FRAME_BITS = 1518 * 8;

class BandState {
  readonly sent: MeterBand;
  /** Kilobits or packets in a second, or tokens in a nanosecond. */
  readonly rate: number;
  readonly verdict: number;
  readonly tokensMax: number;
  tokens: number;
  packetCount = 0;
  byteCount = 0;

  constructor(sent: MeterBand, flags: number) {
    this.sent = sent;
    this.rate = sent.type === 'unknown' ? 0 : sent.rate;
    this.verdict = sent.type === 'dscpRemark' ? sent.precLevel : METER_DROP;
    const isPackets = (flags & METER_FLAG.pktps) !== 0;
    const burst = sent.type !== 'unknown' && (flags & METER_FLAG.burst) !== 0 ? sent.burstSize : 0;
    const least = isPackets ? SECOND_NS : FRAME_BITS * BIT;
    this.tokensMax = burst > 0 ? burst * SECOND_NS : Math.max(least, this.rate * BURST_NS);
    this.tokens = this.tokensMax;
  }
}

export class MeterEntry {
  readonly meterId: number;
  readonly flags: number;
  readonly #bands: readonly BandState[];
  #createdAt: number;
  readonly #countsPackets: boolean;
  #filledAt: number;
  #packetCount = 0;
  #byteCount = 0;

  constructor(meterId: number, flags: number, bands: readonly MeterBand[], now: number) {
    this.meterId = meterId;
    this.flags = flags;
    this.#bands = bands.map((band) => new BandState(band, flags));
    this.#createdAt = now;
    this.#filledAt = now;
    this.#countsPackets = (flags & METER_FLAG.pktps) !== 0;
  }

  /** A packet of so many bytes comes now. */
  judge(frameBytes: number, now: number): number {
    this.#packetCount++;
    this.#byteCount += frameBytes;
    const cost = this.#countsPackets ? SECOND_NS : frameBytes * 8 * BIT;
    const elapsed = now - this.#filledAt;
    this.#filledAt = now;
    let exceeded: BandState | undefined;
    for (let i = 0; i < this.#bands.length; i++) {
      const band = this.#bands[i]!;
      band.tokens = Math.min(band.tokensMax, band.tokens + elapsed * band.rate);
      if (band.tokens >= cost) band.tokens -= cost;
      else if (exceeded === undefined || band.rate > exceeded.rate) exceeded = band;
    }
    if (exceeded === undefined) return METER_PASS;
    exceeded.packetCount++;
    exceeded.byteCount += frameBytes;
    return exceeded.verdict;
  }

  /** Takes the place of another, with its age and what it has counted. */
  continue(other: MeterEntry): void {
    this.#createdAt = other.#createdAt;
    this.#packetCount = other.#packetCount;
    this.#byteCount = other.#byteCount;
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
