/**
 * A hierarchical timing wheel on integer nanoseconds (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 7).
 *
 * Time is read as digits of eleven bits, five of them: the 53 bits that a number holds exactly. The lowest digit counts within a window of two
 * microseconds, whose events somebody else orders; the wheel has the four above, a slot for each value of each. It stands at a window, its base. An event
 * is in the slot that its highest digit that differs from the base's names. When the base comes to a slot of a higher level, its entries go down to
 * where they now belong: three times at the most, and never for the delay of a cable.
 *
 * A slot is a chain of chunks of entries, and an entry has the event's time, so that moving it reads memory in order and nothing of the event
 * itself. That is worth more than cancelling in place: on a list through the events each step waits for memory. Cancelled events leave
 * their entries behind.
 *
 * Invariants: nothing is before the base's window; the lowest level that holds anything holds what is next, in its first slot;
 * entries of one moment are in one slot, in the order in which they were added.
 */
import { grown, isLive, type QueuedEvent } from './queued-event.ts';

const DIGIT_BITS = 11;
const SLOTS = 1 << DIGIT_BITS;
const LEVELS = 4;
/** The time is two integers that bits can be taken of: two digits, and the three above them. */
const LOW = 2 ** (2 * DIGIT_BITS);
export const WINDOW_NS = SLOTS;

const WORDS_PER_LEVEL = SLOTS >> 5;
const GROUPS_PER_LEVEL = WORDS_PER_LEVEL >> 5;

/** An entry is known by its number; its chunk is that without the lowest bits. */
const CHUNK_BITS = 3;
const CHUNK = 1 << CHUNK_BITS;
const NONE = -1;

/** Takes the entries of a window, in the order in which they were added. */
export interface EntrySink {
  put(time: number, event: QueuedEvent, order: number): void;
}

export class TimingWheel {
  #times = new Float64Array(0);
  #orders = new Int32Array(0);
  readonly #events: (QueuedEvent | undefined)[] = [];
  /** By chunk: the first entry of the one behind it. */
  #nextChunks = new Int32Array(0);
  #freeChunk = NONE;
  /** Of each slot the first entry and the last. */
  readonly #heads = new Int32Array(LEVELS * SLOTS).fill(NONE);
  readonly #tails = new Int32Array(LEVELS * SLOTS);
  /** A bit for each slot that is not empty, one for each word of those that is not zero, and one for each word of these. */
  readonly #slotBits = new Int32Array(LEVELS * WORDS_PER_LEVEL);
  readonly #wordBits = new Int32Array(LEVELS * GROUPS_PER_LEVEL);
  #groupBits = 0;
  /** The window that it stands at, without the two lowest digits: no slot is chosen by those. */
  #baseHigh = 0;

  /** Not before the window of the base. */
  add(time: number, event: QueuedEvent, order: number): void {
    const high = Math.floor(time / LOW);
    const slot = toSlot(time - high * LOW, high, high ^ this.#baseHigh);
    const tail = this.#tails[slot]!;
    let entry = tail + 1;
    if (this.#heads[slot] === NONE) {
      entry = this.#takeChunk();
      this.#heads[slot] = entry;
      this.#mark(slot);
    } else if ((entry & (CHUNK - 1)) === 0) {
      entry = this.#takeChunk();
      this.#nextChunks[tail >> CHUNK_BITS] = entry;
    }
    this.#tails[slot] = entry;
    this.#times[entry] = time;
    this.#orders[entry] = order;
    this.#events[entry] = event;
  }

  /**
   * Moves the base to the next window that has entries, if that begins at `until` or before, and gives them to `sink`; tells where the window
   * ends, or nothing. The base never goes beyond the window of `until`.
   */
  takeWindow(until: number, sink: EntrySink): number | undefined {
    while (this.#groupBits !== 0) {
      const slot = this.#firstSlot();
      const head = this.#heads[slot]!;
      const tail = this.#tails[slot]!;
      const time = this.#times[head]!;
      const level = slot >> DIGIT_BITS;
      const isAlone = tail === head;
      const high = Math.floor(time / LOW);
      // One that is alone need not go down: nothing can be before it.
      const startHigh = level < 2 || isAlone ? high : high & (-1 << ((level - 1) * DIGIT_BITS));
      const startLow = level === 0 || isAlone ? (time - high * LOW) & -SLOTS : 0;
      const start = startHigh * LOW + startLow;
      if (start > until) return undefined;
      this.#baseHigh = startHigh;
      this.#empty(slot);
      if (this.#moveDown(head, tail, start + WINDOW_NS, sink)) return start + WINDOW_NS;
    }
    return undefined;
  }

  /** When the first event is that still counts; infinite if there is none. */
  nextAt(): number {
    while (this.#groupBits !== 0) {
      const slot = this.#firstSlot();
      const tail = this.#tails[slot]!;
      let next = Number.POSITIVE_INFINITY;
      for (let entry = this.#heads[slot]!; ; entry = this.#follow(entry)) {
        const time = this.#times[entry]!;
        if (time < next && isLive(this.#events[entry]!, this.#orders[entry]!)) next = time;
        if (entry === tail) break;
      }
      if (next !== Number.POSITIVE_INFINITY) return next;
      // Nobody there counts any more.
      this.#drop(slot);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Rids it of the entries that do not count any more. */
  sweep(): void {
    const kept: { readonly time: number; readonly event: QueuedEvent; readonly order: number }[] = [];
    while (this.#groupBits !== 0) {
      const slot = this.#firstSlot();
      const tail = this.#tails[slot]!;
      for (let entry = this.#heads[slot]!; ; entry = this.#follow(entry)) {
        const event = this.#events[entry]!;
        const order = this.#orders[entry]!;
        if (isLive(event, order)) kept.push({ time: this.#times[entry]!, event, order });
        if (entry === tail) break;
      }
      this.#drop(slot);
    }
    for (const { time, event, order } of kept) this.add(time, event, order);
  }

  /** What is of the first window goes to `sink`, the rest where it now belongs; tells whether there was anything of the window. */
  #moveDown(head: number, tail: number, windowEnd: number, sink: EntrySink): boolean {
    let isOfWindow = false;
    for (let entry = head; entry !== NONE; entry = this.#leave(entry, tail)) {
      const time = this.#times[entry]!;
      if (time < windowEnd) {
        isOfWindow = true;
        sink.put(time, this.#events[entry]!, this.#orders[entry]!);
      } else this.add(time, this.#events[entry]!, this.#orders[entry]!);
    }
    return isOfWindow;
  }

  #drop(slot: number): void {
    const tail = this.#tails[slot]!;
    for (let entry = this.#heads[slot]!; entry !== NONE; entry = this.#leave(entry, tail));
    this.#empty(slot);
  }

  /** The entry behind one that is not the last. */
  #follow(entry: number): number {
    const next = entry + 1;
    return (next & (CHUNK - 1)) === 0 ? this.#nextChunks[entry >> CHUNK_BITS]! : next;
  }

  /** Frees the entry; tells the one behind it, if it was not the last. */
  #leave(entry: number, tail: number): number {
    this.#events[entry] = undefined;
    const next = entry === tail ? NONE : this.#follow(entry);
    if (entry === tail || (next & (CHUNK - 1)) === 0) {
      const chunk = entry >> CHUNK_BITS;
      this.#nextChunks[chunk] = this.#freeChunk;
      this.#freeChunk = chunk << CHUNK_BITS;
    }
    return next;
  }

  /** Its first entry. */
  #takeChunk(): number {
    if (this.#freeChunk === NONE) this.#grow();
    const first = this.#freeChunk;
    this.#freeChunk = this.#nextChunks[first >> CHUNK_BITS]!;
    return first;
  }

  #grow(): void {
    const chunks = this.#nextChunks.length;
    const capacity = Math.max(8, chunks * 2);
    this.#times = grown(this.#times, new Float64Array(capacity << CHUNK_BITS));
    this.#orders = grown(this.#orders, new Int32Array(capacity << CHUNK_BITS));
    this.#nextChunks = grown(this.#nextChunks, new Int32Array(capacity));
    while (this.#events.length < capacity << CHUNK_BITS) this.#events.push(undefined);
    for (let chunk = capacity - 1; chunk >= chunks; chunk--) {
      this.#nextChunks[chunk] = this.#freeChunk;
      this.#freeChunk = chunk << CHUNK_BITS;
    }
  }

  /** Of the lowest level that holds anything. */
  #firstSlot(): number {
    const group = lowestBit(this.#groupBits);
    const word = (group << 5) + lowestBit(this.#wordBits[group]!);
    return (word << 5) + lowestBit(this.#slotBits[word]!);
  }

  #mark(slot: number): void {
    const word = slot >> 5;
    const group = word >> 5;
    this.#slotBits[word]! |= 1 << (slot & 31);
    this.#wordBits[group]! |= 1 << (word & 31);
    this.#groupBits |= 1 << group;
  }

  #empty(slot: number): void {
    const word = slot >> 5;
    const group = word >> 5;
    this.#heads[slot] = NONE;
    this.#slotBits[word]! &= ~(1 << (slot & 31));
    if (this.#slotBits[word] !== 0) return;
    this.#wordBits[group]! &= ~(1 << (word & 31));
    if (this.#wordBits[group] === 0) this.#groupBits &= ~(1 << group);
  }
}

/** Of a time in two parts, by the bits in which the upper differs from the base's. */
function toSlot(low: number, high: number, highDifference: number): number {
  if (highDifference === 0) return low >> DIGIT_BITS;
  if (highDifference < SLOTS) return SLOTS | (high & (SLOTS - 1));
  if (highDifference < LOW) return (2 * SLOTS) | ((high >> DIGIT_BITS) & (SLOTS - 1));
  return (3 * SLOTS) | (high >> (2 * DIGIT_BITS));
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
