/**
 * What puts frames on a cable: one at a time at a rate, behind a drop-tail queue that is bounded in frames and, if asked for, in bytes.
 *
 * A frame takes bytes × 8 / bandwidth. On a fast cable that is no whole number of nanoseconds, or less than one, so what is left of a
 * nanosecond is carried on to the next frame, as a count of 1/bandwidth nanoseconds: the rate is exact however long the cable is busy, for
 * bandwidths up to 10^15 bit/s. The moments themselves are rounded down.
 *
 * It only remembers when each frame will have gone: a ring that is looked at when the next one comes.
 */
import type { Nanos } from './clock.ts';

/** Preamble, start delimiter, frame check sequence and inter-frame gap: what Ethernet adds to a frame on the medium. */
const FRAMING_BYTES = 24;

/** Bits times this, divided by bit/s, are nanoseconds. */
const NANOS = 1e9;

/** Of one frame alone. Absent bandwidth: no time. */
export function serialisationNs(frameBytes: number, bandwidthBps: number | undefined): Nanos {
  return bandwidthBps === undefined ? 0 : Math.floor(((frameBytes + FRAMING_BYTES) * 8 * NANOS) / bandwidthBps);
}

export interface QueueBounds {
  /** Frames that may wait behind the one that is being sent. */
  readonly queueFramesMax: number;
  /** Their bytes; absent: not bounded beyond the frames. */
  readonly queueBytesMax?: number | undefined;
}

/** A power of two, as the length of the ring always is. */
const LENGTH_FIRST = 8;

/** Of cables that nothing was sent on yet: never written to. */
const NO_TIMES = new Float64Array(0);
const NO_LENGTHS = new Uint32Array(0);

export class Transmitter {
  #freeAt: Nanos = 0;
  /** How long beyond `freeAt`, in 1/bandwidth nanoseconds. */
  #rest = 0;
  #bandwidthBps = 0;
  /** Of the frames that are not yet wholly on the cable: when they will be, and how long they are. */
  #doneAt = NO_TIMES;
  #bytes = NO_LENGTHS;
  #head = 0;
  #count = 0;
  #bytesHeld = 0;

  /** Whether one more frame may come now. */
  hasRoom(frameBytes: number, now: Nanos, { queueFramesMax, queueBytesMax }: QueueBounds): boolean {
    this.#forget(now);
    if (this.#count === 0) return true;
    if (this.#count > queueFramesMax) return false;
    if (queueBytesMax === undefined) return true;
    const waitingBytes = this.#bytesHeld - this.#bytes[this.#head]!;
    return waitingBytes + frameBytes <= queueBytesMax;
  }

  /** When the frame will be wholly on the cable. It must have room. */
  send(frameBytes: number, now: Nanos, bandwidthBps: number): Nanos {
    if (bandwidthBps !== this.#bandwidthBps) {
      this.#bandwidthBps = bandwidthBps;
      this.#rest = 0;
    }
    if (this.#freeAt < now) {
      this.#freeAt = now;
      this.#rest = 0;
    }
    const due = (frameBytes + FRAMING_BYTES) * 8 * NANOS + this.#rest;
    const whole = Math.floor(due / bandwidthBps);
    this.#rest = due - whole * bandwidthBps;
    this.#freeAt += whole;
    this.#remember(frameBytes);
    return this.#freeAt;
  }

  clear(): void {
    this.#freeAt = 0;
    this.#rest = 0;
    this.#head = 0;
    this.#count = 0;
    this.#bytesHeld = 0;
  }

  #forget(now: Nanos): void {
    while (this.#count > 0 && this.#doneAt[this.#head]! <= now) {
      this.#bytesHeld -= this.#bytes[this.#head]!;
      this.#head = (this.#head + 1) & (this.#doneAt.length - 1);
      this.#count--;
    }
  }

  #remember(frameBytes: number): void {
    if (this.#count === this.#doneAt.length) this.#grow();
    const slot = (this.#head + this.#count) & (this.#doneAt.length - 1);
    this.#doneAt[slot] = this.#freeAt;
    this.#bytes[slot] = frameBytes;
    this.#bytesHeld += frameBytes;
    this.#count++;
  }

  #grow(): void {
    const length = Math.max(LENGTH_FIRST, this.#doneAt.length * 2);
    const doneAt = new Float64Array(length);
    const bytes = new Uint32Array(length);
    for (let i = 0; i < this.#count; i++) {
      const from = (this.#head + i) & (this.#doneAt.length - 1);
      doneAt[i] = this.#doneAt[from]!;
      bytes[i] = this.#bytes[from]!;
    }
    this.#doneAt = doneAt;
    this.#bytes = bytes;
    this.#head = 0;
  }
}
