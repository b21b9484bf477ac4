/**
 * A capture as frames to be sent: each with the time since the first, whatever the file's own times were.
 *
 * What cannot be sent as it was is sent as well as it can be, and told: packets that are earlier than the one before them, or have no time, go with that
 * one; packets of which the capture kept the beginning only are as short as that. What is not Ethernet is refused.
 */
import type { CapturedPacket } from '../protocol/wire/capture/capture.ts';
import { formatLinkType, LINK_TYPE } from '../protocol/wire/capture/link-type.ts';
import { type PacketFault, WireError } from '../protocol/wire/wire-error.ts';
import type { Nanos } from './clock.ts';

export interface ReplayFrame {
  /** Of the packet in its file, from 1. */
  readonly number: number;
  /** Since the first frame. */
  readonly atNs: Nanos;
  readonly data: Uint8Array;
}

export interface ReplayTrace {
  readonly frames: readonly ReplayFrame[];
  /** What is not as it was, in words. */
  readonly warnings: readonly string[];
}

/** What is used of a packet, wherever it was read. */
export type TracePacket = Pick<CapturedPacket, 'number' | 'at' | 'linkType' | 'timestampNs' | 'originalBytes' | 'data'>;

export interface TraceBounds {
  /** Frames are in memory while they are replayed. */
  readonly packetsMax?: number;
  readonly bytesMax?: number;
}

const PACKETS_MAX_DEFAULT = 1_000_000;
const BYTES_MAX_DEFAULT = 256 * 2 ** 20;

/** The clock counts nanoseconds to 104 days. */
const SPAN_MAX_NS = 100n * 86_400n * 1_000_000_000n;

export class TraceBuilder {
  readonly #packetsMax: number;
  readonly #bytesMax: number;
  readonly #frames: ReplayFrame[] = [];
  #bytes = 0;
  #beganAt: bigint | undefined;
  #earlier = 0;
  #timeless = 0;
  #short = 0;

  constructor({ packetsMax = PACKETS_MAX_DEFAULT, bytesMax = BYTES_MAX_DEFAULT }: TraceBounds = {}) {
    this.#packetsMax = packetsMax;
    this.#bytesMax = bytesMax;
  }

  /** Throws a `WireError` with the packet's place. */
  add({ number, at, linkType, timestampNs, originalBytes, data }: TracePacket): void {
    if (linkType !== LINK_TYPE.ethernet) {
      const reason = `packet ${number}: the link type is ${formatLinkType(linkType)}; only Ethernet can be replayed`;
      throw new WireError<PacketFault>('UNSUPPORTED', at, reason);
    }
    this.#bytes += data.length;
    if (this.#frames.length >= this.#packetsMax || this.#bytes > this.#bytesMax) {
      const bounds = `${this.#packetsMax} packets and ${this.#bytesMax} bytes`;
      const reason = `packet ${number}: ${bounds} are the limits of a replay; cut the capture, with editcap, say`;
      throw new WireError<PacketFault>('TOO_LARGE', at, reason);
    }
    if (data.length < originalBytes) this.#short++;
    this.#frames.push({ number, atNs: this.#placeInTime(number, at, timestampNs), data });
  }

  build(): ReplayTrace {
    const warnings = [
      describe(this.#earlier, 'earlier than the one before; sent together with it'),
      describe(this.#timeless, 'without a time; sent together with the one before'),
      describe(this.#short, 'not whole in the capture; sent as short as there'),
    ];
    return { frames: this.#frames, warnings: warnings.filter((warning) => warning !== '') };
  }

  #placeInTime(number: number, at: number, timestampNs: bigint | undefined): Nanos {
    const before = this.#frames.at(-1)?.atNs ?? 0;
    if (timestampNs === undefined) {
      this.#timeless++;
      return before;
    }
    this.#beganAt ??= timestampNs - BigInt(before);
    const since = timestampNs - this.#beganAt;
    if (since > SPAN_MAX_NS) {
      const reason = `packet ${number}: it is more than 100 days after the first; its time is hardly right`;
      throw new WireError<PacketFault>('BAD_VALUE', at, reason);
    }
    if (since >= BigInt(before)) return Number(since);
    this.#earlier++;
    return before;
  }
}

function describe(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${count === 1 ? 'packet is' : 'packets are'} ${what}`;
}
