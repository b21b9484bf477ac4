/**
 * How far each program is: which of the switches that carry it out have not confirmed their part, and how much of what stands in switches needs it.
 *
 *   wanted ──> confirmed (all its parts are) ──> needed (frames are sent under it) ──> idle (nothing sends any more) ──DRAIN──> may be deleted ──> released
 *
 * What is on its way to a switch, and what a switch may have because it did not answer, counts as being there: what is counted here is what can be in force at worst.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { assert } from '../../protocol/wire/wire-error.ts';

/** What was sent under a program before the last rule that needs it went has arrived after this. */
export const DRAIN: Nanos = 1_000_000_000;

export interface ProgramEvents<W> {
  /** What waited for it may look again at this moment. */
  changed(waiter: W, at: Nanos): void;
  /** No switch has anything of it any more, and nobody wants it. */
  released(key: string): void;
}

interface Program<W> {
  /** In the plan. */
  readonly parts: Set<object>;
  readonly unconfirmed: Set<object>;
  /** Items in switches that need it. */
  uses: number;
  /** Items in switches that are of it. */
  carried: number;
  idleSince: Nanos;
  readonly waiters: Set<W>;
}

export class ProgramBook<W> {
  readonly #programs = new Map<string, Program<W>>();
  readonly #events: ProgramEvents<W>;

  constructor(events: ProgramEvents<W>) {
    this.#events = events;
  }

  /** A switch is to carry out a part of it. */
  begin(key: string, part: object): void {
    const program = this.#open(key);
    program.parts.add(part);
    program.unconfirmed.add(part);
  }

  end(key: string, part: object, now: Nanos): void {
    const program = this.#open(key);
    program.parts.delete(part);
    if (program.unconfirmed.delete(part)) this.#confirmedMaybe(program, now);
    this.#releaseMaybe(key, program);
  }

  confirm(key: string, part: object, now: Nanos): void {
    const program = this.#open(key);
    if (program.unconfirmed.delete(part)) this.#confirmedMaybe(program, now);
  }

  /** A part that was confirmed lacks something. */
  doubt(key: string, part: object): void {
    const program = this.#open(key);
    if (program.parts.has(part)) program.unconfirmed.add(part);
  }

  /** Also of one that nobody carries out: there is nothing to wait for. */
  isConfirmed(key: string): boolean {
    return (this.#programs.get(key)?.unconfirmed.size ?? 0) === 0;
  }

  /** When what is of it may be deleted; undefined while something needs it. */
  idleUntil(key: string): Nanos | undefined {
    const program = this.#programs.get(key);
    if (!program) return Number.NEGATIVE_INFINITY;
    return program.uses > 0 ? undefined : program.idleSince + DRAIN;
  }

  /** Once, when it is confirmed or not needed any more. */
  await(key: string, waiter: W): void {
    this.#open(key).waiters.add(waiter);
  }

  forget(waiter: W): void {
    for (const { waiters } of this.#programs.values()) waiters.delete(waiter);
  }

  use(key: string): void {
    this.#open(key).uses++;
  }

  unuse(key: string, now: Nanos): void {
    const program = this.#open(key);
    program.uses--;
    assert(program.uses >= 0, 'what is needed no more was needed');
    if (program.uses > 0) return;
    program.idleSince = now;
    this.#wake(program, now + DRAIN);
    this.#releaseMaybe(key, program);
  }

  carry(key: string): void {
    this.#open(key).carried++;
  }

  uncarry(key: string): void {
    const program = this.#open(key);
    program.carried--;
    assert(program.carried >= 0, 'what is gone was there');
    this.#releaseMaybe(key, program);
  }

  isReleased(key: string): boolean {
    return !this.#programs.has(key);
  }

  #open(key: string): Program<W> {
    let program = this.#programs.get(key);
    if (!program) {
      const idleSince = Number.NEGATIVE_INFINITY;
      program = { parts: new Set(), unconfirmed: new Set(), uses: 0, carried: 0, idleSince, waiters: new Set() };
      this.#programs.set(key, program);
    }
    return program;
  }

  #confirmedMaybe(program: Program<W>, now: Nanos): void {
    if (program.unconfirmed.size === 0) this.#wake(program, now);
  }

  #wake(program: Program<W>, at: Nanos): void {
    for (const waiter of program.waiters) this.#events.changed(waiter, at);
    program.waiters.clear();
  }

  #releaseMaybe(key: string, { parts, uses, carried }: Program<W>): void {
    if (parts.size > 0 || uses > 0 || carried > 0) return;
    if (this.#programs.delete(key)) this.#events.released(key);
  }
}
