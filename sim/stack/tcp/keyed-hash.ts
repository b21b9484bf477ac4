/**
 * HalfSipHash-2-4 (Aumasson and Bernstein; its 32-bit variant, as Linux has it): a keyed hash of 32-bit words.
 *
 * What a peer must not guess (initial sequence numbers, offsets of timestamps) is hashed with a key that the machine's seed makes: the same run
 * again has the same numbers, and a real peer at the other end still cannot tell one connection's from another's.
 */
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import type { Random } from '../../random.ts';

export class KeyedHash {
  readonly #key0: number;
  readonly #key1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;

  constructor(key0: number, key1: number) {
    this.#key0 = key0 | 0;
    this.#key1 = key1 | 0;
  }

  static from(random: Random): KeyedHash {
    return new KeyedHash(random.nextUint32(), random.nextUint32());
  }

  hash(words: readonly number[]): number {
    this.#v0 = this.#key0;
    this.#v1 = this.#key1;
    this.#v2 = 0x6c796765 ^ this.#key0;
    this.#v3 = 0x74656462 ^ this.#key1;
    for (const word of words) this.#absorb(word | 0);
    this.#absorb((words.length * 4) << 24);
    this.#v2 ^= 0xff;
    for (let i = 0; i < 4; i++) this.#round();
    return (this.#v1 ^ this.#v3) >>> 0;
  }

  #absorb(word: number): void {
    this.#v3 ^= word;
    this.#round();
    this.#round();
    this.#v0 ^= word;
  }

  #round(): void {
    this.#v0 = (this.#v0 + this.#v1) | 0;
    this.#v1 = rotate(this.#v1, 5) ^ this.#v0;
    this.#v0 = rotate(this.#v0, 16);
    this.#v2 = (this.#v2 + this.#v3) | 0;
    this.#v3 = rotate(this.#v3, 8) ^ this.#v2;
    this.#v0 = (this.#v0 + this.#v3) | 0;
    this.#v3 = rotate(this.#v3, 7) ^ this.#v0;
    this.#v2 = (this.#v2 + this.#v1) | 0;
    this.#v1 = rotate(this.#v1, 13) ^ this.#v2;
    this.#v2 = rotate(this.#v2, 16);
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** An address as words; the number of words tells the family. */
export function addressWords(address: IpAddress): number[] {
  if (typeof address === 'number') return [address];
  const words: number[] = [];
  for (let shift = 96n; shift >= 0n; shift -= 32n) words.push(Number((address >> shift) & 0xffff_ffffn));
  return words;
}
