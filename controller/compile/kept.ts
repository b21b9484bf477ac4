/** A value that stands as long as what it was made of is the same, object by object. */
export class Kept<T> {
  #from: readonly unknown[] | undefined;
  #value: T | undefined;

  take(from: readonly unknown[], make: () => T): T {
    const known = this.#from;
    if (!known?.every((input, i) => input === from[i])) {
      this.#value = make();
      this.#from = from;
    }
    return this.#value as T;
  }
}
