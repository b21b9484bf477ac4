/**
 * One timer that is set again and again: what a hot user of the clock keeps instead of a timer and a closure for each event.
 *
 * Setting it anew takes the moment that was set before back.
 */
import type { Actor, Clock, Nanos, Timer } from './clock.ts';

export interface Alarm {
  /** When it will ring; undefined when it is not set. */
  readonly at: Nanos | undefined;
  set(at: Nanos): void;
  cancel(): void;
}

export function createAlarm(clock: Clock, actor: Actor, run: () => void): Alarm {
  return new ClockAlarm(clock, actor, run);
}

class ClockAlarm implements Alarm {
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #ring: () => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, actor: Actor, run: () => void) {
    this.#clock = clock;
    this.#actor = actor;
    this.#ring = () => {
      this.#timer = undefined;
      run();
    };
  }

  get at(): Nanos | undefined {
    return this.#timer?.at;
  }

  set(at: Nanos): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.schedule(this.#actor, at, this.#ring);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
