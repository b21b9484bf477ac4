/**
 * What a user has written and the peer has not acknowledged: bytes by their offset, up to the model's bound.
 */
import { ByteRing } from './byte-ring.ts';

/** The SYN has offset 0. */
const FIRST_OFFSET = 1;

export class SendBuffer {
  /** Offset of the oldest byte that is kept. */
  start = FIRST_OFFSET;
  /** Behind the last byte that was written. */
  end = FIRST_OFFSET;
  readonly #ring = new ByteRing();
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get room(): number {
    return this.#bytesMax - (this.end - this.start);
  }

  /** Half of it is free, as Linux asks before it wakes a writer: one that is told of each segment would write in crumbs. */
  get isRoomy(): boolean {
    return this.room >= this.#bytesMax / 2;
  }

  /** How many bytes there was room for. */
  write(data: Uint8Array): number {
    const taken = Math.min(data.length, this.room);
    if (taken === 0) return 0;
    this.#ring.reserve(this.start, this.end, this.end + taken);
    this.#ring.write(this.end, data, 0, taken);
    this.end += taken;
    return taken;
  }

  copyTo(target: Uint8Array, at: number, offset: number, length: number): void {
    this.#ring.copyTo(target, at, offset, length);
  }

  /** All below is acknowledged. */
  release(below: number): void {
    if (below > this.start) this.start = Math.min(below, this.end);
  }

  clear(): void {
    this.start = this.end;
    this.#ring.clear();
  }
}
