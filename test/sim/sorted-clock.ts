/** What the clock is held against: the same order from a plain list, looked through from end to end each time. */

export interface SortedActor {
  readonly name: string;
  count: number;
}

interface SortedEvent {
  readonly at: number;
  readonly actor: SortedActor;
  readonly order: number;
  readonly run: () => void;
}

export class SortedClock {
  now = 0;
  #events: SortedEvent[] = [];

  get pending(): number {
    return this.#events.length;
  }

  createActor(name: string): SortedActor {
    return { name, count: 0 };
  }

  removeActor(): void {}

  schedule(actor: SortedActor, at: number, run: () => void): { readonly at: number; cancel(): void } {
    const event = { at, actor, order: actor.count++, run };
    this.#events.push(event);
    const cancel = (): void => {
      this.#events = this.#events.filter((other) => other !== event);
    };
    return { at, cancel };
  }

  createAlarm(actor: SortedActor, run: () => void) {
    let timer: { readonly at: number; cancel(): void } | undefined;
    const alarm = {
      get at() {
        return timer?.at;
      },
      set: (at: number) => {
        timer?.cancel();
        timer = this.schedule(actor, at, () => {
          timer = undefined;
          run();
        });
      },
      cancel: () => {
        timer?.cancel();
        timer = undefined;
      },
    };
    return alarm;
  }

  nextAt(): number | undefined {
    return this.#first()?.at;
  }

  step(): boolean {
    const first = this.#first();
    if (!first) return false;
    this.#events = this.#events.filter((event) => event !== first);
    this.now = first.at;
    first.run();
    return true;
  }

  runUntil(until: number): void {
    for (let next = this.nextAt(); next !== undefined && next <= until; next = this.nextAt()) this.step();
    if (until > this.now) this.now = until;
  }

  #first(): SortedEvent | undefined {
    return this.#events.reduce<SortedEvent | undefined>((a, b) => (a && isBefore(a, b) ? a : b), undefined);
  }
}

function isBefore(a: SortedEvent, b: SortedEvent): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.actor !== b.actor) return a.actor.name < b.actor.name;
  return a.order < b.order;
}
