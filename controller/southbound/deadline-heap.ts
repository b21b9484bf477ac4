/**
 * Who is to be looked at next: a binary heap by time.
 *
 * Deadlines move with every byte that comes, nearly always to later. So an entry is a moment at which to look, not the deadline itself: who looks too early puts
 * the owner back with its new moment, and nothing has to be found in the middle of the heap.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';

interface Entry<T> {
  readonly at: Nanos;
  readonly owner: T;
}

export class DeadlineHeap<T> {
  readonly #entries: Entry<T>[] = [];

  nextAt(): Nanos | undefined {
    return this.#entries[0]?.at;
  }

  add(at: Nanos, owner: T): void {
    const entries = this.#entries;
    const entry = { at, owner };
    let place = entries.length;
    entries.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (entries[parent]!.at <= at) break;
      entries[place] = entries[parent]!;
      place = parent;
    }
    entries[place] = entry;
  }

  /** The owner of the earliest moment, if that has come. */
  takeDue(now: Nanos): T | undefined {
    const entries = this.#entries;
    const [first] = entries;
    if (!first || first.at > now) return undefined;
    const last = entries.pop()!;
    if (entries.length > 0) this.#sink(last);
    return first.owner;
  }

  #sink(entry: Entry<T>): void {
    const entries = this.#entries;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && entries[child + 1]!.at < entries[child]!.at) child++;
      if (entries[child]!.at >= entry.at) break;
      entries[place] = entries[child]!;
      place = child;
    }
    entries[place] = entry;
  }
}
