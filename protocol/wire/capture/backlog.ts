/**
 * Bytes of a file that have been pushed and not been read yet: one buffer that grows by doubling and slides its rest to
 * the front.
 *
 * It only ever holds what really arrived, so a length in a file that lies cannot make it allocate. Pushed bytes are
 * copied: the caller may reuse its buffer at once.
 */

const BYTES_FIRST = 4096;

export class Backlog {
  /** Over the whole buffer; what may be read lies between `at` and `end`. Both change with every push. */
  view = new DataView(new ArrayBuffer(BYTES_FIRST));
  at = 0;
  end = 0;
  /** The offset in the file of the buffer's first byte. */
  origin = 0;

  push(bytes: Uint8Array): void {
    if (this.end + bytes.length > this.view.byteLength) this.#makeRoom(bytes.length);
    new Uint8Array(this.view.buffer).set(bytes, this.end);
    this.end += bytes.length;
  }

  has(count: number): boolean {
    return this.end - this.at >= count;
  }

  #makeRoom(count: number): void {
    const rest = this.end - this.at;
    const old = new Uint8Array(this.view.buffer);
    let capacity = old.length;
    while (capacity < rest + count) capacity *= 2;
    if (capacity > old.length) {
      const grown = new Uint8Array(capacity);
      grown.set(old.subarray(this.at, this.end));
      this.view = new DataView(grown.buffer);
    } else old.copyWithin(0, this.at, this.end);
    this.origin += this.at;
    this.at = 0;
    this.end = rest;
  }
}
