/**
 * Capture files of either format as one stream of packets: what replay, import and the dashboard's packet list read.
 *
 * The format is recognised by its first four bytes; a file's name proves nothing. Link types are carried, not judged.
 * Packets are numbered from 1, as Wireshark numbers them.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { PCAP_MAGIC_MICRO, PCAP_MAGIC_NANO, PcapReader } from './pcap.ts';
import { PcapngReader, type PcapngRecord } from './pcapng.ts';
import { BLOCK_KIND, type InterfaceBlock } from './pcapng-block.ts';
import { ticksToNs } from './pcapng-time.ts';
import type { CaptureLimits } from './record-stream.ts';

export interface CaptureInterface {
  /** Of the file, across sections, from 0. */
  readonly index: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapBytes: number;
}

export interface CapturedPacket {
  readonly number: number;
  /** Where in the file its record begins. */
  readonly at: number;
  readonly interface: CaptureInterface;
  readonly linkType: number;
  /** Since 1970. Undefined: the file does not say (simple packet blocks have no time). */
  readonly timestampNs: bigint | undefined;
  readonly capturedBytes: number;
  readonly originalBytes: number;
  readonly data: Uint8Array;
  readonly comments: readonly string[];
}

export type CaptureFormat = 'pcap' | 'pcapng';

interface Source {
  push(bytes: Uint8Array): CapturedPacket[];
  finish(): void;
}

const MAGIC_BYTES = 4;

export class CaptureReader {
  /** Known from the fourth byte on. */
  format: CaptureFormat | undefined;
  readonly #limits: CaptureLimits;
  readonly #magic: number[] = [];
  #source: Source | undefined;

  constructor(limits: CaptureLimits = {}) {
    this.#limits = limits;
  }

  /** The packets that these bytes complete. A mistake is thrown after all packets before it have been handed out. */
  push(bytes: Uint8Array): CapturedPacket[] {
    if (this.#source) return this.#source.push(bytes);
    const missing = MAGIC_BYTES - this.#magic.length;
    this.#magic.push(...bytes.subarray(0, missing));
    if (this.#magic.length < MAGIC_BYTES) return [];
    this.format = formatOf(this.#magic);
    this.#source = this.format === 'pcap' ? pcapSource(this.#limits) : pcapngSource(this.#limits);
    return [...this.#source.push(Uint8Array.from(this.#magic)), ...this.#source.push(bytes.subarray(missing))];
  }

  /** Throws when the file is empty or ends within a record. */
  finish(): void {
    if (this.#source) {
      this.#source.finish();
      return;
    }
    const got = this.#magic.length;
    if (got >= MAGIC_BYTES) formatOf(this.#magic);
    const reason = got === 0 ? 'the file is empty' : `the file ends after ${got} bytes`;
    throw new WireError<PacketFault>('TRUNCATED', 0, reason);
  }
}

/** All of a file at once: its packets, then, if there is one, its mistake. */
export function* readCapture(bytes: Uint8Array, limits: CaptureLimits = {}): Generator<CapturedPacket, void> {
  const reader = new CaptureReader(limits);
  yield* reader.push(bytes);
  reader.finish();
}

/** Kuznetzov's records have eight more bytes, gzip must be undone first: told apart so that a person knows what to do. */
const REFUSED = new Map<number, string>([
  [0xa1b2_cd34, 'pcap with the records of Kuznetzov, convert it with editcap'],
  [0x34cd_b2a1, 'pcap with the records of Kuznetzov, convert it with editcap'],
]);

function formatOf(magic: readonly number[]): CaptureFormat {
  const view = new DataView(Uint8Array.from(magic).buffer);
  const big = view.getUint32(0);
  const little = view.getUint32(0, true);
  if (big === BLOCK_KIND.section) return 'pcapng';
  for (const order of [big, little]) if (order === PCAP_MAGIC_MICRO || order === PCAP_MAGIC_NANO) return 'pcap';
  const refused = big >>> 16 === 0x1f8b ? 'gzip, decompress it first' : REFUSED.get(big);
  if (refused) throw new WireError<PacketFault>('UNSUPPORTED', 0, `the file is ${refused}`);
  throw new WireError<PacketFault>('BAD_VALUE', 0, 'the file is no capture: neither pcap nor pcapng begins like this');
}

function pcapSource(limits: CaptureLimits): Source {
  const reader = new PcapReader(limits);
  let only: CaptureInterface | undefined;
  let number = 0;
  return {
    push(bytes) {
      const records = reader.push(bytes);
      const header = reader.header;
      if (!header) return [];
      only ??= {
        index: 0,
        name: undefined,
        description: undefined,
        linkType: header.linkType,
        snapBytes: header.snapBytes,
      };
      const from = only;
      return records.map(({ at, timestampNs, originalBytes, data }) => ({
        number: ++number,
        at,
        interface: from,
        linkType: from.linkType,
        timestampNs,
        capturedBytes: data.length,
        originalBytes,
        data,
        comments: [],
      }));
    },
    finish: () => reader.finish(),
  };
}

function pcapngSource(limits: CaptureLimits): Source {
  const reader = new PcapngReader(limits);
  const interfaces = new Map<InterfaceBlock, CaptureInterface>();
  let number = 0;

  function toPacket({ at, block, interface: from }: PcapngRecord): CapturedPacket | undefined {
    if (block.type === 'interface') {
      interfaces.set(block, {
        index: interfaces.size,
        name: block.name,
        description: block.description,
        linkType: block.linkType,
        snapBytes: block.snapBytes,
      });
    }
    if (!from || !('data' in block)) return undefined;
    if (block.type !== 'packet' && block.type !== 'old-packet' && block.type !== 'simple-packet') return undefined;
    return {
      number: ++number,
      at,
      interface: interfaces.get(from)!,
      linkType: from.linkType,
      timestampNs: block.type === 'simple-packet' ? undefined : ticksToNs(block.ticks, from),
      capturedBytes: block.data.length,
      originalBytes: block.originalBytes,
      data: block.data,
      comments: block.type === 'simple-packet' ? [] : (block.comments ?? []),
    };
  }

  return {
    push: (bytes) => reader.push(bytes).flatMap((record) => toPacket(record) ?? []),
    finish: () => reader.finish(),
  };
}
