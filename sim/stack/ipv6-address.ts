/**
 * IPv6 addresses of a machine: RFC 4862 (tentative, preferred, deprecated), and which of them a packet comes from (RFC 6724, as far as one card needs it).
 *
 * Beside its bigint, an address is four words, so that the header of a packet is compared without making one.
 */
import type { Nanos } from '../clock.ts';

export const FOR_EVER: Nanos = Number.POSITIVE_INFINITY;

const LINK_LOCAL_PREFIX = 0xfe80n << 112n;

/** An address as a header has it. */
export class Ipv6Words {
  readonly value: bigint;
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;

  constructor(value: bigint) {
    this.value = value;
    this.w0 = Number(value >> 96n);
    this.w1 = Number((value >> 64n) & 0xffff_ffffn);
    this.w2 = Number((value >> 32n) & 0xffff_ffffn);
    this.w3 = Number(value & 0xffff_ffffn);
  }

  isAt(view: DataView, at: number): boolean {
    return (
      view.getUint32(at + 12) === this.w3 &&
      view.getUint32(at + 8) === this.w2 &&
      view.getUint32(at + 4) === this.w1 &&
      view.getUint32(at) === this.w0
    );
  }

  putAt(view: DataView, at: number): void {
    view.setUint32(at, this.w0);
    view.setUint32(at + 4, this.w1);
    view.setUint32(at + 8, this.w2);
    view.setUint32(at + 12, this.w3);
  }
}

export interface OwnAddress {
  readonly words: Ipv6Words;
  readonly prefixLength: number;
  /** Not known to be ours alone yet: RFC 4862, section 5.4. */
  isTentative: boolean;
  preferredUntil: Nanos;
  validUntil: Nanos;
}

/** RFC 4291, appendix A. */
export function toInterfaceId(mac: number): bigint {
  const bits = BigInt(mac) ^ (0x02n << 40n);
  return ((bits >> 24n) << 40n) | 0xff_fe00_0000n | (bits & 0xff_ffffn);
}

export function toLinkLocal(mac: number): bigint {
  return LINK_LOCAL_PREFIX | toInterfaceId(mac);
}

export function isLinkLocal(address: bigint): boolean {
  return address >> 118n === LINK_LOCAL_PREFIX >> 118n;
}

export function isGroup(address: bigint): boolean {
  return address >> 120n === 0xffn;
}

/** RFC 4291, section 2.7.1: the group in which every address is that ends like this one. */
export function toSolicitedNode(address: bigint): bigint {
  return (0xff02n << 112n) | 0x1_ff00_0000n | (address & 0xff_ffffn);
}

export class Ipv6Addresses {
  readonly #list: OwnAddress[] = [];

  get all(): readonly OwnAddress[] {
    return this.#list;
  }

  find(address: bigint): OwnAddress | undefined {
    return this.#list.find(({ words }) => words.value === address);
  }

  add(address: OwnAddress): void {
    this.#list.push(address);
  }

  remove(address: OwnAddress): void {
    const index = this.#list.indexOf(address);
    if (index >= 0) this.#list.splice(index, 1);
  }

  /** Those whose time is up; removed. */
  takeExpired(now: Nanos): readonly OwnAddress[] {
    const expired = this.#list.filter(({ validUntil }) => validUntil <= now);
    for (const address of expired) this.remove(address);
    return expired;
  }

  /** The one that stands there in a packet. */
  match(view: DataView, at: number): OwnAddress | undefined {
    for (let i = 0; i < this.#list.length; i++) {
      const address = this.#list[i]!;
      if (address.words.isAt(view, at)) return address;
    }
    return undefined;
  }

  /** Whether the solicited-node group that stands there is that of an address of ours. */
  hasSolicitedNode(view: DataView, at: number): boolean {
    const low = view.getUint32(at + 12) & 0xff_ffff;
    return this.#list.some(({ words }) => (words.w3 & 0xff_ffff) === low);
  }

  /** Those that may be used, of the link last. */
  listUsable(now: Nanos): readonly bigint[] {
    const usable = this.#list.filter((address) => isUsable(address, now)).map(({ words }) => words.value);
    return [...usable.filter((address) => !isLinkLocal(address)), ...usable.filter(isLinkLocal)];
  }

  /** RFC 6724, section 5: itself, then the scope, then what is not deprecated, then the longest prefix in common. */
  sourceFor(dst: bigint, now: Nanos): bigint | undefined {
    const isForLink = isLinkLocal(dst) || (isGroup(dst) && ((dst >> 112n) & 0xfn) <= 2n);
    let best: OwnAddress | undefined;
    let bestRank = -1;
    for (const address of this.#list) {
      if (!isUsable(address, now)) continue;
      const { value } = address.words;
      if (value === dst) return value;
      const hasScope = isLinkLocal(value) === isForLink;
      const rank = (hasScope ? 1000 : 0) + (address.preferredUntil > now ? 500 : 0) + commonBits(value, dst);
      if (rank > bestRank) [best, bestRank] = [address, rank];
    }
    return best?.words.value;
  }
}

function isUsable({ isTentative, validUntil }: OwnAddress, now: Nanos): boolean {
  return !isTentative && validUntil > now;
}

function commonBits(a: bigint, b: bigint): number {
  const difference = a ^ b;
  return difference === 0n ? 128 : 128 - difference.toString(2).length;
}
