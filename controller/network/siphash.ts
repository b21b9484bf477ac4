/**
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): 64 bits of a message that nobody without the key can compute.
 *
 * It signs our probes, and names frames in bounded tables that strangers fill: without the key, nobody can make two of them meet. Numbers are pairs of 32-bit words, since a
 * bigint costs an allocation for each of the hundreds of steps. The state is one for all: nothing here calls anybody else.
 */

export interface SipHash {
  /** Unsigned words of 32 bits. */
  readonly high: number;
  readonly low: number;
}

/** Words of the key and of the state: low, high, low, high, … */
export type SipKey = readonly [number, number, number, number];

const WORD = 0xffff_ffffn;

/** Of the 128 bits, the first eight bytes are the highest, each half little-endian as the paper has it. */
export function toSipKey(key: bigint): SipKey {
  const words = [96n, 64n, 32n, 0n].map((shift) => swapBytes(Number((key >> shift) & WORD)));
  return [words[0]!, words[1]!, words[2]!, words[3]!];
}

/** 'somepseudorandomlygeneratedbytes', low word first. */
const INITIAL = [0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462];

const state = new Uint32Array(8);

/** Of the bytes from `at` up to `end`. */
export function sipHash(key: SipKey, view: DataView, at: number, end: number): SipHash {
  for (let i = 0; i < 8; i++) state[i] = INITIAL[i]! ^ key[i % 4]!;
  let here = at;
  for (; here + 8 <= end; here += 8) compress(view.getUint32(here, true), view.getUint32(here + 4, true));
  let low = 0;
  let high = (end - at) << 24;
  for (let i = 0; here + i < end; i++) {
    const byte = view.getUint8(here + i);
    if (i < 4) low |= byte << (8 * i);
    else high |= byte << (8 * (i - 4));
  }
  compress(low, high);
  state[4] = state[4]! ^ 0xff;
  for (let i = 0; i < 4; i++) round();
  return {
    high: (state[1]! ^ state[3]! ^ state[5]! ^ state[7]!) >>> 0,
    low: (state[0]! ^ state[2]! ^ state[4]! ^ state[6]!) >>> 0,
  };
}

function compress(low: number, high: number): void {
  state[6] = state[6]! ^ low;
  state[7] = state[7]! ^ high;
  round();
  round();
  state[0] = state[0]! ^ low;
  state[1] = state[1]! ^ high;
}

/** SipRound, figure 2.1 of the paper; the numbers v0 to v3 stand at 0, 2, 4 and 6. */
function round(): void {
  add(0, 2);
  rotate(2, 13);
  mix(2, 0);
  swapWords(0);
  add(4, 6);
  rotate(6, 16);
  mix(6, 4);
  add(0, 6);
  rotate(6, 21);
  mix(6, 0);
  add(4, 2);
  rotate(2, 17);
  mix(2, 4);
  swapWords(4);
}

function add(to: number, from: number): void {
  const low = state[to]! + state[from]!;
  state[to] = low;
  state[to + 1] = state[to + 1]! + state[from + 1]! + (low > 0xffff_ffff ? 1 : 0);
}

/** To the left, by fewer than 32 bits. */
function rotate(at: number, bits: number): void {
  const [low, high] = [state[at]!, state[at + 1]!];
  state[at] = (low << bits) | (high >>> (32 - bits));
  state[at + 1] = (high << bits) | (low >>> (32 - bits));
}

function mix(to: number, from: number): void {
  state[to] = state[to]! ^ state[from]!;
  state[to + 1] = state[to + 1]! ^ state[from + 1]!;
}

/** To the left by 32 bits. */
function swapWords(at: number): void {
  const low = state[at]!;
  state[at] = state[at + 1]!;
  state[at + 1] = low;
}

function swapBytes(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
