/**
 * The yardstick of the event core: a binary heap of small objects in the same order (time, actor's name, its count), as one writes it first.
 *
 * The simulation ran on it before it had a timing wheel. It is kept here whole, so that the ratio stays what it is a ratio of.
 */

export interface HeapActor {
  readonly name: string;
  count: number;
}

interface HeapEvent {
  readonly at: number;
  readonly actor: HeapActor;
  readonly order: number;
  run: (() => void) | undefined;
  readonly cancel: () => void;
}

export class HeapClock {
  now = 0;
  readonly #queue: HeapEvent[] = [];

  createActor(name: string): HeapActor {
    return { name, count: 0 };
  }

  schedule(actor: HeapActor, at: number, run: () => void): { cancel(): void } {
    const cancel = (): void => {
      event.run = undefined;
    };
    const event: HeapEvent = { at, actor, order: actor.count++, run, cancel };
    this.#push(event);
    return event;
  }

  step(): boolean {
    while (this.#queue.length > 0) {
      const event = this.#queue[0]!;
      this.#pop();
      const { run } = event;
      if (run === undefined) continue;
      this.now = event.at;
      event.run = undefined;
      run();
      return true;
    }
    return false;
  }

  #push(event: HeapEvent): void {
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

function isBefore(a: HeapEvent, b: HeapEvent): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.actor !== b.actor) return a.actor.name < b.actor.name;
  return a.order < b.order;
}
