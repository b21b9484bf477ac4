/**
 * Frames on their way, in the order in which they arrive: a ring that grows by doubling, and one alarm for the first of them.
 *
 * Whoever comes in arrives no earlier than who is before it, so there is nothing to sort, and a frame costs neither a timer nor a closure of
 * its own. The ring is made with the first frame: most cables of a large network are idle.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import { type Actor, type Alarm, type Clock, END_OF_TIME, type Nanos } from './clock.ts';

/** A power of two, as the length of the ring always is. */
const LENGTH_FIRST = 8;

/** Of lanes that nothing has come into yet: never written to. */
const NO_FRAMES: (Uint8Array | undefined)[] = [];
const NO_TIMES = new Float64Array(0);

/** Whom a lane leads to. */
export interface LaneEnd {
  /** It may put frames into the lane, and may empty it. */
  arrived(frame: Uint8Array): void;
}

export class FrameLane {
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #end: LaneEnd;
  #alarm: Alarm | undefined;
  #frames: (Uint8Array | undefined)[] = NO_FRAMES;
  #arrivals = NO_TIMES;
  #head = 0;
  #count = 0;
  #lastArrival: Nanos = 0;

  constructor(clock: Clock, actor: Actor, end: LaneEnd) {
    this.#clock = clock;
    this.#actor = actor;
    this.#end = end;
  }

  get count(): number {
    return this.#count;
  }

  /** When the frame that came in last arrives, or has arrived. */
  get lastArrival(): Nanos {
    return this.#lastArrival;
  }

  push(frame: Uint8Array, arrivesAt: Nanos): void {
    assert(arrivesAt >= this.#lastArrival, 'frames of a lane arrive in their order');
    if (this.#count === this.#frames.length) this.#grow();
    const slot = (this.#head + this.#count) & (this.#frames.length - 1);
    this.#frames[slot] = frame;
    this.#arrivals[slot] = arrivesAt;
    this.#lastArrival = arrivesAt;
    if (this.#count++ > 0) return;
    this.#alarm ??= this.#clock.createAlarm(this.#actor, () => this.#deliver());
    this.#setAlarm(arrivesAt);
  }

  /** What was on its way, oldest first; nothing of it arrives. */
  clear(): readonly Uint8Array[] {
    this.#alarm?.cancel();
    const mask = this.#frames.length - 1;
    const lost = Array.from({ length: this.#count }, (_, i) => this.#frames[(this.#head + i) & mask]!);
    this.#frames.fill(undefined);
    this.#head = 0;
    this.#count = 0;
    this.#lastArrival = 0;
    return lost;
  }

  #deliver(): void {
    const slot = this.#head;
    const frame = this.#frames[slot]!;
    this.#frames[slot] = undefined;
    this.#head = (slot + 1) & (this.#frames.length - 1);
    // Before the frame is handed over: whoever has it may send on, or cut the cable.
    if (--this.#count > 0) this.#setAlarm(this.#arrivals[this.#head]!);
    this.#end.arrived(frame);
  }

  /** Months of delay, or a bit a second, lead beyond all time: such a frame is on its way for good. */
  #setAlarm(arrivesAt: Nanos): void {
    this.#alarm!.set(arrivesAt < END_OF_TIME ? arrivesAt : END_OF_TIME);
  }

  #grow(): void {
    const length = Math.max(LENGTH_FIRST, this.#frames.length * 2);
    const frames: (Uint8Array | undefined)[] = new Array(length).fill(undefined);
    const arrivals = new Float64Array(length);
    for (let i = 0; i < this.#count; i++) {
      const from = (this.#head + i) & (this.#frames.length - 1);
      frames[i] = this.#frames[from];
      arrivals[i] = this.#arrivals[from]!;
    }
    this.#frames = frames;
    this.#arrivals = arrivals;
    this.#head = 0;
  }
}
