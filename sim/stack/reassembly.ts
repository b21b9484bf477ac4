/**
 * Packets put together from their fragments: RFC 791 and RFC 815, RFC 8200, section 4.5. One of these for each version of IP.
 *
 * A datagram is a buffer and the disjoint ranges of it that are here; it is whole when there is one range, from 0 to the end that its last
 * fragment gave. Fragments that overlap give up their datagram, with what of it is still to come: RFC 5722 demands it of IPv6, and
 * of IPv4 it costs nobody anything, since honest senders cut without overlap. What is here already, byte for byte, is only a copy.
 *
 * Who sends first fragments only must not fill the memory: what waits has a bound in datagrams and in bytes (Linux's `ipfrag_high_thresh`), and what has
 * waited longest makes room.
 */
import type { Nanos, Timer } from '../clock.ts';

const DATAGRAMS_MAX = 256;
const BYTES_MAX = 4 << 20;
const DATAGRAM_OVERHEAD_BYTES = 256;
const BUFFER_BYTES_MIN = 4096;
/** What the length of a header can say. */
const PAYLOAD_BYTES_MAX = 0xffff;

export interface ReassemblyOwner {
  readonly now: Nanos;
  schedule(at: Nanos, run: () => void): Timer;
  /** So many fragments became nothing; `first` is the packet at offset 0 of one whose time is up, as it came. */
  fragmentsLost(count: number, first?: Uint8Array): void;
}

export interface Fragment {
  /** The packet that it came in, with its header. */
  readonly packet: Uint8Array;
  /** Where in the packet its part of the payload lies. */
  readonly payloadAt: number;
  readonly payloadEnd: number;
  /** Where in the whole payload. */
  readonly offset: number;
  readonly hasMore: boolean;
}

export interface JoinedPacket {
  /** As it came. */
  readonly first: Fragment;
  readonly payload: Uint8Array;
}

interface Range {
  from: number;
  to: number;
}

interface Datagram {
  readonly key: string;
  readonly expiresAt: Nanos;
  /** Undefined: given up. */
  buffer: Uint8Array | undefined;
  /** In order, disjoint and apart. */
  ranges: Range[];
  end: number | undefined;
  first: Fragment | undefined;
  fragments: number;
}

export class Reassembly {
  readonly #owner: ReassemblyOwner;
  readonly #lifetime: Nanos;
  /** In the order in which they began, and so will end. */
  readonly #datagrams = new Map<string, Datagram>();
  #bytes = 0;
  #timer: Timer | undefined;

  constructor(owner: ReassemblyOwner, lifetime: Nanos) {
    this.#owner = owner;
    this.#lifetime = lifetime;
  }

  /** Bytes that wait, as they are charged. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The whole packet, if this fragment completes it. `key` tells its datagram from all others. */
  add(key: string, fragment: Fragment): JoinedPacket | undefined {
    const datagram = this.#find(key);
    datagram.fragments++;
    if (datagram.buffer === undefined || !this.#place(fragment, datagram)) {
      this.#giveUp(datagram);
      return undefined;
    }
    const [range] = datagram.ranges;
    if (datagram.ranges.length === 1 && range!.from === 0 && range!.to === datagram.end) {
      const payload = datagram.buffer.subarray(0, datagram.end);
      this.#forget(datagram);
      return { first: datagram.first!, payload };
    }
    this.#makeRoom();
    return undefined;
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#datagrams.clear();
    this.#bytes = 0;
  }

  #find(key: string): Datagram {
    const known = this.#datagrams.get(key);
    if (known) return known;
    const datagram: Datagram = {
      key,
      expiresAt: this.#owner.now + this.#lifetime,
      buffer: new Uint8Array(BUFFER_BYTES_MIN),
      ranges: [],
      end: undefined,
      first: undefined,
      fragments: 0,
    };
    this.#datagrams.set(key, datagram);
    this.#bytes += chargeOf(datagram);
    this.#timer ??= this.#owner.schedule(datagram.expiresAt, () => this.#expire());
    return datagram;
  }

  /** False: this cannot be part of an honest datagram. */
  #place(fragment: Fragment, datagram: Datagram): boolean {
    const { packet, payloadAt, payloadEnd, offset: from, hasMore } = fragment;
    const to = from + payloadEnd - payloadAt;
    if (to > (datagram.end ?? PAYLOAD_BYTES_MAX) || to === from) return false;
    if (!hasMore && (to < (datagram.ranges.at(-1)?.to ?? 0) || to !== (datagram.end ?? to))) return false;
    const index = findRange(datagram.ranges, from);
    const before = datagram.ranges[index - 1];
    const after = datagram.ranges[index];
    const bytes = packet.subarray(payloadAt, payloadEnd);
    if (before !== undefined && before.to > from) return to <= before.to && isCopy(bytes, datagram.buffer!, from);
    if (after !== undefined && after.from < to) {
      return after.from === from && to <= after.to && isCopy(bytes, datagram.buffer!, from);
    }
    if (!hasMore) datagram.end = to;
    if (from === 0) datagram.first = { ...fragment, packet: packet.slice() };
    this.#grow(datagram, to);
    datagram.buffer!.set(bytes, from);
    addRange(datagram.ranges, index, from, to);
    return true;
  }

  #grow(datagram: Datagram, to: number): void {
    const buffer = datagram.buffer!;
    if (to <= buffer.length) return;
    this.#bytes -= chargeOf(datagram);
    datagram.buffer = new Uint8Array(Math.min(Math.max(to, 2 * buffer.length), PAYLOAD_BYTES_MAX));
    datagram.buffer.set(buffer);
    this.#bytes += chargeOf(datagram);
  }

  /** What is still to come of it finds it so. */
  #giveUp(datagram: Datagram): void {
    this.#bytes -= chargeOf(datagram);
    datagram.buffer = undefined;
    datagram.ranges = [];
    datagram.first = undefined;
    this.#bytes += chargeOf(datagram);
    this.#owner.fragmentsLost(datagram.fragments);
    datagram.fragments = 0;
  }

  #forget(datagram: Datagram): void {
    this.#datagrams.delete(datagram.key);
    this.#bytes -= chargeOf(datagram);
  }

  #makeRoom(): void {
    for (const oldest of this.#datagrams.values()) {
      if (this.#datagrams.size <= DATAGRAMS_MAX && this.#bytes <= BYTES_MAX) break;
      this.#forget(oldest);
      this.#owner.fragmentsLost(oldest.fragments);
    }
  }

  #expire(): void {
    this.#timer = undefined;
    const { now } = this.#owner;
    for (const datagram of this.#datagrams.values()) {
      if (datagram.expiresAt > now) {
        this.#timer = this.#owner.schedule(datagram.expiresAt, () => this.#expire());
        break;
      }
      this.#forget(datagram);
      this.#owner.fragmentsLost(datagram.fragments, datagram.first?.packet);
    }
  }
}

function chargeOf({ buffer }: Datagram): number {
  return DATAGRAM_OVERHEAD_BYTES + (buffer?.length ?? 0);
}

/** The index of the first range that begins at `from` or behind it. */
function findRange(ranges: readonly Range[], from: number): number {
  const index = ranges.findIndex((range) => range.from >= from);
  return index < 0 ? ranges.length : index;
}

/** Between its neighbours, which it may touch. */
function addRange(ranges: Range[], index: number, from: number, to: number): void {
  const before = ranges[index - 1];
  const after = ranges[index];
  if (before?.to === from) {
    before.to = to;
    if (after?.from !== to) return;
    before.to = after.to;
    ranges.splice(index, 1);
  } else if (after?.from === to) after.from = from;
  else ranges.splice(index, 0, { from, to });
}

function isCopy(bytes: Uint8Array, buffer: Uint8Array, at: number): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== buffer[at + i]) return false;
  return true;
}
