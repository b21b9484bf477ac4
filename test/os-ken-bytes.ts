/**
 * What os-ken reads deeper than OpenFlow 1.3 goes: fields of other classes, the packet in a packet_out, the requests of
 * ONF's flow monitor, its bundles. We carry these
 * as bytes, so here os-ken's values are written back to bytes, each field by the format's own table (RFC 791, RFC 792; ONF
 * extensions 187 and 230), to be compared with ours. Every value is used, so a value that os-ken reads wrongly shows.
 */
import { parseIpv4 } from '../protocol/wire/address.ts';
import { formatHex } from '../protocol/wire/hex.ts';
import type { JsonObject, JsonValue } from '../protocol/wire/openflow/json.ts';

type Numbers = Readonly<Record<string, number>>;

function hex(value: number | undefined, bytes: number): string {
  return (value ?? Number.NaN).toString(16).padStart(2 * bytes, '0');
}

function hexOfMac(text: JsonValue | undefined): string {
  return String(text).replaceAll(':', '');
}

function hexOfIpv4(text: JsonValue | undefined): string {
  return hex(parseIpv4(String(text)), 4);
}

const PROTOCOLS: Readonly<Record<string, (fields: JsonObject, numbers: Numbers) => string>> = {
  ethernet: (fields, { ethertype }) => `${hexOfMac(fields.dst)}${hexOfMac(fields.src)}${hex(ethertype, 2)}`,
  ipv4: (fields, ip) =>
    [
      hex(ip.version! * 16 + ip.header_length!, 1) + hex(ip.tos, 1) + hex(ip.total_length, 2),
      hex(ip.identification, 2) + hex(ip.flags! * 0x2000 + ip.offset!, 2),
      hex(ip.ttl, 1) + hex(ip.proto, 1) + hex(ip.csum, 2),
      hexOfIpv4(fields.src) + hexOfIpv4(fields.dst) + (fields.option ?? ''),
    ].join(''),
  icmp: (fields, icmp) => {
    const { echo } = fields.data as {
      readonly echo: { readonly id: number; readonly seq: number; readonly data: string };
    };
    const rest = hex(echo.id, 2) + hex(echo.seq, 2) + formatHex(Buffer.from(echo.data, 'base64'));
    return hex(icmp.type, 1) + hex(icmp.code, 1) + hex(icmp.csum, 2) + rest;
  },
};

/** The bytes of `{Packet: {protocols: [{ethernet: …}, …]}}`. */
export function toPacketHex(packet: JsonObject): string {
  const { protocols } = packet.Packet as { readonly protocols: readonly JsonObject[] };
  return protocols
    .map((layer) => {
      const [name, fields] = Object.entries(layer)[0] as [string, JsonObject];
      return PROTOCOLS[name]!(fields, fields as Numbers);
    })
    .join('');
}

export interface FlowMonitorHeader {
  readonly hex: string;
  readonly matchBytes: number;
}

/** The sixteen bytes of one flow monitor request before its match, which here has no header of its own. */
export function toFlowMonitorHeader(request: JsonObject): FlowMonitorHeader {
  const { id, flags, match_len, out_port, table_id } = request as Numbers;
  const fixed = hex(id, 4) + hex(flags, 2) + hex(match_len, 2) + hex(out_port, 4) + hex(table_id, 1);
  return { hex: `${fixed}000000`, matchBytes: match_len! };
}

/** The eight bytes with which the body of a bundle message begins: which bundle, what to do with it (or zeros), how. */
export function toBundleHeaderHex(bundle: JsonObject): string {
  const { bundle_id, type, flags } = bundle as Numbers;
  return hex(bundle_id, 4) + hex(type ?? 0, 2) + hex(flags, 2);
}

/** Fields that are not of 1.3: the upper bits of their headers, and the bytes of an experimenter before the value. */
const FOREIGN_FIELDS: Readonly<Record<string, { readonly header: number; readonly owner?: string }>> = {
  reg0: { header: 0x00010000 },
  reg5: { header: 0x00010a00 },
  tun_ipv4_src: { header: 0x00013e00 },
  tun_ipv4_dst: { header: 0x00014000 },
  pkt_mark: { header: 0x00014200 },
  conj_id: { header: 0x00014a00 },
  ct_state: { header: 0x0001d200 },
  ct_mark: { header: 0x0001d600 },
  /** ONF extension 256, whose type follows the experimenter. */
  pbb_uca: { header: 0xffff0000, owner: '4f4e46000a00' },
  actset_output: { header: 0xffff5600, owner: '4f4e4600' },
};

/** Class and field as they stand in a header, without the mask bit and the length below. */
export function findForeignField(name: string): number | undefined {
  const field = FOREIGN_FIELDS[name];
  return field && field.header >>> 9;
}

/** The payload of such a field: value and mask share what the owner leaves of so many bytes. */
export function toForeignFieldHex(name: string, parts: readonly JsonValue[], payloadBytes: number): string {
  const owner = FOREIGN_FIELDS[name]?.owner ?? '';
  const bytes = (payloadBytes - owner.length / 2) / parts.length;
  return (
    owner + parts.map((part) => (typeof part === 'string' ? hexOfIpv4(part) : hex(part as number, bytes))).join('')
  );
}
