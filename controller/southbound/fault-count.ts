/**
 * What one switch does wrong, counted by kind, and told at most once a second each: a switch that errs a million times is one piece of news.
 *
 * The number told is that since the connection began, so a second in which nothing was told is not lost.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';

export const FAULTS = [
  /** A message that cannot be read; it was answered with an OpenFlow error. */
  'garbage',
  /** A reply that nobody waits for: given up on, given twice, or never asked for. */
  'stray-reply',
  /** A reply to a question, and of another kind than the question. */
  'wrong-reply',
  /** Packet-ins beyond the budget; they were dropped unread. */
  'packet-in-flood',
  /** Errors beyond what is told one by one. */
  'error-flood',
] as const;

export type Fault = (typeof FAULTS)[number];

const TOLD_EVERY: Nanos = 1_000_000_000;

export class FaultCount {
  readonly #counts = new Map<Fault, number>();
  readonly #toldAt = new Map<Fault, Nanos>();

  of(fault: Fault): number {
    return this.#counts.get(fault) ?? 0;
  }

  /** True when it is time to tell. */
  add(fault: Fault, now: Nanos): boolean {
    this.#counts.set(fault, this.of(fault) + 1);
    const toldAt = this.#toldAt.get(fault);
    if (toldAt !== undefined && now - toldAt < TOLD_EVERY) return false;
    this.#toldAt.set(fault, now);
    return true;
  }
}
