/**
 * A random match with what its fields need (OpenFlow 1.3.5, section 7.2.3.6), taken from the packet that it was made from: a field whose
 * needs that packet does not meet is left out.
 */
import type { PacketFields } from '../../protocol/pipeline/packet-fields.ts';
import { VLAN_PRESENT } from '../../protocol/wire/openflow/field-knowledge.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { type AnyOxm, OXM, type Oxm, type OxmName } from '../../protocol/wire/openflow/oxm.ts';

export function withNeeds(match: Match, fields: PacketFields): Match {
  const done = new Map<OxmName, Oxm>();
  for (const oxm of match) if (oxm.type !== 'unknown') place(oxm, fields, done);
  return [...done.values()];
}

/** Whether the field could be put behind what it needs. */
function place(oxm: AnyOxm, fields: PacketFields, done: Map<OxmName, Oxm>): boolean {
  for (const [name, needed] of Object.entries(OXM[oxm.type].needs)) {
    if (!meet(name as OxmName, needed, fields, done)) return false;
  }
  if (!done.has(oxm.type)) done.set(oxm.type, oxm as Oxm);
  return true;
}

function meet(
  name: OxmName,
  needed: readonly number[] | 'present' | 'tagged',
  fields: PacketFields,
  done: Map<OxmName, Oxm>,
): boolean {
  const known = done.get(name) as AnyOxm | undefined;
  const value = known?.value ?? fields.get(name);
  if (value === undefined) return false;
  if (needed === 'tagged' && (Number(value) & VLAN_PRESENT) === 0) return false;
  if (typeof needed === 'object' && !needed.includes(Number(value))) return false;
  return known !== undefined || place({ type: name, value }, fields, done);
}
