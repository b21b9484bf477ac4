/** A map that counts its changes, so that what is derived from it can be kept until there is one. */
export class VersionedMap<K, V> extends Map<K, V> {
  #version = 0;

  get version(): number {
    return this.#version;
  }

  override set(key: K, value: V): this {
    this.#version++;
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    const isChanged = super.delete(key);
    if (isChanged) this.#version++;
    return isChanged;
  }

  override clear(): void {
    this.#version++;
    super.clear();
  }
}
