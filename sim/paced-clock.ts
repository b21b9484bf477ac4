/**
 * A clock paced by the wall: virtual time follows the process's monotonic clock, and the outside may reach in at any moment.
 *
 * The simulation stays what it is under virtual time: each event has its exact moment; they are only run when that moment has come. A timer of
 * Node is late by up to some milliseconds, and then what is due is run in order, with the times it should have had. A computer that slept
 * catches up in slices, and a network in which more happens than the computer can follow falls behind the wall, so that nobody who waits outside
 * (a request, a signal) is locked out meanwhile.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import { type Clock, MILLISECOND, type Nanos, SECOND } from './clock.ts';

/** As much virtual time is caught up with at once. */
const SLICE: Nanos = SECOND;

/** So long others wait at most, of the wall's time, and between two looks at it so many events are run. */
const BUSY_NS_MAX = 20n * BigInt(MILLISECOND);
const EVENTS_BETWEEN_LOOKS = 1_000;

/** What comes from outside enters by itself; so an idle network need not wake often. */
const IDLE_MS = 1_000;

export class PacedClock {
  readonly #clock: Clock;
  readonly #startedAt = process.hrtime.bigint();
  #timer: NodeJS.Timeout | undefined;
  #isInside = false;
  #isStopped = false;

  constructor(clock: Clock) {
    assert(clock.now === 0, 'a clock is paced from its beginning');
    this.#clock = clock;
    this.#setTimer();
  }

  /** Brings the network to the present moment, works on it, and sees to it that what follows happens. */
  enter<T>(work: () => T): T {
    // What is asked for from within is at the present moment already.
    if (this.#isInside) return work();
    this.#isInside = true;
    try {
      this.#catchUp();
      return work();
    } finally {
      this.#isInside = false;
      this.#setTimer();
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #elapsed(): Nanos {
    return Number(process.hrtime.bigint() - this.#startedAt);
  }

  #catchUp(): void {
    const { now } = this.#clock;
    const until = Math.max(now, Math.min(this.#elapsed(), now + SLICE));
    const deadline = process.hrtime.bigint() + BUSY_NS_MAX;
    while (!this.#clock.runSome(until, EVENTS_BETWEEN_LOOKS) && process.hrtime.bigint() < deadline);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const next = this.#clock.nextAt();
    const waitMs = next === undefined ? IDLE_MS : Math.ceil((next - this.#elapsed()) / MILLISECOND);
    this.#timer = setTimeout(() => this.enter(() => {}), Math.min(Math.max(waitMs, 0), IDLE_MS));
  }
}
