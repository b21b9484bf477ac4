/**
 * set_field (OpenFlow 1.3.5, section 7.2.5): a header field, or the tunnel id, gets a value.
 *
 * The value goes where the field is in this packet as it is now. Setting a field that says what follows (eth_type, ip_proto)
 * changes that field and the checksums that cover it, nothing else: what follows keeps its bytes and is from then on read as
 * what the field says.
 */
import type { AnyOxm, Oxm } from '../wire/openflow/oxm.ts';
import { FIELD_PLACES, getPlace } from './field-place.ts';
import type { Packet } from './packet.ts';
import { type Edit, edited, editPlace, noEffect } from './packet-edit.ts';
import { readLayout } from './packet-layout.ts';

export function setField(packet: Packet, field: Oxm): Edit {
  switch (field.type) {
    case 'unknown':
      return noEffect('unknownField');
    case 'inPort':
    case 'inPhyPort':
    case 'metadata':
    case 'ipv6Exthdr':
      return noEffect('notSettable');
    case 'tunnelId':
      return edited({ ...packet, tunnelId: merge(packet.tunnelId ?? 0n, field) as bigint });
    default: {
      const layout = readLayout(packet.bytes);
      const place = FIELD_PLACES[field.type](layout);
      if (!place) return noEffect('noSuchHeader');
      return edited(editPlace(packet, place, merge(getPlace(layout.view, place), field), layout));
    }
  }
}

/** 1.3 has no masks here; rules read from a switch that also speaks 1.5 may have one, and then it must not be passed over. */
function merge(old: number | bigint, { value, mask }: AnyOxm): number | bigint {
  if (mask === undefined) return value;
  const merged = (BigInt(old) & ~BigInt(mask)) | (BigInt(value) & BigInt(mask));
  return typeof value === 'bigint' ? merged : Number(merged);
}
