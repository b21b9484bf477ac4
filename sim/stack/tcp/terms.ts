/**
 * What the two ends of a connection have agreed on in their SYNs, and the sizes that follow: window scale and timestamps (RFC 7323), SACK, MSS.
 *
 * An option counts only when both SYNs have it. Before the other one is here, the terms are those of the first SYN.
 */
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import { TCP_BYTES_MIN } from '../../../protocol/wire/packet/tcp.ts';
import { WINDOW_FIELD_MAX } from './receive-buffer.ts';
import type { Segment } from './segment.ts';
import { TIMESTAMPS_BYTES } from './segment-writer.ts';
import type { TcpModel } from './tcp-model.ts';

const IPV4_BYTES = 20;
const IPV6_BYTES = 40;
/** RFC 9293, section 3.7.1: of a peer that names none. */
const MSS_DEFAULT_IPV4 = 536;
const MSS_DEFAULT_IPV6 = 1220;
/** Linux, TCP_MIN_MSS: a peer that asks for less wants to make us work. */
const MSS_MIN = 88;
const SHIFT_MAX = 14;

export class Terms {
  hasTimestamps: boolean;
  hasSack: boolean;
  hasScale: boolean;
  /** What the peer's windows are shifted by. */
  peerShift = 0;
  /** What ours are. */
  shift: number;
  /** Undefined: the peer named none, or has not spoken. */
  peerMss: number | undefined;
  readonly #isIpv6: boolean;

  constructor(model: TcpModel, remote: IpAddress) {
    this.hasTimestamps = model.hasTimestamps;
    this.hasSack = model.hasSack;
    this.hasScale = model.hasWindowScale;
    this.shift = model.hasWindowScale ? shiftFor(model.receiveBufferBytesMax) : 0;
    this.#isIpv6 = typeof remote === 'bigint';
  }

  /** The peer's SYN is here. */
  agree(syn: Segment): void {
    this.hasTimestamps &&= syn.hasTimestamps;
    this.hasSack &&= syn.isSackPermitted;
    this.hasScale &&= syn.shift !== undefined;
    this.peerShift = this.hasScale ? syn.shift! : 0;
    if (!this.hasScale) this.shift = 0;
    this.peerMss = syn.mss;
  }

  /** The most that a segment to us may carry, options not counted (RFC 6691). */
  mss(pathMtu: number): number {
    return Math.max(MSS_MIN, pathMtu - (this.#isIpv6 ? IPV6_BYTES : IPV4_BYTES) - TCP_BYTES_MIN);
  }

  /** The most data that a segment of ours may carry beside the options that each has. */
  segmentBytes(pathMtu: number): number {
    const peerMss = this.peerMss ?? (this.#isIpv6 ? MSS_DEFAULT_IPV6 : MSS_DEFAULT_IPV4);
    const mss = Math.min(this.mss(pathMtu), Math.max(MSS_MIN, peerMss));
    return mss - (this.hasTimestamps ? TIMESTAMPS_BYTES : 0);
  }
}

/** The smallest with which the field can tell the whole buffer. */
function shiftFor(bytes: number): number {
  let shift = 0;
  while (shift < SHIFT_MAX && bytes >> shift > WINDOW_FIELD_MAX) shift++;
  return shift;
}
