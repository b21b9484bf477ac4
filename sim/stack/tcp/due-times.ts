/**
 * The times at which a connection wants to be called, and the one timer that it has for all of them.
 *
 * They move with every segment, mostly to later; so the timer stays where it is, and when it runs early it is set anew. Moving a time costs an assignment.
 */
import type { Nanos, Timer } from '../../clock.ts';
import type { IpService } from '../ip-service.ts';

export const NEVER = Number.POSITIVE_INFINITY;

export class DueTimes {
  /** The oldest segment goes again, or a shut window is probed. */
  retransmitAt: Nanos = NEVER;
  ackAt: Nanos = NEVER;
  keepAliveAt: Nanos = NEVER;
  /** The end of TIME-WAIT. */
  expireAt: Nanos = NEVER;
  /** Something is to be told, or done, that nobody may be called for from within. */
  turnAt: Nanos = NEVER;
  #timer: Timer | undefined;
  #timerAt: Nanos = NEVER;
  readonly #ip: IpService;
  readonly #run: () => void;

  /** `rung` is told no sooner than the earliest of the times, but perhaps of none. */
  constructor(ip: IpService, rung: () => void) {
    this.#ip = ip;
    this.#run = () => {
      this.#timer = undefined;
      this.#timerAt = NEVER;
      rung();
    };
  }

  /** To be called when times have moved. */
  set(): void {
    const at = Math.min(this.retransmitAt, this.ackAt, this.keepAliveAt, this.expireAt, this.turnAt);
    if (at >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timer = this.#ip.schedule(at, this.#run);
    this.#timerAt = at;
  }

  clear(): void {
    this.retransmitAt = NEVER;
    this.ackAt = NEVER;
    this.keepAliveAt = NEVER;
    this.expireAt = NEVER;
    this.turnAt = NEVER;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = NEVER;
  }
}
