/**
 * What a capture sees of a cable: at either end, or at both, what its port sends and what it receives, at the moments when it does.
 *
 * A frame that will not arrive says why in a comment, on the packet as it was sent where that is known at once. One that is cut off while it is on
 * its way, and a copy that the cable made and lost, get a packet of their own at their sender's port, without a direction: no port sent it then.
 * One that arrives with a bit turned says so where it arrives.
 */
import type { Cable } from './cable.ts';
import type { CableTap, DropCause } from './cable-direction.ts';
import type { CableSide } from './cable-figures.ts';
import type { CaptureFile } from './capture-file.ts';
import type { Clock } from './clock.ts';

/** The interface of the file that each captured end is. */
export type CapturedEnds = Readonly<Partial<Record<CableSide, number>>>;

const REASONS: Readonly<Record<DropCause, string>> = {
  cut: 'dropped: cut (the link is down)',
  'queue-full': 'dropped: queue-full (too much waits at this end)',
  loss: 'dropped: loss (by chance)',
  mtu: 'dropped: mtu (larger than the link carries)',
};

const TURNED = 'corrupted: one bit was turned on the way';

/** Call what it returns to capture no more. */
export function captureCable(clock: Clock, cable: Cable, ends: CapturedEnds, file: CaptureFile): () => void {
  return cable.addTap(new CableCapture(clock, ends, file));
}

class CableCapture implements CableTap {
  readonly #clock: Clock;
  readonly #ends: CapturedEnds;
  readonly #file: CaptureFile;
  /** Copies that are under way, known by being themselves. */
  readonly #turned = new WeakSet<Uint8Array>();

  constructor(clock: Clock, ends: CapturedEnds, file: CaptureFile) {
    this.#clock = clock;
    this.#ends = ends;
    this.#file = file;
  }

  sent(from: CableSide, frame: Uint8Array, refusal: DropCause | undefined): void {
    const near = this.#ends[from];
    if (near === undefined) return;
    this.#file.record(near, this.#clock.now, frame, 'out', refusal && REASONS[refusal]);
  }

  dropped(from: CableSide, frame: Uint8Array, cause: DropCause): void {
    const near = this.#ends[from];
    if (near === undefined) return;
    const what = cause === 'cut' ? 'it was on its way' : 'it is a copy that the link made';
    this.#file.record(near, this.#clock.now, frame, undefined, `${REASONS[cause]}; ${what}`);
  }

  turned(_from: CableSide, copy: Uint8Array): void {
    this.#turned.add(copy);
  }

  delivered(from: CableSide, frame: Uint8Array): void {
    const far = this.#ends[from === 'a' ? 'b' : 'a'];
    if (far === undefined) return;
    this.#file.record(far, this.#clock.now, frame, 'in', this.#turned.has(frame) ? TURNED : undefined);
  }
}
