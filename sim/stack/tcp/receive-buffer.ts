/**
 * What has arrived and is not told yet: bytes beyond a hole, and bytes that a paused user does not want.
 *
 * The right edge of the window only moves right (RFC 9293, section 3.8.6), by so much at a time that small windows never arise (section 3.8.6.2.2).
 * What lies within it fits: the ring's span is the model's bound. Segments that arrive in order while somebody reads never come here.
 */
import { ByteRing } from './byte-ring.ts';
import { RangeList } from './range-list.ts';

/** Ranges that wait; a segment that would be one more is dropped, and sent again. More than any honest loss makes. */
const RANGES_MAX = 1024;
const FIRST_OFFSET = 1;
export const WINDOW_FIELD_MAX = 0xffff;

export class ReceiveBuffer {
  /** The next byte to tell. */
  read = FIRST_OFFSET;
  /** RCV.NXT: the next byte that is missing. */
  nxt = FIRST_OFFSET;
  /** RCV.NXT + RCV.WND, as far as the peer was told. */
  edge: number;
  /** All beyond `nxt`. */
  readonly ranges = new RangeList();
  /** Of the range that grew last. */
  newest = 0;
  readonly #ring = new ByteRing();
  #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    // A SYN's window is not scaled.
    this.edge = FIRST_OFFSET + Math.min(bytesMax, WINDOW_FIELD_MAX);
  }

  /** The peer does not scale windows: no more than this can be told. */
  limit(bytesMax: number): void {
    this.#bytesMax = Math.min(this.#bytesMax, bytesMax);
  }

  get hasUnread(): boolean {
    return this.nxt > this.read;
  }

  /** Moves the edge to where it may be, if that is worth a word: by half the bound, or two segments. */
  advanceEdge(segmentBytes: number): boolean {
    const possible = this.read + this.#bytesMax;
    if (possible - this.edge < Math.min(this.#bytesMax / 2, 2 * segmentBytes)) return false;
    this.edge = possible;
    return true;
  }

  /** In order, and told at once: nothing of it is kept. Only when there is nothing unread. */
  pass(bytes: number): void {
    this.nxt += bytes;
    this.read = this.nxt;
    this.#joinRanges();
  }

  /** Keeps it; what lies outside the window, or is here already, must have been cut off. False when there are too many ranges. */
  put(offset: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { ranges } = this;
    const right = offset + (end - start);
    if (offset > this.nxt && ranges.count >= RANGES_MAX) return false;
    this.#ring.reserve(this.read, Math.max(this.nxt, ranges.rights.at(-1) ?? 0), right);
    this.#ring.write(offset, bytes, start, end);
    if (offset > this.nxt) {
      ranges.add(offset, right);
      this.newest = offset;
      return true;
    }
    this.nxt = Math.max(this.nxt, right);
    this.#joinRanges();
    return true;
  }

  /** The next bytes to tell that lie in one piece; a view. */
  get unread(): Uint8Array {
    return this.#ring.piece(this.read, this.nxt);
  }

  consume(bytes: number): void {
    this.read += bytes;
  }

  clear(): void {
    this.read = this.nxt;
    this.ranges.clear();
    this.#ring.clear();
  }

  #joinRanges(): void {
    const { ranges } = this;
    while (ranges.count > 0 && ranges.lefts[0]! <= this.nxt) {
      this.nxt = Math.max(this.nxt, ranges.rights[0]!);
      ranges.trim(this.nxt);
    }
  }
}
