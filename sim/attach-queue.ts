/**
 * Frames that wait until a stream takes them: all that a switch sends in one turn leaves in one write, and what waits for a peer that does not
 * read has a bound. Beyond it the newest are dropped, as a full queue of a network card does.
 */
import { joinFrames, type StreamFraming } from './attach-framing.ts';

/** Some seven hundred full frames, and a tenth of a second at 100 Mbit/s. As much again may be on its way to the system. */
export const WAITING_BYTES_MAX = 1 << 20;

export class AttachQueue {
  readonly #framing: StreamFraming;
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;

  constructor(framing: StreamFraming) {
    this.#framing = framing;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when there is no room for it. */
  put(frame: Uint8Array): boolean {
    if (this.#bytes + frame.length > WAITING_BYTES_MAX) return false;
    this.#frames.push(frame);
    this.#bytes += frame.length;
    return true;
  }

  /** All that waits, as the stream has it; undefined when nothing does. */
  take(): Uint8Array | undefined {
    if (this.#frames.length === 0) return undefined;
    const bytes = joinFrames(this.#frames, this.#framing);
    this.#frames.length = 0;
    this.#bytes = 0;
    return bytes;
  }
}
