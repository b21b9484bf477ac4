/**
 * Blocks of pcapng files, one by one: draft-ietf-opsawg-pcapng, sections 3.1 and 4.
 *
 * A block is a kind, its length, a body, and its length again. What a body holds may depend on what came before it (the
 * byte order on the section, how much of a simple packet was kept on the interface); that is given to the functions
 * here, and remembered by the reader in `pcapng.ts`. Kinds that are not listed, and custom blocks, are carried as
 * bytes.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import type { Endian } from './pcap.ts';
import { decodeNameRecords, encodeNameRecords, type NameRecord } from './pcapng-names.ts';
import {
  copyOf,
  decodeOptions,
  encodeOptions,
  getTicks,
  INTERFACE_OPTIONS,
  NAMES_OPTIONS,
  type OptionFields,
  PACKET_OPTIONS,
  SECTION_OPTIONS,
  STATISTICS_OPTIONS,
  setTicks,
  wholeWords,
} from './pcapng-option.ts';

export type SectionBlock = OptionFields<typeof SECTION_OPTIONS> & {
  readonly type: 'section';
  readonly endian: Endian;
  /** Absent: 1.0. */
  readonly versionMajor?: number | undefined;
  readonly versionMinor?: number | undefined;
  /** Of all blocks up to the next section. Absent: not known when it was written. */
  readonly sectionBytes?: bigint | undefined;
};

export type InterfaceBlock = OptionFields<typeof INTERFACE_OPTIONS> & {
  readonly type: 'interface';
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapBytes: number;
};

/** `ticks` are in the interface's own unit: see `pcapng-time.ts`. */
interface PacketBody {
  readonly interfaceId: number;
  readonly ticks: bigint;
  readonly originalBytes: number;
  readonly data: Uint8Array;
}

export type PacketBlock = OptionFields<typeof PACKET_OPTIONS> & PacketBody & { readonly type: 'packet' };

/** Of the section's first interface; it has no time. */
export interface SimplePacketBlock {
  readonly type: 'simple-packet';
  readonly originalBytes: number;
  readonly data: Uint8Array;
}

/** Obsolete (appendix A): read, never written. */
export type OldPacketBlock = OptionFields<typeof PACKET_OPTIONS> &
  PacketBody & { readonly type: 'old-packet' /** 0xffff: not known. */; readonly drops: number };

export type NamesBlock = OptionFields<typeof NAMES_OPTIONS> & {
  readonly type: 'names';
  readonly records: readonly NameRecord[];
};

export type StatisticsBlock = OptionFields<typeof STATISTICS_OPTIONS> & {
  readonly type: 'statistics';
  readonly interfaceId: number;
  readonly ticks: bigint;
};

/** Only the enterprise knows where its data end and options begin. */
export interface CustomBlock {
  readonly type: 'custom';
  readonly isCopyable: boolean;
  readonly enterprise: number;
  readonly data: Uint8Array;
}

export interface UnknownBlock {
  readonly type: 'unknown';
  readonly kind: number;
  readonly data: Uint8Array;
}

export type WritableBlock =
  | SectionBlock
  | InterfaceBlock
  | PacketBlock
  | SimplePacketBlock
  | NamesBlock
  | StatisticsBlock
  | CustomBlock
  | UnknownBlock;

export type PcapngBlock = WritableBlock | OldPacketBlock;

export const BLOCK_KIND = {
  section: 0x0a0d_0d0a,
  interface: 1,
  oldPacket: 2,
  simplePacket: 3,
  names: 4,
  statistics: 5,
  packet: 6,
  custom: 0x0bad,
  customNotCopied: 0x4000_0bad,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
/** Kind and length before the body, length after it. */
export const HEAD_BYTES = 8;
export const TAIL_BYTES = 4;

export interface BlockContext {
  readonly isLittle: boolean;
  /** The first interface's limit, which a simple packet does not repeat. 0: none. */
  readonly snapBytes: number;
  readonly packetBytesMax: number;
}

/** `at` and `end` are the body's, without kind and lengths. */
export function decodeBlockBody(
  kind: number,
  view: DataView,
  at: number,
  end: number,
  context: BlockContext,
): PcapngBlock {
  const { isLittle } = context;
  switch (kind) {
    case BLOCK_KIND.section:
      return decodeSection(view, at, end, isLittle);
    case BLOCK_KIND.interface:
      requireBody(at, 8, end, 'an interface block');
      return {
        type: 'interface',
        linkType: view.getUint16(at, isLittle),
        snapBytes: view.getUint32(at + 4, isLittle),
        ...decodeOptions(INTERFACE_OPTIONS, view, at + 8, end, isLittle),
      };
    case BLOCK_KIND.packet: {
      requireBody(at, 20, end, 'a packet block');
      const interfaceId = view.getUint32(at, isLittle);
      const { body, after } = decodePacketBody(interfaceId, view, at, end, context);
      return { type: 'packet', ...body, ...decodeOptions(PACKET_OPTIONS, view, after, end, isLittle) };
    }
    case BLOCK_KIND.oldPacket: {
      requireBody(at, 20, end, 'an old packet block');
      const { body, after } = decodePacketBody(view.getUint16(at, isLittle), view, at, end, context);
      const drops = view.getUint16(at + 2, isLittle);
      return { type: 'old-packet', ...body, drops, ...decodeOptions(PACKET_OPTIONS, view, after, end, isLittle) };
    }
    case BLOCK_KIND.simplePacket: {
      requireBody(at, 4, end, 'a simple packet block');
      const originalBytes = view.getUint32(at, isLittle);
      const capturedBytes = context.snapBytes === 0 ? originalBytes : Math.min(originalBytes, context.snapBytes);
      requirePacketFits(capturedBytes, originalBytes, at, at + 4, end, context);
      if (at + 4 + wholeWords(capturedBytes) !== end) {
        const reason = `${end - at - 4} bytes hold a simple packet of ${capturedBytes}`;
        throw new WireError<PacketFault>('BAD_LENGTH', at, reason);
      }
      return { type: 'simple-packet', originalBytes, data: copyOf(view, at + 4, at + 4 + capturedBytes) };
    }
    case BLOCK_KIND.names: {
      const { records, after } = decodeNameRecords(view, at, end, isLittle);
      return { type: 'names', records, ...decodeOptions(NAMES_OPTIONS, view, after, end, isLittle) };
    }
    case BLOCK_KIND.statistics:
      requireBody(at, 12, end, 'a statistics block');
      return {
        type: 'statistics',
        interfaceId: view.getUint32(at, isLittle),
        ticks: getTicks(view, at + 4, isLittle),
        ...decodeOptions(STATISTICS_OPTIONS, view, at + 12, end, isLittle),
      };
    case BLOCK_KIND.custom:
    case BLOCK_KIND.customNotCopied:
      requireBody(at, 4, end, 'a custom block');
      return {
        type: 'custom',
        isCopyable: kind === BLOCK_KIND.custom,
        enterprise: view.getUint32(at, isLittle),
        data: copyOf(view, at + 4, end),
      };
    default:
      return { type: 'unknown', kind, data: copyOf(view, at, end) };
  }
}

function requireBody(at: number, count: number, end: number, what: string): void {
  if (end - at >= count) return;
  const reason = `${what} has a body of ${end - at} bytes, at least ${count} needed`;
  throw new WireError<PacketFault>('BAD_LENGTH', at - 4, reason);
}

function decodeSection(view: DataView, at: number, end: number, isLittle: boolean): SectionBlock {
  requireBody(at, 16, end, 'a section block');
  const versionMajor = view.getUint16(at + 4, isLittle);
  const versionMinor = view.getUint16(at + 6, isLittle);
  // Section 4.1: readers take 1.2 for 1.0, since writers in the field wrote it.
  if (versionMajor !== 1 || (versionMinor !== 0 && versionMinor !== 2)) {
    throw new WireError<PacketFault>('BAD_VERSION', at + 4, `pcapng version ${versionMajor}.${versionMinor}, not 1.0`);
  }
  const sectionBytes = view.getBigInt64(at + 8, isLittle);
  return {
    type: 'section',
    endian: isLittle ? 'little' : 'big',
    versionMajor,
    versionMinor,
    ...(sectionBytes === -1n ? {} : { sectionBytes }),
    ...decodeOptions(SECTION_OPTIONS, view, at + 16, end, isLittle),
  };
}

function decodePacketBody(
  interfaceId: number,
  view: DataView,
  at: number,
  end: number,
  context: BlockContext,
): { body: PacketBody; after: number } {
  const { isLittle } = context;
  const capturedBytes = view.getUint32(at + 12, isLittle);
  const originalBytes = view.getUint32(at + 16, isLittle);
  const dataAt = at + 20;
  requirePacketFits(capturedBytes, originalBytes, at + 12, dataAt, end, context);
  const data = copyOf(view, dataAt, dataAt + capturedBytes);
  return {
    body: { interfaceId, ticks: getTicks(view, at + 4, isLittle), originalBytes, data },
    after: dataAt + wholeWords(capturedBytes),
  };
}

function requirePacketFits(
  capturedBytes: number,
  originalBytes: number,
  lengthAt: number,
  dataAt: number,
  end: number,
  { packetBytesMax }: BlockContext,
): void {
  if (capturedBytes > packetBytesMax) {
    const reason = `${capturedBytes} captured bytes, ${packetBytesMax} are the limit`;
    throw new WireError<PacketFault>('TOO_LARGE', lengthAt, reason);
  }
  if (dataAt + wholeWords(capturedBytes) > end) {
    const reason = `${capturedBytes} captured bytes in a block that has room for ${end - dataAt}`;
    throw new WireError<PacketFault>('BAD_LENGTH', lengthAt, reason);
  }
  if (capturedBytes > originalBytes) {
    const reason = `${capturedBytes} bytes captured of a packet of ${originalBytes}`;
    throw new WireError<PacketFault>('BAD_LENGTH', lengthAt, reason);
  }
}

/** The whole block. `endian` is that of its section; a section block has its own. */
export function encodePcapngBlock(block: WritableBlock, endian: Endian = 'little'): Uint8Array {
  const isLittle = (block.type === 'section' ? block.endian : endian) === 'little';
  switch (block.type) {
    case 'section':
      return encodeBlock(
        BLOCK_KIND.section,
        16,
        [encodeOptions(SECTION_OPTIONS, block, isLittle)],
        isLittle,
        (view, at) => {
          view.setUint32(at, BYTE_ORDER_MAGIC, isLittle);
          view.setUint16(at + 4, block.versionMajor ?? 1, isLittle);
          view.setUint16(at + 6, block.versionMinor ?? 0, isLittle);
          view.setBigInt64(at + 8, block.sectionBytes ?? -1n, isLittle);
        },
      );
    case 'interface':
      return encodeBlock(
        BLOCK_KIND.interface,
        8,
        [encodeOptions(INTERFACE_OPTIONS, block, isLittle)],
        isLittle,
        (view, at) => {
          view.setUint16(at, block.linkType, isLittle);
          view.setUint32(at + 4, block.snapBytes, isLittle);
        },
      );
    case 'packet': {
      const parts = [block.data, encodeOptions(PACKET_OPTIONS, block, isLittle)];
      return encodeBlock(BLOCK_KIND.packet, 20, parts, isLittle, (view, at) => {
        view.setUint32(at, block.interfaceId, isLittle);
        setTicks(view, at + 4, block.ticks, isLittle);
        view.setUint32(at + 12, block.data.length, isLittle);
        view.setUint32(at + 16, block.originalBytes, isLittle);
      });
    }
    case 'simple-packet':
      return encodeBlock(BLOCK_KIND.simplePacket, 4, [block.data], isLittle, (view, at) => {
        view.setUint32(at, block.originalBytes, isLittle);
      });
    case 'names': {
      const parts = [encodeNameRecords(block.records, isLittle), encodeOptions(NAMES_OPTIONS, block, isLittle)];
      return encodeBlock(BLOCK_KIND.names, 0, parts, isLittle, () => {});
    }
    case 'statistics':
      return encodeBlock(
        BLOCK_KIND.statistics,
        12,
        [encodeOptions(STATISTICS_OPTIONS, block, isLittle)],
        isLittle,
        (view, at) => {
          view.setUint32(at, block.interfaceId, isLittle);
          setTicks(view, at + 4, block.ticks, isLittle);
        },
      );
    case 'custom': {
      const kind = block.isCopyable ? BLOCK_KIND.custom : BLOCK_KIND.customNotCopied;
      return encodeBlock(kind, 4, [block.data], isLittle, (view, at) => {
        view.setUint32(at, block.enterprise, isLittle);
      });
    }
    case 'unknown':
      return encodeBlock(block.kind, 0, [block.data], isLittle, () => {});
  }
}

/** Parts are filled up to whole words, each. */
function encodeBlock(
  kind: number,
  fixedBytes: number,
  parts: readonly Uint8Array[],
  isLittle: boolean,
  writeFixed: (view: DataView, at: number) => void,
): Uint8Array {
  const size = parts.reduce((bytes, part) => bytes + wholeWords(part.length), HEAD_BYTES + fixedBytes + TAIL_BYTES);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, kind, isLittle);
  view.setUint32(4, size, isLittle);
  writeFixed(view, HEAD_BYTES);
  let here = HEAD_BYTES + fixedBytes;
  for (const part of parts) {
    bytes.set(part, here);
    here += wholeWords(part.length);
  }
  view.setUint32(here, size, isLittle);
  return bytes;
}
