/**
 * Bytes of a stream by their offset, in a ring that is made with the first of them and grows by doubling.
 *
 * The owner knows which offsets are there; the ring knows where they lie. It is as large as the span that it is asked to hold, so a stream
 * that never waits for anybody costs nothing.
 */
import { assert } from '../../../protocol/wire/wire-error.ts';

const CAPACITY_MIN = 4096;
const NOTHING = new Uint8Array(0);

export class ByteRing {
  /** Its length is a power of two. */
  #bytes: Uint8Array = NOTHING;

  /** What is kept lies in `low ≤ offset < high`, and moves if the span of those with what comes is too large for the ring. */
  reserve(low: number, high: number, highAfter: number): void {
    const old = this.#bytes;
    if (highAfter - low <= old.length) return;
    let capacity = Math.max(old.length, CAPACITY_MIN);
    while (capacity < highAfter - low) capacity *= 2;
    this.#bytes = new Uint8Array(capacity);
    for (let here = low; here < high; ) {
      const at = here % old.length;
      const end = Math.min(old.length, at + (high - here));
      this.write(here, old, at, end);
      here += end - at;
    }
  }

  /** Those of `from` from `start` up to `end`. */
  write(offset: number, from: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes;
    const at = offset % bytes.length;
    const length = end - start;
    assert(length <= bytes.length, 'a ring has the room that was reserved');
    const first = Math.min(length, bytes.length - at);
    bytes.set(first === from.length ? from : from.subarray(start, start + first), at);
    if (first < length) bytes.set(from.subarray(start + first, end), 0);
  }

  copyTo(target: Uint8Array, at: number, offset: number, length: number): void {
    const bytes = this.#bytes;
    const start = offset % bytes.length;
    const first = Math.min(length, bytes.length - start);
    target.set(bytes.subarray(start, start + first), at);
    if (first < length) target.set(bytes.subarray(0, length - first), at + first);
  }

  /** As much from there on as lies in one piece, up to `end`: a view. */
  piece(offset: number, end: number): Uint8Array {
    const bytes = this.#bytes;
    const start = offset % bytes.length;
    return bytes.subarray(start, Math.min(bytes.length, start + (end - offset)));
  }

  clear(): void {
    this.#bytes = NOTHING;
  }
}
