/**
 * The rules of a table that a packet nearly matched, and the first field in which each differs from it.
 *
 * Which of a thousand rules that did not match does somebody who asks have in mind? First those that would have had the packet, had
 * they matched: they come before the rule that did. Among them, and among the others, those of which the most fields are as they
 * want them; then the one of higher priority; then the one that the switch lists first. So the order is total, and the same
 * tables give the same answer.
 */

import { VLAN_PRESENT } from '../wire/openflow/field-knowledge.ts';
import { OXM, type Oxm, type OxmName } from '../wire/openflow/oxm.ts';
import { assert } from '../wire/wire-error.ts';
import type { Difference, FieldNeed, NearMiss } from './explanation.ts';
import type { FlowEntry } from './flow-entry.ts';
import type { Packet } from './packet.ts';
import { type PacketFields, readFields } from './packet-fields.ts';
import { readLayout } from './packet-layout.ts';
import { toPlainName, toPlainValue, toWantedField } from './plain-field.ts';
import { toRuleReference } from './rule-reference.ts';
import { findMismatch, isLeftOut } from './table-lookup.ts';

interface Candidate {
  readonly entry: FlowEntry;
  readonly index: number;
  readonly isHigher: boolean;
  readonly agreed: number;
  readonly asked: number;
}

/** The best `countMax` of those that do not match; `matched` is the entry that does. */
export function findNearMisses(
  entries: readonly FlowEntry[],
  packet: Packet,
  matched: FlowEntry | undefined,
  countMax: number,
): readonly NearMiss[] {
  const fields = readFields(packet);
  const candidates: Candidate[] = [];
  entries.forEach((entry, index) => {
    if (findMismatch(entry.match, fields) === undefined) return;
    const asked = entry.match.filter((wanted) => !isLeftOut(wanted));
    const agreed = asked.filter((wanted) => findMismatch([wanted], fields) === undefined).length;
    const isHigher = matched === undefined || entry.priority > matched.priority;
    candidates.push({ entry, index, isHigher, agreed, asked: asked.length });
  });
  return candidates
    .sort(compare)
    .slice(0, countMax)
    .map(({ entry, index, ...rank }) => ({
      rule: toRuleReference(entry, index),
      ...rank,
      difference: explainDifference(entry, packet, fields),
    }));
}

function compare(a: Candidate, b: Candidate): number {
  return (
    Number(b.isHigher) - Number(a.isHigher) ||
    b.agreed - a.agreed ||
    b.entry.priority - a.entry.priority ||
    a.index - b.index
  );
}

function explainDifference({ match }: FlowEntry, packet: Packet, fields: PacketFields): Difference {
  const mismatch = findMismatch(match, fields);
  assert(mismatch !== undefined, 'a near miss does not match');
  const wanted = toWantedField(mismatch.wanted);
  const { type } = mismatch.wanted;
  if (type === 'unknown') return { type: 'unknownField', wanted };
  if (mismatch.found !== undefined) return { type: 'value', wanted, found: toPlainValue(type, mismatch.found) };
  const needs = findFailingNeed(type, fields);
  if (needs) return { type: 'prerequisite', wanted, needs };
  return { type: isBehindFragment(type, packet) ? 'laterFragment' : 'absent', wanted };
}

/** What the packet would have to be for the field to be there: the outermost condition that fails. */
function findFailingNeed(field: OxmName, fields: PacketFields): FieldNeed | undefined {
  for (const [name, needed] of Object.entries(OXM[field].needs)) {
    const needField = name as OxmName;
    const outer = findFailingNeed(needField, fields);
    if (outer) return outer;
    const found = fields.get(needField);
    const values = typeof needed === 'string' ? [] : (needed as readonly number[]);
    if (found !== undefined && isMet(needed, Number(found))) continue;
    // Nothing says that the packet is of another kind: it is the header that is not there.
    if (found === undefined) return undefined;
    return {
      field: toPlainName(needField),
      values: values.map((value) => toPlainValue(needField, value)),
      found: toPlainValue(needField, found),
    };
  }
  return undefined;
}

function isMet(needed: readonly number[] | 'present' | 'tagged', found: number): boolean {
  if (needed === 'present') return true;
  return needed === 'tagged' ? (found & VLAN_PRESENT) !== 0 : needed.includes(found);
}

/** Fields of what IP carries need its protocol, or a kind of ICMP. */
function isBehindFragment(field: OxmName, { bytes }: Packet): boolean {
  const isBehindIp = Object.keys(OXM[field].needs).some((need) => need === 'ipProto' || need === 'icmpv6Type');
  const { ip } = readLayout(bytes);
  return isBehindIp && ip?.isFragment === true && ip.payloadAt === undefined;
}

/** The best entry that would come first, if only the fields that are not of OpenFlow 1.3 are as it wants them. */
export function findUnknowable(
  entries: readonly FlowEntry[],
  packet: Packet,
  matched: FlowEntry | undefined,
): number | undefined {
  const fields = readFields(packet);
  const isUnknown = ({ type }: Oxm) => type === 'unknown';
  let best: number | undefined;
  entries.forEach(({ match, priority }, index) => {
    const before = best === undefined ? matched : entries[best];
    if (!match.some(isUnknown) || (before && priority < before.priority)) return;
    if (best !== undefined && priority === before?.priority) return;
    const known = match.filter((wanted) => !isUnknown(wanted));
    if (findMismatch(known, fields) === undefined) best = index;
  });
  return best;
}
