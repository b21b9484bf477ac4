/**
 * What the peer has beyond what it acknowledges (RFC 2018), and what follows for the rest (RFC 6675).
 *
 * RFC 6675 speaks of octets; here they are ranges. A hole is lost when enough lies above it: three ranges, or more than two segments' bytes.
 * What lies above a hole lies above all holes below, so one edge says it all: below it, what is not here is lost.
 */
import { RangeList } from './range-list.ts';

/** DupThresh of RFC 6675, section 2. */
export const DUPLICATES_MIN = 3;
/** A peer that names ever more ranges is believed so far; more only costs a retransmission. A window of 500 segments, every second lost, has fewer. */
const RANGES_MAX = 1024;

export class Scoreboard {
  readonly ranges = new RangeList();

  /** One block of an acknowledgement. True if it tells something new. */
  add(left: number, right: number, una: number, nxt: number): boolean {
    // RFC 2883: a block below what is acknowledged tells of a duplicate. Beyond what was sent it is a lie.
    if (left >= right || left < una || right > nxt || this.ranges.count >= RANGES_MAX) return false;
    return this.ranges.add(left, right) > 0;
  }

  /** Below it, what is not here is lost; 0 when nothing is. */
  lostEdge(segmentBytes: number): number {
    const { lefts, rights } = this.ranges;
    let bytes = 0;
    for (let i = lefts.length - 1; i >= 0; i--) {
      bytes += rights[i]! - lefts[i]!;
      if (lefts.length - i >= DUPLICATES_MIN || bytes > (DUPLICATES_MIN - 1) * segmentBytes) return lefts[i]!;
    }
    return 0;
  }

  /** The first byte from there on that the peer has not said to have. */
  holeFrom(offset: number): number {
    const index = this.ranges.indexOf(offset);
    return index < 0 ? offset : this.ranges.rights[index]!;
  }

  /** Where the hole ends in which the offset lies. */
  holeEnd(offset: number, nxt: number): number {
    const { lefts } = this.ranges;
    for (const left of lefts) if (left > offset) return left;
    return nxt;
  }

  /** Behind the highest byte that the peer said to have; 0 without any. */
  get top(): number {
    return this.ranges.rights.at(-1) ?? 0;
  }
}
