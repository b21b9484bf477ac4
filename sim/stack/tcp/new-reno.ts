/**
 * NewReno's window: RFC 5681, counting bytes (RFC 3465), and what RFC 6582 and RFC 6675 say of the begin and end of recovery.
 *
 * Because bytes are counted and not acknowledgements, the window grows by a segment per round trip whether the peer acknowledges each segment or every
 * second; so under random loss p both follow the law of Mathis et al. with the one constant √(3/2): MSS / RTT · 1.22 / √p.
 */
import type { CongestionControl } from './congestion.ts';

/** RFC 3465, section 2.3: an acknowledgement counts for no more in slow start, so that one for a whole window makes no burst. */
const SLOW_START_SEGMENTS_MAX = 2;
const SEGMENTS_MIN = 2;

export class NewReno implements CongestionControl {
  window: number;
  threshold = Number.POSITIVE_INFINITY;
  #segmentBytes: number;
  readonly #initialSegments: number;
  /** Acknowledged since the last growth in congestion avoidance. */
  #counted = 0;

  constructor(segmentBytes: number, initialSegments: number) {
    this.#segmentBytes = segmentBytes;
    this.#initialSegments = initialSegments;
    this.window = initialSegments * segmentBytes;
  }

  acked(bytes: number): void {
    if (this.window < this.threshold) {
      this.window += Math.min(bytes, SLOW_START_SEGMENTS_MAX * this.#segmentBytes);
      return;
    }
    this.#counted += bytes;
    if (this.#counted < this.window) return;
    this.#counted -= this.window;
    this.window += this.#segmentBytes;
  }

  lost(flightBytes: number): void {
    this.#halve(flightBytes);
    this.window = this.threshold;
  }

  recovered(flightBytes?: number): void {
    const segment = this.#segmentBytes;
    if (flightBytes !== undefined) this.window = Math.min(this.threshold, Math.max(flightBytes, segment) + segment);
    this.#counted = 0;
  }

  timedOut(flightBytes: number | undefined): void {
    if (flightBytes !== undefined) this.#halve(flightBytes);
    this.window = this.#segmentBytes;
    this.#counted = 0;
  }

  idled(): void {
    this.window = Math.min(this.window, this.#initialSegments * this.#segmentBytes);
  }

  /** RFC 1191, section 6.2: the window stays the same number of bytes, but never less than a segment. */
  setSegmentBytes(segmentBytes: number): void {
    this.#segmentBytes = segmentBytes;
    this.window = Math.max(this.window, segmentBytes);
  }

  #halve(flightBytes: number): void {
    this.threshold = Math.max(flightBytes / 2, SEGMENTS_MIN * this.#segmentBytes);
  }
}
