/**
 * OpenFlow 1.3.5, section 7.2.3.6: what is known of a packet, and whether that is enough for a field to have a meaning.
 *
 * A match tells it field by field; actions change it one after the other. So the same few numbers judge prerequisites in both.
 * What a field needs is said in the OXM table.
 */
import { assert } from '../wire-error.ts';
import { OXM, type OxmName } from './oxm.ts';

export interface FieldKnowledge {
  /** Values that are known exactly; -1 for anything. */
  ethType: number;
  ipProto: number;
  icmpv6Type: number;
  /** VLAN tags that are there for certain. */
  tags: number;
  hasInPort: boolean;
}

export function knowNothing(): FieldKnowledge {
  return { ethType: -1, ipProto: -1, icmpv6Type: -1, tags: 0, hasInPort: false };
}

/** A header was put before or taken from what we knew the inside of. */
export function changeEthType(known: FieldKnowledge, ethType: number): void {
  known.ethType = ethType;
  known.ipProto = -1;
  known.icmpv6Type = -1;
}

/** OFPVID_PRESENT: the bit of vlan_vid that says that there is a tag. */
export const VLAN_PRESENT = 0x1000;

/** The field is known to have this value; of a VLAN id it is enough to know its present bit. */
export function learn(known: FieldKnowledge, name: OxmName, value: number | bigint): void {
  if (name === 'inPort') known.hasInPort = true;
  else if (name === 'vlanVid') known.tags = (Number(value) & VLAN_PRESENT) === 0 ? 0 : 1;
  else if (name === 'ethType') known.ethType = Number(value);
  else if (name === 'ipProto') known.ipProto = Number(value);
  else if (name === 'icmpv6Type') known.icmpv6Type = Number(value);
}

interface Need {
  readonly of: 'ethType' | 'ipProto' | 'icmpv6Type' | 'tags' | 'hasInPort';
  readonly values: readonly number[];
  readonly words: string;
}

const NEEDS = Object.fromEntries((Object.keys(OXM) as OxmName[]).map((name) => [name, toNeeds(name)])) as Record<
  OxmName,
  readonly Need[]
>;

function toNeeds(name: OxmName): readonly Need[] {
  return Object.entries(OXM[name].needs).map(toNeed);
}

function toNeed([field, needed]: [string, readonly number[] | 'present' | 'tagged']): Need {
  if (needed === 'tagged') return { of: 'tags', values: [], words: 'a VLAN tag' };
  if (needed === 'present') return { of: 'hasInPort', values: [], words: field };
  assert(
    field === 'ethType' || field === 'ipProto' || field === 'icmpv6Type',
    'a field whose value others need is known',
  );
  const words = needed.map((value) => (field === 'ethType' ? `0x${value.toString(16).padStart(4, '0')}` : `${value}`));
  return { of: field, values: needed, words: `${field} ${words.join(' or ')}` };
}

/** In words, what the field needs and is not known; undefined when nothing is missing. */
export function missingFor(name: OxmName, known: FieldKnowledge): string | undefined {
  const needs = NEEDS[name];
  for (let i = 0; i < needs.length; i++) {
    const need = needs[i]!;
    const isMet =
      need.of === 'tags'
        ? known.tags > 0
        : need.of === 'hasInPort'
          ? known.hasInPort
          : need.values.includes(known[need.of]);
    if (!isMet) return need.words;
  }
  return undefined;
}
