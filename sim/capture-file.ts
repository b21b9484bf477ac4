/**
 * A capture as it is written: a pcapng file (draft-ietf-opsawg-pcapng) of one section, with an interface block for each port.
 *
 * Times are those of the simulation, in nanoseconds since 1970 unless an epoch is given, so that the same run gives the same file byte for byte. What
 * comes is bounded, in packets and in the bytes that they take in the file: what comes when it is full is counted, and the file says at its end, for
 * every port, how much of it is not there. It is not the latest packets that are kept but the first, without a gap.
 */
import { LINK_TYPE } from '../protocol/wire/capture/link-type.ts';
import { encodePcapngBlock } from '../protocol/wire/capture/pcapng-block.ts';
import { RESOLUTION_NANO } from '../protocol/wire/capture/pcapng-time.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import type { Nanos } from './clock.ts';

export interface CaptureBounds {
  readonly bytesMax?: number | undefined;
  readonly packetsMax?: number | undefined;
}

export interface CaptureOptions extends CaptureBounds {
  /** What the run's beginning is, in nanoseconds since 1970. */
  readonly epochNs?: bigint | undefined;
  /** Of the whole file, in words. */
  readonly comment?: string | undefined;
}

/** As the port saw it; undefined of a frame that never reached its other port. */
export type CaptureDirection = 'in' | 'out' | undefined;

/** What Wireshark opens in a few seconds. */
const BYTES_MAX_DEFAULT = 64 * 2 ** 20;
const PACKETS_MAX_DEFAULT = 1_000_000;

/** Section 4.3.1: the lowest two bits. */
const FLAGS_IN = 1;
const FLAGS_OUT = 2;

interface InterfaceCount {
  received: number;
  missing: number;
}

export class CaptureFile {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #epochNs: bigint;
  readonly #bytesMax: number;
  readonly #packetsMax: number;
  readonly #interfaces: InterfaceCount[] = [];
  #packets = 0;
  #bytes = 0;
  #fullAt: Nanos | undefined;
  #isClosed = false;

  /** `write` is given whole blocks. */
  constructor(write: (bytes: Uint8Array) => void, options: CaptureOptions = {}) {
    this.#write = write;
    this.#epochNs = options.epochNs ?? 0n;
    this.#bytesMax = options.bytesMax ?? BYTES_MAX_DEFAULT;
    this.#packetsMax = options.packetsMax ?? PACKETS_MAX_DEFAULT;
    const { comment } = options;
    write(
      encodePcapngBlock({
        type: 'section',
        endian: 'little',
        application: 'sluice',
        ...(comment !== undefined && { comments: [comment] }),
      }),
    );
  }

  /** Packets that are in the file. */
  get packets(): number {
    return this.#packets;
  }

  /** Packets that came when it was full. */
  get missing(): number {
    return this.#interfaces.reduce((sum, { missing }) => sum + missing, 0);
  }

  /** Its number in the file, to record by. */
  addInterface(name: string, description: string): number {
    assert(!this.#isClosed, 'nothing is added to a capture that is closed');
    this.#write(
      encodePcapngBlock({
        type: 'interface',
        linkType: LINK_TYPE.ethernet,
        snapBytes: 0,
        resolution: RESOLUTION_NANO,
        name,
        description,
      }),
    );
    return this.#interfaces.push({ received: 0, missing: 0 }) - 1;
  }

  record(interfaceId: number, at: Nanos, frame: Uint8Array, direction: CaptureDirection, comment?: string): void {
    const count = this.#interfaces[interfaceId];
    assert(count !== undefined, 'a packet has an interface');
    if (this.#isClosed) return;
    count.received++;
    const block = this.#fullAt === undefined ? this.#encode(interfaceId, at, frame, direction, comment) : undefined;
    if (!block) {
      this.#fullAt ??= at;
      count.missing++;
      return;
    }
    this.#packets++;
    this.#bytes += block.length;
    this.#write(block);
  }

  /** Idempotent. What comes afterwards is not recorded. */
  close(at: Nanos): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#interfaces.forEach(({ received, missing }, interfaceId) => {
      this.#write(
        encodePcapngBlock({
          type: 'statistics',
          interfaceId,
          ticks: this.#toTicks(at),
          ...(missing > 0 && { comments: [this.#explainMissing(missing)] }),
          endTicks: this.#toTicks(at),
          received: BigInt(received),
          dropped: BigInt(missing),
        }),
      );
    });
  }

  /** Undefined if there is no room for it. */
  #encode(
    interfaceId: number,
    at: Nanos,
    frame: Uint8Array,
    direction: CaptureDirection,
    comment: string | undefined,
  ): Uint8Array | undefined {
    if (this.#packets >= this.#packetsMax || this.#bytes + frame.length > this.#bytesMax) return undefined;
    const block = encodePcapngBlock({
      type: 'packet',
      interfaceId,
      ticks: this.#toTicks(at),
      originalBytes: frame.length,
      data: frame,
      ...(comment !== undefined && { comments: [comment] }),
      ...(direction && { flags: direction === 'in' ? FLAGS_IN : FLAGS_OUT }),
    });
    return this.#bytes + block.length > this.#bytesMax ? undefined : block;
  }

  #explainMissing(missing: number): string {
    const bounds = `${this.#packetsMax} packets or ${this.#bytesMax} bytes`;
    return `the capture is full at ${bounds}: ${missing} packets of this port, from ${this.#fullAt} ns on, are not in it`;
  }

  #toTicks(at: Nanos): bigint {
    return this.#epochNs + BigInt(at);
  }
}
