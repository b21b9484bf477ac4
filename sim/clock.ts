/**
 * Virtual time: a queue of events, run in the order (time, actor, that actor's own count).
 *
 * An actor ranks by its *name*, not by when it was made, and counts only its own events. So adding a host to a network
 * inserts that host's events and reorders nobody else's, and a run is the same byte for byte whatever order things were built in.
 * Time is an integer of nanoseconds, exact to 104 days; it moves only when somebody runs the clock. Under wall time the lab runs it to
 * "now" again and again; the code that is simulated cannot tell the difference.
 *
 * A binary heap of small objects: plain, and fast enough for networks that a person looks at.
 */
import { assert } from '../protocol/wire/wire-error.ts';

/** Nanoseconds since the run began. */
export type Nanos = number;

export const MILLISECOND: Nanos = 1_000_000;
export const SECOND: Nanos = 1_000_000_000;

/** Who schedules: a name, and how many events it has scheduled so far. */
export interface Actor {
  readonly name: string;
  count: number;
}

export interface Timer {
  readonly at: Nanos;
  /** Idempotent, also after the event has run. */
  cancel(): void;
}

interface QueuedEvent extends Timer {
  readonly actor: Actor;
  readonly order: number;
  run: (() => void) | undefined;
}

/** A run that needs more events than this between two looks from outside is taken for a storm; a fat network's second has fewer. */
const EVENTS_MAX_DEFAULT = 50_000_000;

export class ClockBudgetError extends Error {
  override readonly name = 'ClockBudgetError';
}

export class Clock {
  #now: Nanos = 0;
  readonly #queue: QueuedEvent[] = [];
  readonly #actors = new Set<string>();
  #eventsRun = 0;
  #eventsCancelled = 0;

  get now(): Nanos {
    return this.#now;
  }

  /** Events run since the beginning. */
  get eventsRun(): number {
    return this.#eventsRun;
  }

  /** Events that are still to come. */
  get pending(): number {
    return this.#queue.length - this.#eventsCancelled;
  }

  /** A name that schedules; each name is one actor, or the order of its events would depend on who came first. */
  createActor(name: string): Actor {
    assert(!this.#actors.has(name), 'an actor has a name of its own');
    this.#actors.add(name);
    return { name, count: 0 };
  }

  removeActor(actor: Actor): void {
    this.#actors.delete(actor.name);
  }

  schedule(actor: Actor, at: Nanos, run: () => void): Timer {
    assert(Number.isSafeInteger(at), 'time is an integer of nanoseconds');
    assert(at >= this.#now, 'an event is not in the past');
    const event: QueuedEvent = {
      at,
      actor,
      order: actor.count++,
      run,
      cancel: () => {
        if (event.run === undefined) return;
        event.run = undefined;
        this.#eventsCancelled++;
      },
    };
    this.#push(event);
    return event;
  }

  /** When the next event is due; undefined when nothing will ever happen again. */
  nextAt(): Nanos | undefined {
    this.#dropCancelled();
    return this.#queue[0]?.at;
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    this.#dropCancelled();
    const event = this.#queue[0];
    if (!event) return false;
    this.#pop();
    this.#now = event.at;
    this.#eventsRun++;
    const { run } = event;
    event.run = undefined;
    run!();
    return true;
  }

  /** Runs everything that is due up to and including `until`, and leaves the clock there. */
  runUntil(until: Nanos, eventsMax = EVENTS_MAX_DEFAULT): void {
    const eventsAtStart = this.#eventsRun;
    for (let next = this.nextAt(); next !== undefined && next <= until; next = this.nextAt()) {
      if (this.#eventsRun - eventsAtStart >= eventsMax) {
        throw new ClockBudgetError(`${eventsMax} events before ${until} ns, now ${this.#now} ns: something circulates`);
      }
      this.step();
    }
    if (until > this.#now) this.#now = until;
  }

  #dropCancelled(): void {
    while (this.#queue.length > 0 && this.#queue[0]!.run === undefined) {
      this.#pop();
      this.#eventsCancelled--;
    }
  }

  #push(event: QueuedEvent): void {
    const queue = this.#queue;
    let index = queue.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, queue[parent]!)) break;
      queue[index] = queue[parent]!;
      index = parent;
    }
    queue[index] = event;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop()!;
    if (queue.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && isBefore(queue[child + 1]!, queue[child]!)) child++;
      if (!isBefore(queue[child]!, last)) break;
      queue[index] = queue[child]!;
      index = child;
    }
    queue[index] = last;
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.actor !== b.actor) return a.actor.name < b.actor.name;
  return a.order < b.order;
}
