/**
 * The records of a name resolution block (draft-ietf-opsawg-pcapng, section 4.5): an address and the names that it was
 * known by.
 */
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';
import { type PacketFault, WireError } from '../wire-error.ts';
import { copyOf, getIpv6, setIpv6, wholeWords } from './pcapng-option.ts';

export type NameRecord =
  | { readonly type: 'ipv4'; readonly address: number; readonly names: readonly string[] }
  | { readonly type: 'ipv6'; readonly address: bigint; readonly names: readonly string[] }
  | { readonly type: 'unknown'; readonly kind: number; readonly data: Uint8Array };

const KIND = { end: 0, ipv4: 1, ipv6: 2 } as const;
const ADDRESS_BYTES = { ipv4: 4, ipv6: 16 } as const;
const HEAD_BYTES = 4;

/** `after` is where the block's options begin. */
export function decodeNameRecords(
  view: DataView,
  at: number,
  end: number,
  isLittle: boolean,
): { records: NameRecord[]; after: number } {
  const records: NameRecord[] = [];
  let here = at;
  while (here < end) {
    if (here + HEAD_BYTES > end) {
      throw new WireError<PacketFault>('BAD_LENGTH', here, `${end - here} bytes where a name record should be`);
    }
    const kind = view.getUint16(here, isLittle);
    const length = view.getUint16(here + 2, isLittle);
    const dataAt = here + HEAD_BYTES;
    const next = dataAt + wholeWords(length);
    if (next > end) {
      const reason = `a name record has length ${length}, ${end - dataAt} bytes are left in the block`;
      throw new WireError<PacketFault>('BAD_LENGTH', here + 2, reason);
    }
    if (kind === KIND.end) return { records, after: next };
    records.push(decodeRecord(kind, view, dataAt, dataAt + length));
    here = next;
  }
  return { records, after: here };
}

function decodeRecord(kind: number, view: DataView, at: number, end: number): NameRecord {
  const type = kind === KIND.ipv4 ? 'ipv4' : kind === KIND.ipv6 ? 'ipv6' : undefined;
  if (!type) return { type: 'unknown', kind, data: copyOf(view, at, end) };
  const namesAt = at + ADDRESS_BYTES[type];
  if (namesAt >= end || view.getUint8(end - 1) !== 0) {
    const reason = `a name record of ${end - at} bytes is no address and names that end with zero`;
    throw new WireError<PacketFault>('BAD_LENGTH', at - 2, reason);
  }
  const names = decodeUtf8(view, namesAt, end - 1).split('\0');
  if (type === 'ipv4') return { type, address: view.getUint32(at), names };
  return { type, address: getIpv6(view, at), names };
}

export function encodeNameRecords(records: readonly NameRecord[], isLittle: boolean): Uint8Array {
  const bodies = records.map(encodeRecord);
  const size = bodies.reduce((bytes, body) => bytes + HEAD_BYTES + wholeWords(body.length), HEAD_BYTES);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let here = 0;
  bodies.forEach((body, i) => {
    if (body.length > 0xffff) {
      throw new WireError<PacketFault>('TOO_LARGE', here, `a name record of ${body.length} bytes, 65535 is the most`);
    }
    const record = records[i]!;
    view.setUint16(here, record.type === 'unknown' ? record.kind : KIND[record.type], isLittle);
    view.setUint16(here + 2, body.length, isLittle);
    bytes.set(body, here + HEAD_BYTES);
    here += HEAD_BYTES + wholeWords(body.length);
  });
  return bytes;
}

function encodeRecord(record: NameRecord): Uint8Array {
  if (record.type === 'unknown') return record.data;
  const addressBytes = ADDRESS_BYTES[record.type];
  const names = encodeUtf8(record.names.map((name) => `${name}\0`).join(''));
  const bytes = new Uint8Array(addressBytes + names.length);
  const view = new DataView(bytes.buffer);
  if (record.type === 'ipv4') view.setUint32(0, record.address);
  else setIpv6(view, 0, record.address);
  bytes.set(names, addressBytes);
  return bytes;
}
