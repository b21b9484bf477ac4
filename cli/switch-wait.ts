/**
 * Waiting until every switch has been connected once, so that `echo pingall | sluice emulate …` pings through a network and not through
 * switches that still dial. Bounded: whoever pings a network without a controller hears that nothing comes back.
 */
const WAIT_MS = 30_000;

/** As many are named; the others are counted. */
const NAMES_MAX = 5;

export class SwitchWait {
  readonly #missing: Set<string>;
  #waiting: Promise<void> | undefined;
  #finish: () => void = () => undefined;

  constructor(names: Iterable<string>) {
    this.#missing = new Set(names);
  }

  connected(name: string): void {
    this.#missing.delete(name);
    if (this.#missing.size === 0) this.#finish();
  }

  /** Says what it waits for, and once more when it has waited in vain; only the first time is waited for. */
  over(): Promise<void> {
    this.#waiting ??= this.#wait();
    return this.#waiting;
  }

  async #wait(): Promise<void> {
    if (this.#missing.size === 0) return;
    console.error(`waiting for ${this.#describe()} to connect`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, WAIT_MS).unref();
      this.#finish = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (this.#missing.size > 0) console.error(`${this.#describe()} did not connect in ${WAIT_MS / 1000} s; going on`);
  }

  #describe(): string {
    const names = [...this.#missing];
    const others = names.length - NAMES_MAX;
    return `${names.slice(0, NAMES_MAX).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  }
}
