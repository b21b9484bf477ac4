/**
 * OpenFlow 1.3.5, section 7.3.2 (OFPC_FRAG_REASM): IP fragments are put together before the tables see them: RFC 791 and RFC 8200, section 4.5.
 *
 * Fragments wait for the others of their datagram, in whatever order they come; the frame that is complete has the link header and the IP header
 * of the first one. Fragments that overlap are somebody's attempt to show one packet to the tables and another to its receiver, so they
 * give up their datagram, with what of it is still to come: RFC 5722 demands it of IPv6, and of IPv4 it costs nobody anything, since
 * honest senders cut without overlap. An exact copy of a fragment is none of that, only one too many.
 *
 * Who sends first fragments only must not fill the memory: what waits has a bound in datagrams and in bytes, and what has waited longest makes
 * room; and after half a minute, as in Linux, nothing waits any more. Each fragment that does not become part of a frame is counted as
 * dropped by the port that it came by.
 */
import type { FrameLayout } from './frame-layout.ts';
import { type IpFragment, joinFragments, readFragment } from './ip-fragment.ts';
import { FRAME_BYTES_MAX } from './packet.ts';

const WAIT_NS = 30_000_000_000;
const DATAGRAMS_MAX = 1024;

/** Frames are charged as they are kept, whole and with something for what is around them. */
const BYTES_MAX = 4 << 20;
const FRAGMENT_OVERHEAD_BYTES = 256;

/** The port, as far as fragments know it. */
export interface DroppingPort {
  readonly portNo: number;
  rxDropped: number;
}

interface Datagram {
  readonly key: string;
  readonly port: DroppingPort;
  readonly expiresAt: number;
  /** By place, without overlap. Undefined: given up. */
  fragments: IpFragment[] | undefined;
  /** Of the payload: what is here, and what there is, once the last fragment has come. */
  payloadBytes: number;
  end: number | undefined;
  /** As charged. */
  bytes: number;
}

export class FragmentReassembly {
  /** In the order in which they began, and so will end. */
  readonly #datagrams = new Map<string, Datagram>();
  #bytes = 0;
  #expiresAt = Number.POSITIVE_INFINITY;

  /** Nothing ends before. */
  get expiresAt(): number {
    return this.#expiresAt;
  }

  /** The whole frame, if this fragment completes it. Frames are kept as they are. */
  add(frame: Uint8Array, layout: FrameLayout, port: DroppingPort, now: number): Uint8Array | undefined {
    const fragment = readFragment(frame, port.portNo, layout);
    if (fragment === undefined) {
      port.rxDropped++;
      return undefined;
    }
    const datagram = this.#find(fragment.key, port, now);
    if (datagram.fragments === undefined || !this.#place(fragment, datagram.fragments, datagram)) {
      port.rxDropped++;
      return undefined;
    }
    if (datagram.payloadBytes === datagram.end) return this.#complete(datagram, datagram.fragments);
    this.#makeRoom();
    return undefined;
  }

  /** Who waits no longer than until `now` is dropped. */
  expire(now: number): void {
    for (const datagram of this.#datagrams.values()) {
      if (datagram.expiresAt > now) break;
      this.#drop(datagram);
    }
    this.#look();
  }

  /** Nothing is to be put together any more. */
  clear(): void {
    this.expire(Number.POSITIVE_INFINITY);
  }

  #find(key: string, port: DroppingPort, now: number): Datagram {
    const known = this.#datagrams.get(key);
    if (known) return known;
    const expiresAt = now + WAIT_NS;
    const datagram = { key, port, expiresAt, fragments: [], payloadBytes: 0, end: undefined, bytes: 0 };
    this.#datagrams.set(key, datagram);
    this.#makeRoom();
    return datagram;
  }

  /** False: it is a copy, or the datagram is given up. */
  #place(fragment: IpFragment, fragments: IpFragment[], datagram: Datagram): boolean {
    const index = findPlace(fragments, fragment.from);
    const before = fragments[index - 1];
    const after = fragments[index];
    if (after?.from === fragment.from && isCopy(fragment, after)) return false;
    const isOverlapping =
      (before !== undefined && before.to > fragment.from) || (after !== undefined && after.from < fragment.to);
    const isBeyond = fragment.to > (datagram.end ?? Number.POSITIVE_INFINITY);
    const isShort = !fragment.hasMore && (datagram.end !== undefined || (fragments.at(-1)?.to ?? 0) > fragment.to);
    if (isOverlapping || isBeyond || isShort) {
      this.#giveUp(datagram);
      return false;
    }
    fragments.splice(index, 0, fragment);
    if (!fragment.hasMore) datagram.end = fragment.to;
    datagram.payloadBytes += fragment.to - fragment.from;
    const bytes = fragment.frame.length + FRAGMENT_OVERHEAD_BYTES;
    datagram.bytes += bytes;
    this.#bytes += bytes;
    return true;
  }

  #complete(datagram: Datagram, fragments: readonly IpFragment[]): Uint8Array | undefined {
    const whole = joinFragments(fragments, FRAME_BYTES_MAX);
    if (whole === undefined) this.#drop(datagram);
    else this.#forget(datagram);
    this.#look();
    return whole;
  }

  /** What is still to come of it finds it so, and is dropped too. */
  #giveUp(datagram: Datagram): void {
    datagram.port.rxDropped += datagram.fragments?.length ?? 0;
    datagram.fragments = undefined;
    this.#bytes -= datagram.bytes;
    datagram.bytes = 0;
  }

  #drop(datagram: Datagram): void {
    this.#giveUp(datagram);
    this.#forget(datagram);
  }

  #forget(datagram: Datagram): void {
    this.#datagrams.delete(datagram.key);
    this.#bytes -= datagram.bytes;
  }

  #makeRoom(): void {
    for (const oldest of this.#datagrams.values()) {
      if (this.#datagrams.size <= DATAGRAMS_MAX && this.#bytes <= BYTES_MAX) break;
      this.#drop(oldest);
    }
    this.#look();
  }

  /** Asked before every frame, so it is kept. */
  #look(): void {
    const oldest = this.#datagrams.values().next();
    this.#expiresAt = oldest.done ? Number.POSITIVE_INFINITY : oldest.value.expiresAt;
  }
}

/** The index of the first fragment that does not begin before. */
function findPlace(fragments: readonly IpFragment[], from: number): number {
  let low = 0;
  let high = fragments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fragments[middle]!.from < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isCopy(a: IpFragment, b: IpFragment): boolean {
  if (a.to !== b.to || a.hasMore !== b.hasMore) return false;
  for (let i = 0; i < a.to - a.from; i++) if (a.frame[a.payloadAt + i] !== b.frame[b.payloadAt + i]) return false;
  return true;
}
