/**
 * Virtual time: a queue of events, run in the order (time, actor, that actor's own count).
 *
 * An actor ranks by its *name*, not by when it was made, and counts only its own events. So adding a host to a network
 * inserts that host's events and reorders nobody else's, and a run is the same byte for byte whatever order things were built in.
 * Time is an integer of nanoseconds, exact to 104 days; it moves only when somebody runs the clock. Under wall time the lab runs it to
 * "now" again and again; the code that is simulated cannot tell the difference.
 *
 * `schedule` is for what happens once. Who waits again and again, as a cable does for its next frame, has an alarm: it is made once,
 * and setting it allocates nothing.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import { type Actor, ActorRanking } from './actor.ts';
import { EventQueue } from './event-queue.ts';
import { NOT_QUEUED, type QueuedEvent } from './queued-event.ts';
import { TraceHash } from './trace-hash.ts';

export type { Actor } from './actor.ts';

/** Nanoseconds since the run began. */
export type Nanos = number;

export const MILLISECOND: Nanos = 1_000_000;
export const SECOND: Nanos = 1_000_000_000;
/** Where doubles stop counting single nanoseconds, after 104 days: what would be later never is. */
export const END_OF_TIME: Nanos = Number.MAX_SAFE_INTEGER;

export interface Timer {
  readonly at: Nanos;
  /** Idempotent, also after the event has run. */
  cancel(): void;
}

/** A timer that is used again and again. */
export interface Alarm {
  /** When it will go off; undefined while it is not set. */
  readonly at: Nanos | undefined;
  /** Sets it, or sets it anew: then as if it had been cancelled and something else been scheduled. */
  set(at: Nanos): void;
  /** Idempotent. */
  cancel(): void;
}

/** A run that needs more events than this between two looks from outside is taken for a storm; a fat network's second has fewer. */
const EVENTS_MAX_DEFAULT = 50_000_000;

export class ClockBudgetError extends Error {
  override readonly name = 'ClockBudgetError';
}

/** The moment is kept as two small integers, which stand in the event itself; a large number would be an object of its own. */
const LOW = 2 ** 22;

/** What the two kinds of timer have in common. */
abstract class ClockEvent implements QueuedEvent {
  readonly actor: Actor;
  order = 0;
  place = NOT_QUEUED;
  #atHigh = 0;
  #atLow = 0;

  constructor(actor: Actor) {
    this.actor = actor;
  }

  abstract happen(): void;

  cancel(): void {
    if (this.place !== NOT_QUEUED) this.actor.queue.remove(this);
  }

  protected get moment(): Nanos {
    return this.#atHigh * LOW + this.#atLow;
  }

  protected queueAt(at: Nanos): void {
    const { actor } = this;
    const { queue } = actor;
    assert(Number.isSafeInteger(at), 'time is an integer of nanoseconds');
    assert(at >= queue.now, 'an event is not in the past');
    assert(!actor.isRemoved, 'who was removed schedules nothing');
    if (this.place !== NOT_QUEUED) queue.remove(this);
    this.#atHigh = Math.floor(at / LOW);
    this.#atLow = at - this.#atHigh * LOW;
    queue.add(this, at);
  }
}

class OneShot extends ClockEvent implements Timer {
  readonly #run: () => void;

  constructor(actor: Actor, at: Nanos, run: () => void) {
    super(actor);
    this.#run = run;
    this.queueAt(at);
  }

  get at(): Nanos {
    return this.moment;
  }

  happen(): void {
    this.#run();
  }
}

class ReusableAlarm extends ClockEvent implements Alarm {
  readonly #run: (alarm: Alarm) => void;

  constructor(actor: Actor, run: (alarm: Alarm) => void) {
    super(actor);
    this.#run = run;
  }

  get at(): Nanos | undefined {
    return this.place === NOT_QUEUED ? undefined : this.moment;
  }

  set(at: Nanos): void {
    this.queueAt(at);
  }

  happen(): void {
    this.#run(this);
  }
}

export class Clock {
  readonly #ranking = new ActorRanking();
  readonly #queue = new EventQueue(this.#ranking);
  readonly #trace = new TraceHash();
  #eventsRun = 0;

  get now(): Nanos {
    return this.#queue.now;
  }

  /** Events run since the beginning. */
  get eventsRun(): number {
    return this.#eventsRun;
  }

  /** Events that are still to come. */
  get pending(): number {
    return this.#queue.size;
  }

  /** A fingerprint of every event run so far: sixteen hexadecimal digits, the same for the same run in whatever process. */
  get traceHash(): string {
    return this.#trace.text;
  }

  /** A name that schedules; each name is one actor, or the order of its events would depend on who came first. */
  createActor(name: string): Actor {
    return this.#ranking.add(name, this.#queue);
  }

  /** It schedules nothing more; what it has scheduled still happens. */
  removeActor(actor: Actor): void {
    this.#ranking.remove(actor);
  }

  schedule(actor: Actor, at: Nanos, run: () => void): Timer {
    return new OneShot(actor, at, run);
  }

  /** `run` is told which alarm it was, so that one function may serve many. */
  createAlarm(actor: Actor, run: (alarm: Alarm) => void): Alarm {
    return new ReusableAlarm(actor, run);
  }

  /** When the next event is due; undefined when nothing will ever happen again. */
  nextAt(): Nanos | undefined {
    return this.#queue.size === 0 ? undefined : this.#queue.nextAt();
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    return this.#runNext(Number.POSITIVE_INFINITY);
  }

  /** Runs everything that is due up to and including `until`, and leaves the clock there. */
  runUntil(until: Nanos, eventsMax = EVENTS_MAX_DEFAULT): void {
    const eventsAtStart = this.#eventsRun;
    while (this.#eventsRun - eventsAtStart < eventsMax) {
      if (this.#runNext(until)) continue;
      if (until > this.#queue.now) this.#queue.now = until;
      return;
    }
    if (this.#queue.nextAt() <= until) {
      throw new ClockBudgetError(`${eventsMax} events before ${until} ns, now ${this.now} ns: something circulates`);
    }
    if (until > this.#queue.now) this.#queue.now = until;
  }

  /** As `runUntil`, but for so many events at most. False: more are due, and the clock is still at the last of these. */
  runSome(until: Nanos, eventsMax: number): boolean {
    for (let count = 0; count < eventsMax; count++) {
      if (this.#runNext(until)) continue;
      if (until > this.#queue.now) this.#queue.now = until;
      return true;
    }
    return false;
  }

  #runNext(until: Nanos): boolean {
    const event = this.#queue.take(until);
    if (event === undefined) return false;
    this.#eventsRun++;
    this.#trace.add(this.#queue.now, event.actor.nameHash, event.order);
    event.happen();
    return true;
  }
}
