/**
 * OpenFlow 1.3.5, section 7.2.3: the OXM fields. The one table, from which matches, set_field, text, prerequisites and labels derive.
 *
 * A field's value is a number up to 48 bits, a bigint beyond. A TLV that the table does not have, of whatever class, is carried
 * as `unknown` with its header and bytes, and written back as it came. Reading is structural: a TLV whose payload has not the
 * length of its field is an error, a value or mask that makes no sense is not; `validate` judges that.
 */
import { getMac, setMac } from '../address.ts';
import { assert, WireError } from '../wire-error.ts';
import { type Codec, getBytes, ipv4, ipv6, mac, setBytes, u8, u16, u24, u32, u64, type ValueOf } from './codec.ts';
import type { ErrorName } from './error.ts';

/** What must be matched exactly, before this field, for this field to have a meaning; `tagged` is any VLAN but none. */
export type Needs = Readonly<Record<string, readonly number[] | 'present' | 'tagged'>>;

interface OxmField {
  readonly id: number;
  readonly as: Codec<number> | Codec<bigint>;
  /** Significant bits, where fewer than the bytes that carry them. */
  readonly bits?: number;
  readonly maskable: boolean;
  readonly needs: Needs;
  /** Fields outside the basic class stand in the experimenter class, after this number. */
  readonly experimenter?: number;
}

const IP = [0x0800, 0x86dd] as const;
const MPLS = [0x8847, 0x8848] as const;

/** Open Networking Foundation, whose extensions Open vSwitch speaks. */
export const EXPERIMENTER_ONF = 0x4f4e4600;

export const OXM = {
  inPort: { id: 0, as: u32, maskable: false, needs: {} },
  inPhyPort: { id: 1, as: u32, maskable: false, needs: { inPort: 'present' } },
  metadata: { id: 2, as: u64, maskable: true, needs: {} },
  ethDst: { id: 3, as: mac, maskable: true, needs: {} },
  ethSrc: { id: 4, as: mac, maskable: true, needs: {} },
  ethType: { id: 5, as: u16, maskable: false, needs: {} },
  vlanVid: { id: 6, as: u16, bits: 13, maskable: true, needs: {} },
  vlanPcp: { id: 7, as: u8, bits: 3, maskable: false, needs: { vlanVid: 'tagged' } },
  ipDscp: { id: 8, as: u8, bits: 6, maskable: false, needs: { ethType: IP } },
  ipEcn: { id: 9, as: u8, bits: 2, maskable: false, needs: { ethType: IP } },
  ipProto: { id: 10, as: u8, maskable: false, needs: { ethType: IP } },
  ipv4Src: { id: 11, as: ipv4, maskable: true, needs: { ethType: [0x0800] } },
  ipv4Dst: { id: 12, as: ipv4, maskable: true, needs: { ethType: [0x0800] } },
  tcpSrc: { id: 13, as: u16, maskable: false, needs: { ipProto: [6] } },
  tcpDst: { id: 14, as: u16, maskable: false, needs: { ipProto: [6] } },
  udpSrc: { id: 15, as: u16, maskable: false, needs: { ipProto: [17] } },
  udpDst: { id: 16, as: u16, maskable: false, needs: { ipProto: [17] } },
  sctpSrc: { id: 17, as: u16, maskable: false, needs: { ipProto: [132] } },
  sctpDst: { id: 18, as: u16, maskable: false, needs: { ipProto: [132] } },
  icmpv4Type: { id: 19, as: u8, maskable: false, needs: { ipProto: [1] } },
  icmpv4Code: { id: 20, as: u8, maskable: false, needs: { ipProto: [1] } },
  arpOp: { id: 21, as: u16, maskable: false, needs: { ethType: [0x0806] } },
  arpSpa: { id: 22, as: ipv4, maskable: true, needs: { ethType: [0x0806] } },
  arpTpa: { id: 23, as: ipv4, maskable: true, needs: { ethType: [0x0806] } },
  arpSha: { id: 24, as: mac, maskable: true, needs: { ethType: [0x0806] } },
  arpTha: { id: 25, as: mac, maskable: true, needs: { ethType: [0x0806] } },
  ipv6Src: { id: 26, as: ipv6, maskable: true, needs: { ethType: [0x86dd] } },
  ipv6Dst: { id: 27, as: ipv6, maskable: true, needs: { ethType: [0x86dd] } },
  ipv6Flabel: { id: 28, as: u32, bits: 20, maskable: true, needs: { ethType: [0x86dd] } },
  icmpv6Type: { id: 29, as: u8, maskable: false, needs: { ipProto: [58] } },
  icmpv6Code: { id: 30, as: u8, maskable: false, needs: { ipProto: [58] } },
  ipv6NdTarget: { id: 31, as: ipv6, maskable: false, needs: { icmpv6Type: [135, 136] } },
  ipv6NdSll: { id: 32, as: mac, maskable: false, needs: { icmpv6Type: [135] } },
  ipv6NdTll: { id: 33, as: mac, maskable: false, needs: { icmpv6Type: [136] } },
  mplsLabel: { id: 34, as: u32, bits: 20, maskable: false, needs: { ethType: MPLS } },
  mplsTc: { id: 35, as: u8, bits: 3, maskable: false, needs: { ethType: MPLS } },
  mplsBos: { id: 36, as: u8, bits: 1, maskable: false, needs: { ethType: MPLS } },
  pbbIsid: { id: 37, as: u24, maskable: true, needs: { ethType: [0x88e7] } },
  tunnelId: { id: 38, as: u64, maskable: true, needs: {} },
  ipv6Exthdr: { id: 39, as: u16, bits: 9, maskable: true, needs: { ethType: [0x86dd] } },
  /** ONF extension 109; in OpenFlow 1.5 a basic field. */
  tcpFlags: { id: 42, as: u16, bits: 12, maskable: true, needs: { ipProto: [6] }, experimenter: EXPERIMENTER_ONF },
} as const satisfies Record<string, OxmField>;

export type OxmName = keyof typeof OXM;

export type OxmValue<F extends OxmName> = ValueOf<(typeof OXM)[F]['as']>;

/** `value`/`mask` as they stand on the wire; a field without a mask is matched exactly. */
export type OxmOf<F extends OxmName> = F extends OxmName
  ? { readonly type: F; readonly value: OxmValue<F>; readonly mask?: OxmValue<F> | undefined }
  : never;

/** A TLV of a class or field that is not ours: `header` is its first 32 bits, `body` the rest. */
export interface UnknownOxm {
  readonly type: 'unknown';
  readonly header: number;
  readonly body: Uint8Array;
}

export type Oxm = OxmOf<OxmName> | UnknownOxm;

/** A known field with its type erased: what code that handles any field works on. */
export interface AnyOxm {
  readonly type: OxmName;
  readonly value: number | bigint;
  readonly mask?: number | bigint | undefined;
}

export const OXM_CLASS_BASIC = 0x8000;
export const OXM_CLASS_EXPERIMENTER = 0xffff;
export const OXM_HEADER_BYTES = 4;

interface OxmRow {
  readonly name: OxmName;
  readonly codec: Codec<number | bigint>;
  readonly valueBytes: number;
  /** Where the value begins, after the header and an experimenter id. */
  readonly valueOffset: number;
  readonly experimenter: number;
  /** The header's 32 bits without a mask; with one, `+ 0x100 + valueBytes`. */
  readonly header: number;
}

function toRow(name: OxmName): OxmRow {
  const entry: OxmField = OXM[name];
  const experimenter = entry.experimenter ?? 0;
  const idBytes = experimenter === 0 ? 0 : 4;
  const oxmClass = experimenter === 0 ? OXM_CLASS_BASIC : OXM_CLASS_EXPERIMENTER;
  const valueBytes = entry.as.sizeMin;
  return {
    name,
    codec: entry.as as Codec<number | bigint>,
    valueBytes,
    valueOffset: OXM_HEADER_BYTES + idBytes,
    experimenter,
    header: oxmClass * 0x10000 + entry.id * 0x200 + idBytes + valueBytes,
  };
}

/** A Map, because an object of this many names asked for by variable would be a slower one. */
const ROWS: ReadonlyMap<OxmName, OxmRow> = new Map((Object.keys(OXM) as OxmName[]).map((name) => [name, toRow(name)]));

/** The basic class by field number, the hot case. */
const BASIC: readonly (OxmRow | undefined)[] = Array.from({ length: 128 }, (_, id) =>
  [...ROWS.values()].find((row) => row.experimenter === 0 && ((row.header >>> 9) & 0x7f) === id),
);
const EXPERIMENTERS = [...ROWS.values()].filter((row) => row.experimenter !== 0);

function findRow(header: number, view: DataView, at: number, end: number): OxmRow | undefined {
  if (header >>> 16 === OXM_CLASS_BASIC) return BASIC[(header >>> 9) & 0x7f];
  if (header >>> 16 !== OXM_CLASS_EXPERIMENTER || end - at < OXM_HEADER_BYTES + 4) return undefined;
  const experimenter = view.getUint32(at + OXM_HEADER_BYTES);
  const id = (header >>> 9) & 0x7f;
  return EXPERIMENTERS.find((row) => row.experimenter === experimenter && ((row.header >>> 9) & 0x7f) === id);
}

function isMasked(header: number): boolean {
  return (header & 0x100) !== 0;
}

const BAD_LENGTH: ErrorName = 'BAD_MATCH/BAD_LEN';

/** Where the TLV at `at` ends. */
export function oxmExtent(view: DataView, at: number, end: number, lengthError = BAD_LENGTH): number {
  if (at + OXM_HEADER_BYTES > end) throw new WireError(lengthError, at, `${end - at} bytes left, an OXM header has 4`);
  const tlvEnd = at + OXM_HEADER_BYTES + view.getUint8(at + 3);
  if (tlvEnd > end) throw new WireError(lengthError, at + 3, `length ${tlvEnd - at - 4}, ${end - at - 4} bytes left`);
  return tlvEnd;
}

export function decodeOxm(view: DataView, at: number, end: number, lengthError = BAD_LENGTH): Oxm {
  const header = view.getUint32(at);
  const row = findRow(header, view, at, end);
  if (!row) return { type: 'unknown', header, body: getBytes(view, at + OXM_HEADER_BYTES, end) };
  const masked = isMasked(header);
  const valueAt = at + row.valueOffset;
  const { valueBytes } = row;
  if (end !== valueAt + (masked ? 2 * valueBytes : valueBytes)) {
    const expected = row.valueOffset - OXM_HEADER_BYTES + (masked ? 2 * valueBytes : valueBytes);
    throw new WireError(lengthError, at + 3, `length ${header & 0xff}, ${row.name} has ${expected}`);
  }
  const value = getValue(row, view, valueAt);
  const mask = masked ? getValue(row, view, valueAt + valueBytes) : undefined;
  return { type: row.name, value, mask } as Oxm;
}

export function encodeOxm(oxm: Oxm, view: DataView, at: number): number {
  if (oxm.type === 'unknown') {
    view.setUint32(at, oxm.header);
    setBytes(view, at + OXM_HEADER_BYTES, oxm.body);
    return at + OXM_HEADER_BYTES + oxm.body.length;
  }
  const row = ROWS.get(oxm.type)!;
  if (row.experimenter !== 0) view.setUint32(at + OXM_HEADER_BYTES, row.experimenter);
  const valueAt = at + row.valueOffset;
  if (oxm.mask === undefined) {
    view.setUint32(at, row.header);
    return setValue(row, oxm.value, view, valueAt);
  }
  view.setUint32(at, row.header + 0x100 + row.valueBytes);
  return setValue(row, oxm.mask, view, setValue(row, oxm.value, view, valueAt));
}

/** The common widths without a call through the table: matches are most of what a flow_mod costs. */
function getValue(row: OxmRow, view: DataView, at: number): number | bigint {
  switch (row.valueBytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at);
    case 4:
      return view.getUint32(at);
    case 6:
      return getMac(view, at);
    default:
      return row.codec.decode(view, at, at + row.valueBytes);
  }
}

function setValue(row: OxmRow, value: number | bigint, view: DataView, at: number): number {
  switch (row.valueBytes) {
    case 1:
      view.setUint8(at, value as number);
      return at + 1;
    case 2:
      view.setUint16(at, value as number);
      return at + 2;
    case 4:
      view.setUint32(at, value as number);
      return at + 4;
    case 6:
      setMac(view, at, value as number);
      return at + 6;
    default:
      return row.codec.encode(value, view, at);
  }
}

const BAD_SET_LENGTH: ErrorName = 'BAD_ACTION/BAD_SET_LEN';

/** The field of set_field: the same TLV, whose mistakes are an action's. */
export const setFieldOxm: Codec<Oxm> = {
  shape: { type: 'oxm' },
  sizeMin: OXM_HEADER_BYTES,
  fixed: false,
  extent: (view, at, end) => oxmExtent(view, at, end, BAD_SET_LENGTH),
  decode: (view, at, end) => decodeOxm(view, at, end, BAD_SET_LENGTH),
  encode: encodeOxm,
};

/** A field without a value, as table features list them: the header, and the experimenter's id if the class has one. */
export interface OxmId {
  readonly header: number;
  readonly experimenter?: number;
}

export const oxmId: Codec<OxmId> = {
  shape: { type: 'oxmId' },
  sizeMin: OXM_HEADER_BYTES,
  fixed: false,
  extent(view, at, end) {
    const size = view.getUint16(at) === OXM_CLASS_EXPERIMENTER ? 8 : 4;
    if (at + size > end)
      throw new WireError('TABLE_FEATURES_FAILED/BAD_LEN', at, `${end - at} bytes left, ${size} needed`);
    return at + size;
  },
  decode(view, at, end) {
    const header = view.getUint32(at);
    return end - at === 8 ? { header, experimenter: view.getUint32(at + 4) } : { header };
  },
  encode(id, view, at) {
    const isLong = id.header >>> 16 === OXM_CLASS_EXPERIMENTER;
    assert(isLong === (id.experimenter !== undefined), 'an experimenter OXM id has its experimenter');
    view.setUint32(at, id.header);
    if (isLong) view.setUint32(at + 4, id.experimenter!);
    return at + (isLong ? 8 : 4);
  },
};

export function toOxmId(name: OxmName, masked = false): OxmId {
  const row = ROWS.get(name)!;
  const header = masked ? row.header + 0x100 + row.valueBytes : row.header;
  return row.experimenter === 0 ? { header } : { header, experimenter: row.experimenter };
}

/** The field that an id or an unknown TLV's header names; undefined when it is not in the table. */
export function findOxmName(id: OxmId): OxmName | undefined {
  const field = (id.header >>> 9) & 0x7f;
  if (id.header >>> 16 === OXM_CLASS_BASIC) return BASIC[field]?.name;
  return EXPERIMENTERS.find((row) => row.experimenter === id.experimenter && ((row.header >>> 9) & 0x7f) === field)
    ?.name;
}

/** The significant bits of a field. */
export function oxmBits(name: OxmName): number {
  const entry: OxmField = OXM[name];
  return entry.bits ?? entry.as.sizeMin * 8;
}
