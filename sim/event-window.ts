/**
 * The events of the next two microseconds, in the order (time, rank of the actor, its own count).
 *
 * Those that were queued before the window was opened, the batch, are sorted once. What is queued for the window later, by delays that are
 * shorter, waits in a heap, and whoever comes first of the two goes next. Of one actor and moment the batch comes first, for it was queued
 * before. Cancelled events stay in the batch until they are come to; in the heap there are none, for those that may be set and cancelled
 * for ever are there.
 */
import type { ActorRanking } from './actor.ts';
import { FAR, grown, isLive, type QueuedEvent } from './queued-event.ts';
import { type EntrySink, WINDOW_NS } from './timing-wheel.ts';

/** Up to so many, moving neighbours is faster than counting. */
const INSERTION_MAX = 48;
/** A rank and a place in the batch make one exact number. */
const PLACES = 2 ** 26;

export class EventWindow implements EntrySink {
  readonly #ranking: ActorRanking;
  #times = new Float64Array(INSERTION_MAX);
  #orders = new Int32Array(INSERTION_MAX);
  #events: (QueuedEvent | undefined)[] = [];
  #next = 0;
  #end = 0;
  #lateTimes = new Float64Array(INSERTION_MAX);
  readonly #latecomers: QueuedEvent[] = [];
  /** Room to sort in. */
  #keys = new Float64Array(INSERTION_MAX);
  readonly #counts = new Int32Array(WINDOW_NS + 1);
  /** Of the event that `first` has told. */
  firstAt = 0;

  constructor(ranking: ActorRanking) {
    this.#ranking = ranking;
  }

  /** One of the batch, dead or alive; to be given before it is opened, in the order in which they were queued. */
  put(time: number, event: QueuedEvent, order: number): void {
    const index = this.#end++;
    if (index === this.#times.length) {
      this.#times = grown(this.#times, new Float64Array(2 * index));
      this.#orders = grown(this.#orders, new Int32Array(2 * index));
    }
    this.#times[index] = time;
    this.#orders[index] = order;
    if (index === this.#events.length) this.#events.push(event);
    else this.#events[index] = event;
  }

  /** The batch is complete. */
  open(endsAt: number): void {
    if (this.#end === 1) return;
    if (this.#end > INSERTION_MAX) this.#sortByCounting(endsAt - WINDOW_NS);
    else this.#sortByMoving();
    this.#ranking.update();
    for (let from = 0; from < this.#end; ) {
      let to = from + 1;
      while (to < this.#end && this.#times[to] === this.#times[from]) to++;
      if (to - from > 1) this.#sortByRank(from, to);
      from = to;
    }
  }

  /** One more, behind what has been taken. */
  add(time: number, event: QueuedEvent): void {
    this.#ranking.update();
    const index = this.#latecomers.push(event) - 1;
    if (index === this.#lateTimes.length) this.#lateTimes = grown(this.#lateTimes, new Float64Array(2 * index));
    this.#siftUp(time, event, index);
  }

  /** Takes out a latecomer, so that nothing of it stays. */
  remove(event: QueuedEvent): void {
    const index = event.place;
    const last = this.#latecomers.pop()!;
    if (last === event) return;
    const time = this.#lateTimes[this.#latecomers.length]!;
    this.#siftUp(time, last, index);
    this.#siftDown(time, last, last.place);
  }

  /** The next event, which stays; none when all are through. */
  first(): QueuedEvent | undefined {
    let early: QueuedEvent | undefined;
    for (; this.#next < this.#end; this.#next++) {
      early = this.#events[this.#next]!;
      if (isLive(early, this.#orders[this.#next]!)) break;
      this.#events[this.#next] = undefined;
      early = undefined;
    }
    if (early === undefined) {
      this.#next = 0;
      this.#end = 0;
    } else this.firstAt = this.#times[this.#next]!;
    if (this.#latecomers.length === 0) return early;
    const late = this.#latecomers[0]!;
    const lateAt = this.#lateTimes[0]!;
    if (
      early !== undefined &&
      !(lateAt < this.firstAt || (lateAt === this.firstAt && late.actor.rank < early.actor.rank))
    )
      return early;
    this.firstAt = lateAt;
    return late;
  }

  /** Takes out the one that `first` has told. */
  take(event: QueuedEvent): void {
    if (event.place === FAR) this.#events[this.#next++] = undefined;
    else this.remove(event);
  }

  #siftUp(time: number, event: QueuedEvent, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(time, event, parent)) break;
      this.#move(parent, index);
      index = parent;
    }
    this.#place(time, event, index);
  }

  #siftDown(time: number, event: QueuedEvent, from: number): void {
    const count = this.#latecomers.length;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#isBefore(this.#lateTimes[child + 1]!, this.#latecomers[child + 1]!, child))
        child++;
      if (this.#isBefore(time, event, child)) break;
      this.#move(child, index);
      index = child;
    }
    this.#place(time, event, index);
  }

  #move(from: number, to: number): void {
    this.#place(this.#lateTimes[from]!, this.#latecomers[from]!, to);
  }

  #place(time: number, event: QueuedEvent, index: number): void {
    this.#lateTimes[index] = time;
    this.#latecomers[index] = event;
    event.place = index;
  }

  /** Whether it comes before the latecomer at an index. */
  #isBefore(time: number, event: QueuedEvent, index: number): boolean {
    if (time !== this.#lateTimes[index]) return time < this.#lateTimes[index]!;
    const other = this.#latecomers[index]!;
    if (event.actor !== other.actor) return event.actor.rank < other.actor.rank;
    // Counts of 32 bits go round; two of one moment are not half a round apart.
    return ((event.order - other.order) | 0) < 0;
  }

  #sortByMoving(): void {
    const times = this.#times;
    const orders = this.#orders;
    const events = this.#events;
    for (let i = 1; i < this.#end; i++) {
      const time = times[i]!;
      if (times[i - 1]! <= time) continue;
      const order = orders[i]!;
      const event = events[i];
      let place = i;
      for (; place > 0 && times[place - 1]! > time; place--) {
        times[place] = times[place - 1]!;
        orders[place] = orders[place - 1]!;
        events[place] = events[place - 1];
      }
      times[place] = time;
      orders[place] = order;
      events[place] = event;
    }
  }

  /** By the nanosecond within the window. */
  #sortByCounting(start: number): void {
    const count = this.#end;
    const counts = this.#counts.fill(0);
    const times = this.#times.slice(0, count);
    const orders = this.#orders.slice(0, count);
    const events = this.#events.slice(0, count);
    for (let i = 0; i < count; i++) counts[times[i]! - start + 1]!++;
    for (let i = 1; i < counts.length; i++) counts[i]! += counts[i - 1]!;
    for (let i = 0; i < count; i++) {
      const place = counts[times[i]! - start]!++;
      this.#times[place] = times[i]!;
      this.#orders[place] = orders[i]!;
      this.#events[place] = events[i];
    }
  }

  /** Of one moment. */
  #sortByRank(from: number, to: number): void {
    const count = to - from;
    if (this.#keys.length < count) this.#keys = new Float64Array(2 * count);
    const keys = this.#keys;
    let isSorted = true;
    for (let i = 0; i < count; i++) {
      keys[i] = this.#events[from + i]!.actor.rank * PLACES + i;
      isSorted &&= i === 0 || keys[i]! > keys[i - 1]!;
    }
    if (isSorted) return;
    if (count <= INSERTION_MAX) sortFew(keys, count);
    else keys.subarray(0, count).sort();
    const orders = this.#orders.slice(from, to);
    const events = this.#events.slice(from, to);
    for (let i = 0; i < count; i++) {
      const place = keys[i]! - Math.floor(keys[i]! / PLACES) * PLACES;
      this.#orders[from + i] = orders[place]!;
      this.#events[from + i] = events[place];
    }
  }
}

function sortFew(keys: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    const key = keys[i]!;
    let place = i;
    for (; place > 0 && keys[place - 1]! > key; place--) keys[place] = keys[place - 1]!;
    keys[place] = key;
  }
}
