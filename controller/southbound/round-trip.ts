/** How long a question to a switch and its answer take on their way, by echoes of our own: smoothed as TCP does it (RFC 6298). */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';

const WEIGHT = 0.125;

export class RoundTrip {
  #xid: number | undefined;
  #askedAt: Nanos = 0;
  #smoothed: Nanos | undefined;
  #estimate: Nanos | undefined;

  /** Undefined until it was measured or estimated. */
  get ns(): Nanos | undefined {
    return this.#smoothed ?? this.#estimate;
  }

  /** What another question took, which holds until an echo was answered: links are measured by it as soon as they are found. */
  estimate(ns: Nanos): void {
    this.#estimate = ns;
  }

  /** A question is under way; a second beside it would only be answered later. */
  get isAsked(): boolean {
    return this.#xid !== undefined;
  }

  /** An echo request goes out. */
  asked(xid: number, now: Nanos): void {
    this.#xid = xid;
    this.#askedAt = now;
  }

  /** True when it is the answer that was waited for. */
  answered(xid: number, now: Nanos): boolean {
    if (xid !== this.#xid) return false;
    this.#xid = undefined;
    const sample = now - this.#askedAt;
    this.#smoothed = this.#smoothed === undefined ? sample : this.#smoothed + WEIGHT * (sample - this.#smoothed);
    return true;
  }
}
