/**
 * How many ICMP errors a machine sends: what a flood provokes must not become a flood itself (RFC 1812, section 4.3.2.8; RFC 4443, section 2.4 f).
 *
 * A bucket of both families together, with Linux's figures (`icmp_msgs_per_sec`, `icmp_msgs_burst`).
 */
import { type Nanos, SECOND } from '../clock.ts';

const PER_SECOND = 1000;
const BURST = 50;

export class ErrorPace {
  #tokens = BURST;
  #filledAt: Nanos = 0;

  /** Takes one if there is one. */
  take(now: Nanos): boolean {
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) * PER_SECOND) / SECOND);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
