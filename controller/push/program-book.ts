/**
 * How far each program is: which of the switches that carry it out have not confirmed their part, and how much of what stands in switches needs it.
 *
 *   wanted ──> confirmed (all its parts are) ──> needed (frames are sent under it) ──> idle (nothing sends any more) ──DRAIN──> may be deleted ──> released
 *
 * What is on its way to a switch, and what a switch may have because it did not answer, counts as being there: what is counted here is what can be in force at worst.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { assert } from '../../protocol/wire/wire-error.ts';

/** So few switches are looked at one by one: who sends may have nothing to do with them. */
const STRAGGLERS_MAX = 4;

/** What is waited for while there are more. */
const MANY = {};

/** What is waited for by who waits for nobody to need it. */
const IDLENESS = {};

/** What was sent under a program before the last rule that needs it went has arrived after this. */
export const DRAIN: Nanos = 1_000_000_000;

export interface ProgramEvents<W> {
  /** What waited for it may look again at this moment. */
  changed(waiter: W, at: Nanos): void;
  /** No switch has anything of it any more, and nobody wants it. */
  released(key: string): void;
}

interface Program<W> {
  /** In the plan; by part, the dpid of its switch. */
  readonly parts: Map<object, string>;
  readonly unconfirmed: Map<object, string>;
  /** Items in switches that need it. */
  uses: number;
  /** Items in switches that are of it. */
  carried: number;
  idleSince: Nanos;
  /** With what each waits for: parts, or one of the constants above. */
  readonly waiters: Map<W, Set<object>>;
}

export class ProgramBook<W> {
  readonly #programs = new Map<string, Program<W>>();
  readonly #events: ProgramEvents<W>;

  constructor(events: ProgramEvents<W>) {
    this.#events = events;
  }

  /** A switch is to carry out a part of it. */
  begin(key: string, part: object, dpid: string): void {
    const program = this.#open(key);
    program.parts.set(part, dpid);
    program.unconfirmed.set(part, dpid);
  }

  end(key: string, part: object, now: Nanos): void {
    const program = this.#open(key);
    program.parts.delete(part);
    if (program.unconfirmed.delete(part)) this.#partConfirmed(program, part, now);
    this.#releaseMaybe(key, program);
  }

  /** True when somebody may send who could not. */
  confirm(key: string, part: object, now: Nanos): boolean {
    const program = this.#open(key);
    if (!program.unconfirmed.delete(part)) return false;
    this.#partConfirmed(program, part, now);
    return program.unconfirmed.size <= STRAGGLERS_MAX;
  }

  /** A part that was confirmed lacks something. */
  doubt(key: string, part: object): void {
    const { parts, unconfirmed } = this.#open(key);
    const dpid = parts.get(part);
    if (dpid !== undefined) unconfirmed.set(part, dpid);
  }

  /** Also of one that nobody carries out: there is nothing to wait for. */
  isConfirmed(key: string): boolean {
    return (this.#programs.get(key)?.unconfirmed.size ?? 0) === 0;
  }

  /** What who sends under it has to wait for; undefined when nothing is missing at the switches that it can pass. */
  missingOf(key: string, canPass: (dpid: string) => boolean = () => true): object | undefined {
    const unconfirmed = this.#programs.get(key)?.unconfirmed;
    if (!unconfirmed || unconfirmed.size === 0) return undefined;
    if (unconfirmed.size > STRAGGLERS_MAX) return MANY;
    for (const [part, dpid] of unconfirmed) if (canPass(dpid)) return part;
    return undefined;
  }

  /** When what is of it may be deleted; undefined while something needs it. */
  idleUntil(key: string): Nanos | undefined {
    const program = this.#programs.get(key);
    if (!program) return Number.NEGATIVE_INFINITY;
    return program.uses > 0 ? undefined : program.idleSince + DRAIN;
  }

  /** Once, when what is missing is there, or it is confirmed or not needed any more. */
  await(key: string, waiter: W, missing: object = IDLENESS): void {
    const { waiters } = this.#open(key);
    const known = waiters.get(waiter);
    if (known) known.add(missing);
    else waiters.set(waiter, new Set([missing]));
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
      program = { parts: new Map(), unconfirmed: new Map(), uses: 0, carried: 0, idleSince, waiters: new Map() };
      this.#programs.set(key, program);
    }
    return program;
  }

  #partConfirmed(program: Program<W>, part: object, now: Nanos): void {
    const left = program.unconfirmed.size;
    if (left === 0) this.#wake(program, now);
    else if (left <= STRAGGLERS_MAX) this.#wake(program, now, (awaited) => awaited.has(part) || awaited.has(MANY));
  }

  #wake(program: Program<W>, at: Nanos, isMeant: (awaited: ReadonlySet<object>) => boolean = () => true): void {
    for (const [waiter, awaited] of program.waiters) {
      if (!isMeant(awaited)) continue;
      program.waiters.delete(waiter);
      this.#events.changed(waiter, at);
    }
  }

  #releaseMaybe(key: string, { parts, uses, carried }: Program<W>): void {
    if (parts.size > 0 || uses > 0 || carried > 0) return;
    if (this.#programs.delete(key)) this.#events.released(key);
  }
}
