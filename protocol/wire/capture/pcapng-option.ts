/**
 * Options of pcapng blocks: draft-ietf-opsawg-pcapng, section 3.5, and the option tables of section 4.
 *
 * What a code means depends on the block, so there is a table for each: a name, a code, and how the value is read and
 * written. A block's typed fields derive from its table. What a table does not have (vendors' and future codes), and a
 * second value of what may stand once, is kept as bytes in `otherOptions`. Numbers are in the section's byte order,
 * addresses never are.
 */
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type PacketFault, WireError } from '../wire-error.ts';

interface ValueCodec<V> {
  /** Undefined: any length. */
  readonly bytes: number | undefined;
  decode(view: DataView, at: number, end: number, isLittle: boolean): V;
  encode(value: V, isLittle: boolean): Uint8Array;
}

interface OptionCodec<V> {
  readonly code: number;
  readonly value: ValueCodec<V>;
  /** It may stand more than once: the field is a list. */
  readonly many?: true;
}

type OptionTable = Readonly<Record<string, OptionCodec<unknown>>>;

type ValueOf<C> = C extends { readonly value: ValueCodec<infer V> } ? V : never;

export type OptionFields<T extends OptionTable> = {
  readonly [K in keyof T]?:
    | (T[K] extends { readonly many: true } ? readonly ValueOf<T[K]>[] : ValueOf<T[K]>)
    | undefined;
} & { readonly otherOptions?: readonly PcapngOption[] | undefined };

export interface PcapngOption {
  readonly code: number;
  readonly data: Uint8Array;
}

function sized<V>(
  bytes: number,
  get: (view: DataView, at: number, isLittle: boolean) => V,
  set: (view: DataView, value: V, isLittle: boolean) => void,
): ValueCodec<V> {
  return {
    bytes,
    decode: (view, at, _end, isLittle) => get(view, at, isLittle),
    encode(value, isLittle) {
      const view = new DataView(new ArrayBuffer(bytes));
      set(view, value, isLittle);
      return new Uint8Array(view.buffer);
    },
  };
}

const text: ValueCodec<string> = { bytes: undefined, decode: decodeUtf8, encode: encodeUtf8 };
const octets: ValueCodec<Uint8Array> = { bytes: undefined, decode: copyOf, encode: (value) => value };
const u8 = sized<number>(
  1,
  (view, at) => view.getUint8(at),
  (view, value) => view.setUint8(0, value),
);
const u32 = sized<number>(
  4,
  (view, at, isLittle) => view.getUint32(at, isLittle),
  (view, value, isLittle) => view.setUint32(0, value, isLittle),
);
const u64 = sized<bigint>(
  8,
  (view, at, isLittle) => view.getBigUint64(at, isLittle),
  (view, value, isLittle) => view.setBigUint64(0, value, isLittle),
);
const i64 = sized<bigint>(
  8,
  (view, at, isLittle) => view.getBigInt64(at, isLittle),
  (view, value, isLittle) => view.setBigInt64(0, value, isLittle),
);
/** A time: two words, the high one first in either byte order. */
const ticks = sized<bigint>(8, getTicks, (view, value, isLittle) => setTicks(view, 0, value, isLittle));
const ipv4 = sized<number>(
  4,
  (view, at) => view.getUint32(at),
  (view, value) => view.setUint32(0, value),
);
const ipv6 = sized<bigint>(16, getIpv6, (view, value) => setIpv6(view, 0, value));
const mac = sized<number>(
  6,
  (view, at) => view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2),
  (view, value) => {
    view.setUint16(0, Math.floor(value / 0x1_0000_0000));
    view.setUint32(2, value >>> 0);
  },
);
const eui64 = sized<bigint>(
  8,
  (view, at) => view.getBigUint64(at),
  (view, value) => view.setBigUint64(0, value),
);
const ipv4Network = sized<{ readonly address: number; readonly mask: number }>(
  8,
  (view, at) => ({ address: view.getUint32(at), mask: view.getUint32(at + 4) }),
  (view, value) => {
    view.setUint32(0, value.address);
    view.setUint32(4, value.mask);
  },
);
const ipv6Network = sized<{ readonly address: bigint; readonly prefixBits: number }>(
  17,
  (view, at) => ({ address: getIpv6(view, at), prefixBits: view.getUint8(at + 16) }),
  (view, value) => {
    setIpv6(view, 0, value.address);
    view.setUint8(16, value.prefixBits);
  },
);

const comments = { code: 1, value: text, many: true } as const;

export const SECTION_OPTIONS = {
  comments,
  hardware: { code: 2, value: text },
  os: { code: 3, value: text },
  application: { code: 4, value: text },
} as const;

export const INTERFACE_OPTIONS = {
  comments,
  name: { code: 2, value: text },
  description: { code: 3, value: text },
  ipv4Networks: { code: 4, value: ipv4Network, many: true },
  ipv6Networks: { code: 5, value: ipv6Network, many: true },
  mac: { code: 6, value: mac },
  eui64: { code: 7, value: eui64 },
  speedBitsPerSecond: { code: 8, value: u64 },
  /** See `Clock` in `pcapng-time.ts`. */
  resolution: { code: 9, value: u8 },
  zone: { code: 10, value: u32 },
  filter: { code: 11, value: octets },
  os: { code: 12, value: text },
  frameCheckBytes: { code: 13, value: u8 },
  offsetSeconds: { code: 14, value: i64 },
  hardware: { code: 15, value: text },
  sendBitsPerSecond: { code: 16, value: u64 },
  receiveBitsPerSecond: { code: 17, value: u64 },
} as const;

export const PACKET_OPTIONS = {
  comments,
  /** Direction (1 in, 2 out) and what the link layer found wrong: section 4.3.1. */
  flags: { code: 2, value: u32 },
  /** An algorithm in the first byte, its hash in the others. */
  hashes: { code: 3, value: octets, many: true },
  /** Packets lost between the one before and this one. */
  dropCount: { code: 4, value: u64 },
  packetId: { code: 5, value: u64 },
  queue: { code: 6, value: u32 },
  verdicts: { code: 7, value: octets, many: true },
} as const;

export const NAMES_OPTIONS = {
  comments,
  serverName: { code: 2, value: text },
  serverIpv4: { code: 3, value: ipv4 },
  serverIpv6: { code: 4, value: ipv6 },
} as const;

export const STATISTICS_OPTIONS = {
  comments,
  startTicks: { code: 2, value: ticks },
  endTicks: { code: 3, value: ticks },
  received: { code: 4, value: u64 },
  dropped: { code: 5, value: u64 },
  accepted: { code: 6, value: u64 },
  droppedBySystem: { code: 7, value: u64 },
  delivered: { code: 8, value: u64 },
} as const;

const END = 0;
const HEAD_BYTES = 4;

export function decodeOptions<const T extends OptionTable>(
  table: T,
  view: DataView,
  at: number,
  end: number,
  isLittle: boolean,
): OptionFields<T> {
  const names = new Map(Object.entries(table).map(([name, codec]) => [codec.code, name]));
  const fields: Record<string, unknown> = {};
  const others: PcapngOption[] = [];
  let here = at;
  while (here < end) {
    if (here + HEAD_BYTES > end) {
      throw new WireError<PacketFault>('BAD_LENGTH', here, `${end - here} bytes where an option should be`);
    }
    const code = view.getUint16(here, isLittle);
    const length = view.getUint16(here + 2, isLittle);
    const dataAt = here + HEAD_BYTES;
    if (dataAt + length > end) {
      const reason = `option ${code} has length ${length}, ${end - dataAt} bytes are left in the block`;
      throw new WireError<PacketFault>('BAD_LENGTH', here + 2, reason);
    }
    if (code === END) break;
    const name = names.get(code);
    const codec = name === undefined ? undefined : table[name];
    if (name === undefined || !codec || (fields[name] !== undefined && !codec.many)) {
      others.push({ code, data: copyOf(view, dataAt, dataAt + length) });
    } else {
      if (codec.value.bytes !== undefined && codec.value.bytes !== length) {
        const reason = `option ${name} has length ${length}, ${codec.value.bytes} wanted`;
        throw new WireError<PacketFault>('BAD_LENGTH', here + 2, reason);
      }
      const value = codec.value.decode(view, dataAt, dataAt + length, isLittle);
      if (!codec.many) fields[name] = value;
      else if (fields[name]) (fields[name] as unknown[]).push(value);
      else fields[name] = [value];
    }
    here = dataAt + wholeWords(length);
  }
  if (others.length > 0) fields.otherOptions = others;
  return fields as OptionFields<T>;
}

/** The options with their end, or no bytes at all when there are none. */
export function encodeOptions<const T extends OptionTable>(
  table: T,
  fields: OptionFields<T>,
  isLittle: boolean,
): Uint8Array {
  const options: PcapngOption[] = [];
  for (const [name, codec] of Object.entries(table)) {
    const value = (fields as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) continue;
    for (const each of codec.many ? (value as readonly unknown[]) : [value]) {
      options.push({ code: codec.code, data: codec.value.encode(each, isLittle) });
    }
  }
  if (fields.otherOptions) options.push(...fields.otherOptions);
  if (options.length === 0) return new Uint8Array(0);
  const size = options.reduce((bytes, option) => bytes + HEAD_BYTES + wholeWords(option.data.length), HEAD_BYTES);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let here = 0;
  for (const { code, data } of options) {
    if (data.length > 0xffff) {
      throw new WireError<PacketFault>('TOO_LARGE', here, `option ${code} of ${data.length} bytes, 65535 is the most`);
    }
    view.setUint16(here, code, isLittle);
    view.setUint16(here + 2, data.length, isLittle);
    bytes.set(data, here + HEAD_BYTES);
    here += HEAD_BYTES + wholeWords(data.length);
  }
  return bytes;
}

export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** A copy, since the reader's buffer moves on. */
export function copyOf(view: DataView, at: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice();
}

export function getTicks(view: DataView, at: number, isLittle: boolean): bigint {
  return (BigInt(view.getUint32(at, isLittle)) << 32n) | BigInt(view.getUint32(at + 4, isLittle));
}

export function setTicks(view: DataView, at: number, value: bigint, isLittle: boolean): void {
  view.setUint32(at, Number((value >> 32n) & 0xffff_ffffn), isLittle);
  view.setUint32(at + 4, Number(value & 0xffff_ffffn), isLittle);
}

export function getIpv6(view: DataView, at: number): bigint {
  return (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
}

export function setIpv6(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at, value >> 64n);
  view.setBigUint64(at + 8, value & 0xffff_ffff_ffff_ffffn);
}
