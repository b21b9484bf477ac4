/**
 * A binary heap of (key, slot) in typed arrays: the smallest key first, and among equal keys what was pushed first.
 *
 * Equal keys in the order of pushing make a search that pushes in canonical order canonical itself. Keys are never lowered; who finds a smaller one
 * pushes again and skips the stale entry when it comes out.
 */
export class SlotHeap {
  #keys = new Float64Array(64);
  #orders = new Uint32Array(64);
  #slots = new Int32Array(64);
  #length = 0;
  #pushed = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  clear(): void {
    this.#length = 0;
    this.#pushed = 0;
  }

  push(key: number, slot: number): void {
    if (this.#length === this.#keys.length) this.#grow();
    const [keys, orders, slots] = [this.#keys, this.#orders, this.#slots];
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // What comes later never rises above an equal.
      if (keys[parent]! <= key) break;
      keys[at] = keys[parent]!;
      orders[at] = orders[parent]!;
      slots[at] = slots[parent]!;
      at = parent;
    }
    keys[at] = key;
    orders[at] = this.#pushed++;
    slots[at] = slot;
  }

  get key(): number {
    return this.#keys[0]!;
  }

  /** Takes the first; its key was `key`. */
  pop(): number {
    const [keys, orders, slots] = [this.#keys, this.#orders, this.#slots];
    const first = slots[0]!;
    const last = --this.#length;
    const key = keys[last]!;
    const order = orders[last]!;
    let at = 0;
    for (let child = 1; child < last; child = 2 * at + 1) {
      const sibling = child + 1;
      const isSiblingFirst =
        sibling < last &&
        (keys[sibling]! < keys[child]! || (keys[sibling] === keys[child] && orders[sibling]! < orders[child]!));
      if (isSiblingFirst) child = sibling;
      if (keys[child]! > key || (keys[child] === key && orders[child]! > order)) break;
      keys[at] = keys[child]!;
      orders[at] = orders[child]!;
      slots[at] = slots[child]!;
      at = child;
    }
    keys[at] = key;
    orders[at] = order;
    slots[at] = slots[last]!;
    return first;
  }

  #grow(): void {
    const length = 2 * this.#keys.length;
    const [keys, orders, slots] = [new Float64Array(length), new Uint32Array(length), new Int32Array(length)];
    keys.set(this.#keys);
    orders.set(this.#orders);
    slots.set(this.#slots);
    this.#keys = keys;
    this.#orders = orders;
    this.#slots = slots;
  }
}
