/**
 * Classic pcap files: draft-ietf-opsawg-pcap, sections 4 and 5.
 *
 * Both byte orders, and both units of time: microseconds, and nanoseconds under a magic of their own. The reader is fed
 * bytes and hands out records; the writer is two functions. Times are nanoseconds since 1970 as a bigint, whatever the
 * unit in the file.
 *
 * A length is believed only up to the limit and only if no more was captured than there was: a wrong length is
 * otherwise noticed packets later, in the middle of something else.
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import type { Backlog } from './backlog.ts';
import { type CaptureLimits, PACKET_BYTES_MAX, RecordStream } from './record-stream.ts';

export type Endian = 'little' | 'big';

export interface PcapHeader {
  readonly endian: Endian;
  readonly precision: 'micro' | 'nano';
  readonly versionMajor: number;
  readonly versionMinor: number;
  /** Always zero in practice: times are UTC. Carried, not applied. */
  readonly zoneSeconds: number;
  readonly accuracy: number;
  readonly snapBytes: number;
  readonly linkType: number;
  /** The upper half of the link type's word: whether and how long a frame check sequence is. */
  readonly linkFlags: number;
}

export interface PcapRecord {
  /** Where in the file the record begins. */
  readonly at: number;
  readonly timestampNs: bigint;
  readonly originalBytes: number;
  readonly data: Uint8Array;
}

export const PCAP_MAGIC_MICRO = 0xa1b2_c3d4;
export const PCAP_MAGIC_NANO = 0xa1b2_3c4d;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;

export class PcapReader {
  /** Known as soon as its 24 bytes are there. */
  header: PcapHeader | undefined;
  readonly #packetBytesMax: number;
  readonly #stream: RecordStream<PcapRecord>;
  #packets = 0;

  constructor({ packetBytesMax = PACKET_BYTES_MAX }: CaptureLimits = {}) {
    this.#packetBytesMax = packetBytesMax;
    this.#stream = new RecordStream(
      (backlog) => this.#readRecord(backlog),
      () => (this.header ? `packet ${this.#packets + 1}` : 'the file header'),
    );
  }

  /** The records that these bytes complete. Their data are copies. */
  push(bytes: Uint8Array): PcapRecord[] {
    return this.#stream.push(bytes);
  }

  /** Throws when the file ends within its header or a record. */
  finish(): void {
    this.#stream.finish();
  }

  #readRecord(backlog: Backlog): PcapRecord | undefined {
    if (!this.header) {
      this.header = readHeader(backlog);
      if (!this.header) return undefined;
    }
    if (!backlog.has(RECORD_HEADER_BYTES)) return undefined;
    const { view, at } = backlog;
    const isLittle = this.header.endian === 'little';
    const capturedBytes = view.getUint32(at + 8, isLittle);
    const originalBytes = view.getUint32(at + 12, isLittle);
    if (capturedBytes > this.#packetBytesMax) {
      const reason = `${capturedBytes} captured bytes, ${this.#packetBytesMax} are the limit`;
      throw new WireError<PacketFault>('TOO_LARGE', at + 8, reason);
    }
    if (capturedBytes > originalBytes) {
      const reason = `${capturedBytes} bytes captured of a packet of ${originalBytes}`;
      throw new WireError<PacketFault>('BAD_LENGTH', at + 8, reason);
    }
    if (!backlog.has(RECORD_HEADER_BYTES + capturedBytes)) return undefined;
    const secondsNs = BigInt(view.getUint32(at, isLittle)) * 1_000_000_000n;
    const fraction = view.getUint32(at + 4, isLittle);
    const dataAt = at + RECORD_HEADER_BYTES;
    backlog.at = dataAt + capturedBytes;
    this.#packets++;
    return {
      at: backlog.origin + at,
      timestampNs: secondsNs + BigInt(this.header.precision === 'nano' ? fraction : fraction * 1000),
      originalBytes,
      data: new Uint8Array(view.buffer, dataAt, capturedBytes).slice(),
    };
  }
}

function readHeader(backlog: Backlog): PcapHeader | undefined {
  if (!backlog.has(4)) return undefined;
  const { view, at } = backlog;
  const endian = endianOf(view, at);
  if (!endian) throw new WireError<PacketFault>('BAD_VALUE', at, 'no pcap file: the magic is another');
  if (!backlog.has(FILE_HEADER_BYTES)) return undefined;
  const isLittle = endian === 'little';
  const versionMajor = view.getUint16(at + 4, isLittle);
  const versionMinor = view.getUint16(at + 6, isLittle);
  if (versionMajor !== 2 || versionMinor !== 4) {
    const reason = `pcap version ${versionMajor}.${versionMinor}, only 2.4 is written since 1998`;
    throw new WireError<PacketFault>('BAD_VERSION', at + 4, reason);
  }
  backlog.at += FILE_HEADER_BYTES;
  return {
    endian,
    precision: view.getUint32(at, isLittle) === PCAP_MAGIC_NANO ? 'nano' : 'micro',
    versionMajor,
    versionMinor,
    zoneSeconds: view.getInt32(at + 8, isLittle),
    accuracy: view.getUint32(at + 12, isLittle),
    snapBytes: view.getUint32(at + 16, isLittle),
    linkType: view.getUint32(at + 20, isLittle) & 0xffff,
    linkFlags: view.getUint32(at + 20, isLittle) >>> 16,
  };
}

function endianOf(view: DataView, at: number): Endian | undefined {
  for (const endian of ['little', 'big'] as const) {
    const magic = view.getUint32(at, endian === 'little');
    if (magic === PCAP_MAGIC_MICRO || magic === PCAP_MAGIC_NANO) return endian;
  }
  return undefined;
}

type Format = Pick<PcapHeader, 'endian' | 'precision'>;

export const PCAP_NANO: Format = { endian: 'little', precision: 'nano' };

/** All but the link type has a usual value: nanoseconds, little-endian, packets of any length that we read. */
export function encodePcapHeader(header: Partial<PcapHeader> & Pick<PcapHeader, 'linkType'>): Uint8Array {
  const view = new DataView(new ArrayBuffer(FILE_HEADER_BYTES));
  const isLittle = (header.endian ?? PCAP_NANO.endian) === 'little';
  const isNano = (header.precision ?? PCAP_NANO.precision) === 'nano';
  view.setUint32(0, isNano ? PCAP_MAGIC_NANO : PCAP_MAGIC_MICRO, isLittle);
  view.setUint16(4, header.versionMajor ?? 2, isLittle);
  view.setUint16(6, header.versionMinor ?? 4, isLittle);
  view.setInt32(8, header.zoneSeconds ?? 0, isLittle);
  view.setUint32(12, header.accuracy ?? 0, isLittle);
  view.setUint32(16, header.snapBytes ?? PACKET_BYTES_MAX, isLittle);
  view.setUint32(20, ((header.linkFlags ?? 0) << 16) | header.linkType, isLittle);
  return new Uint8Array(view.buffer);
}

/** `format` is that of the file's header. A time that its unit cannot express is rounded down. */
export function encodePcapRecord(record: Omit<PcapRecord, 'at'>, format: Format = PCAP_NANO): Uint8Array {
  const seconds = record.timestampNs / 1_000_000_000n;
  if (record.timestampNs < 0n || seconds > 0xffff_ffffn) {
    throw new WireError<PacketFault>('BAD_VALUE', 0, `the time ${record.timestampNs} ns does not fit a pcap record`);
  }
  const isLittle = format.endian === 'little';
  const nanos = Number(record.timestampNs % 1_000_000_000n);
  const bytes = new Uint8Array(RECORD_HEADER_BYTES + record.data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(seconds), isLittle);
  view.setUint32(4, format.precision === 'nano' ? nanos : Math.floor(nanos / 1000), isLittle);
  view.setUint32(8, record.data.length, isLittle);
  view.setUint32(12, record.originalBytes, isLittle);
  bytes.set(record.data, RECORD_HEADER_BYTES);
  return bytes;
}
