/**
 * Answers about addresses that wait until what they lead to can be done.
 *
 * Who hears an answer sends at once, and where policies are asked first, its frame would come before the rules that let it pass: nobody carries it then, and
 * the first frame of every conversation would be lost. The rules take a few round trips; an answer waits no longer than a host would notice.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';

const WAIT_MAX: Nanos = 100_000_000;
const LOOK_AGAIN: Nanos = 2_000_000;

/** More than these at once go out as they come. */
const WAITING_MAX = 256;

export class AnswerPatience {
  readonly #isInForce: () => boolean;
  readonly #waiting: { readonly send: () => void; readonly until: Nanos }[] = [];
  #lookAt: Nanos = 0;

  constructor(isInForce: () => boolean) {
    this.#isInForce = isInForce;
  }

  send(now: Nanos, send: () => void): void {
    if (this.#isInForce() || this.#waiting.length >= WAITING_MAX) {
      send();
      return;
    }
    this.#waiting.push({ send, until: now + WAIT_MAX });
    this.#lookAt = now + LOOK_AGAIN;
  }

  poll(now: Nanos): void {
    if (this.#waiting.length === 0 || now < this.#lookAt) return;
    this.#lookAt = now + LOOK_AGAIN;
    const isInForce = this.#isInForce();
    const due = this.#waiting.filter(({ until }) => isInForce || until <= now).length;
    for (const { send } of this.#waiting.splice(0, due)) send();
  }

  pollAt(): Nanos | undefined {
    return this.#waiting.length > 0 ? this.#lookAt : undefined;
  }
}
