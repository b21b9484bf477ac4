/**
 * The values of all match fields that a packet has (OpenFlow 1.3.5, sections 7.2.3.8 and 7.2.3.9), and how two packets differ in them.
 *
 * A field that a packet does not have is not in the map, which is not the same as zero: an entry that needs it does not match.
 * Pipeline fields are always there, zero if nobody set them; so is vlan_vid, which says that there is no tag.
 */
import { VLAN_PRESENT } from '../wire/openflow/field-knowledge.ts';
import type { OxmName } from '../wire/openflow/oxm.ts';
import { FIELD_PLACES, getPlace, type HeaderField } from './field-place.ts';
import type { Packet } from './packet.ts';
import { type PacketLayout, readLayout } from './packet-layout.ts';

/** A match field, or a time to live. */
export type FieldName = OxmName | HeaderField;

export type PacketFields = ReadonlyMap<FieldName, number | bigint>;

/** One field that an action changed, added or took away. */
export interface FieldChange {
  readonly field: FieldName;
  readonly before: number | bigint | undefined;
  readonly after: number | bigint | undefined;
}

const ROWS = Object.entries(FIELD_PLACES) as [HeaderField, (typeof FIELD_PLACES)[HeaderField]][];

export function readFields(packet: Packet, layout: PacketLayout = readLayout(packet.bytes)): PacketFields {
  const fields = new Map<FieldName, number | bigint>([
    ['inPort', packet.inPort],
    ['inPhyPort', packet.inPhyPort ?? packet.inPort],
    ['metadata', packet.metadata ?? 0n],
    ['tunnelId', packet.tunnelId ?? 0n],
  ]);
  for (const [field, findPlace] of ROWS) {
    const place = findPlace(layout);
    if (place) fields.set(field, getPlace(layout.view, place));
  }
  if (layout.etherType === undefined) return fields;
  fields.set('ethType', layout.etherType);
  const vid = fields.get('vlanVid') as number | undefined;
  fields.set('vlanVid', vid === undefined ? 0 : vid + VLAN_PRESENT);
  if (layout.ip?.version === 6) fields.set('ipv6Exthdr', layout.ip.extensionBits);
  return fields;
}

export function diffFields(before: Packet, after: Packet): readonly FieldChange[] {
  const old = readFields(before);
  const now = readFields(after);
  const changes: FieldChange[] = [];
  for (const field of new Set([...old.keys(), ...now.keys()])) {
    if (old.get(field) !== now.get(field)) changes.push({ field, before: old.get(field), after: now.get(field) });
  }
  return changes;
}
