/**
 * What time it is in a switch: nanoseconds as an integer, the same for everything that is done in one call.
 *
 * It is kept in a typed array, because whoever writes a time on the packet path copies it from there: a number this large that is
 * handed from function to function costs an allocation for every hand it goes through.
 */
import { assert } from '../protocol/wire/wire-error.ts';

export class SwitchClock {
  readonly #ns = new Float64Array(1);

  get now(): number {
    return this.#ns[0]!;
  }

  advance(now: number): void {
    assert(now >= this.#ns[0]!, 'time does not go back');
    this.#ns[0] = now;
  }
}
