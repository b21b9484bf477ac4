/**
 * What is to come, in the order (time, rank of the actor, its own count): a window of the next two microseconds, and a timing wheel behind it.
 *
 * What is cancelled while it is far away leaves a dead entry in the wheel. When there may be more of those than of living ones the wheel is
 * swept, which costs each cancellation about as much again; so a timer may be set and cancelled for ever.
 */
import type { ActorRanking } from './actor.ts';
import { EventWindow } from './event-window.ts';
import { FAR, NOT_QUEUED, type QueuedEvent } from './queued-event.ts';
import { TimingWheel, WINDOW_NS } from './timing-wheel.ts';

/** So many do not matter. */
const DEAD_MIN = 1024;

export class EventQueue {
  readonly #wheel = new TimingWheel();
  readonly #window: EventWindow;
  #windowEndsAt = WINDOW_NS;
  #size = 0;
  /** Since the wheel was swept: as many dead entries it has at the most. */
  #cancelled = 0;
  /** The time of the event that was taken last, or a later one up to which there was nothing. */
  now = 0;

  constructor(ranking: ActorRanking) {
    this.#window = new EventWindow(ranking);
  }

  get size(): number {
    return this.#size;
  }

  /** Not before now. */
  add(event: QueuedEvent, at: number): void {
    const { actor } = event;
    const order = actor.count++ | 0;
    event.order = order;
    actor.pending++;
    this.#size++;
    if (at < this.#windowEndsAt) {
      this.#window.add(at, event);
    } else {
      event.place = FAR;
      this.#wheel.add(at, event, order);
    }
  }

  /** Takes one out that is queued. */
  remove(event: QueuedEvent): void {
    if (event.place !== FAR) this.#window.remove(event);
    else if (++this.#cancelled > this.#size + DEAD_MIN) {
      event.place = NOT_QUEUED;
      this.#wheel.sweep();
      this.#cancelled = 0;
    }
    this.#release(event);
  }

  /** Takes out the next, if it is not after `until`; it is that time then. */
  take(until: number): QueuedEvent | undefined {
    if (this.#size === 0) return undefined;
    const window = this.#window;
    let event = window.first();
    while (event === undefined) {
      const endsAt = this.#wheel.takeWindow(until, window);
      if (endsAt === undefined) return undefined;
      this.#windowEndsAt = endsAt;
      window.open(endsAt);
      event = window.first();
    }
    if (window.firstAt > until) return undefined;
    this.now = window.firstAt;
    window.take(event);
    this.#release(event);
    return event;
  }

  /** Infinite if nothing is queued. */
  nextAt(): number {
    return this.#window.first() === undefined ? this.#wheel.nextAt() : this.#window.firstAt;
  }

  #release(event: QueuedEvent): void {
    event.place = NOT_QUEUED;
    event.actor.pending--;
    this.#size--;
  }
}
