/**
 * A number for what something says, so that the same content has the same number in every run: FNV-1a over words, 64 bits as two halves of 32.
 *
 * Not against anybody: who could choose contents could make two collide, and contents are ours.
 */

const OFFSET_LOW = 0x84222325;
const OFFSET_HIGH = 0xcbf29ce4;
const PRIME = 0x01000193;

export class ContentHash {
  #low = OFFSET_LOW;
  #high = OFFSET_HIGH;

  addNumber(value: number): this {
    this.#low = Math.imul(this.#low ^ (value & 0xffff), PRIME);
    this.#low = Math.imul(this.#low ^ (value >>> 16), PRIME);
    // The other half goes through the same words with a twist, so that both do not collide at once.
    this.#high = Math.imul((this.#high ^ value) + 0x9e3779b9, PRIME);
    this.#high ^= this.#low >>> 15;
    return this;
  }

  addText(text: string): this {
    for (let i = 0; i < text.length; i++) this.addNumber(text.charCodeAt(i));
    return this.addNumber(text.length);
  }

  /** 32 bits. */
  toNumber(): number {
    return mix(this.#low ^ mix(this.#high));
  }

  /** Sixteen hex digits. */
  toText(): string {
    return [mix(this.#high), mix(this.#low)].map((half) => half.toString(16).padStart(8, '0')).join('');
  }
}

/** Every bit of the one changes half of the other's. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
