/** A map that tells which of its keys were touched, so that what follows from it is looked at again there and nowhere else. */
export class WatchedMap<K, V> extends Map<K, V> {
  #touched: ((key: K) => void) | undefined;

  /** One watcher at a time: the next takes the place of the one before. */
  watch(touched: ((key: K) => void) | undefined): void {
    this.#touched = touched;
  }

  override set(key: K, value: V): this {
    super.set(key, value);
    this.#touched?.(key);
    return this;
  }

  override delete(key: K): boolean {
    const isChanged = super.delete(key);
    if (isChanged) this.#touched?.(key);
    return isChanged;
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }
}
