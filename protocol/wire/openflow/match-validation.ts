/**
 * OpenFlow 1.3.5, sections 7.2.3.3 to 7.2.3.7: whether the fields of a match make sense, alone and in their order.
 *
 * Where the specification is silent this follows Open vSwitch 3.1: mask bits beyond a field's own are nothing, a VLAN id without
 * its "present" bit may be asked for though no packet has one, and an ingress port may be any number. Stricter than Open vSwitch
 * in one thing: a field whose mask is all zeros may be given once only, like any other. Looser in two: ICMP fields need their IP
 * protocol only, as the specification's table has it, not the IP version too, and neighbour discovery does not need code 0.
 */
import { type Fault, fault } from './fault.ts';
import { type FieldKnowledge, knowNothing, learn, missingFor } from './field-knowledge.ts';
import type { Match } from './match.ts';
import { type AnyOxm, OXM, type OxmName, oxmBits } from './oxm.ts';

interface Limits {
  readonly maskable: boolean;
  /** All the field's bits: its greatest value, and the mask that means none. */
  readonly ones: number | bigint;
}

const LIMITS = Object.fromEntries(
  (Object.keys(OXM) as OxmName[]).map((name) => {
    const { maskable, as } = OXM[name];
    const bits = oxmBits(name);
    const isBig = as.shape.type === 'uint64' || as.shape.type === 'ipv6';
    return [name, { maskable, ones: isBig ? (1n << BigInt(bits)) - 1n : 2 ** bits - 1 }];
  }),
) as Record<OxmName, Limits>;

/** `known`, if given, learns what the match says. */
export function findMatchFault(match: Match, known: FieldKnowledge = knowNothing()): Fault | undefined {
  for (let i = 0; i < match.length; i++) {
    const oxm = match[i]!;
    if (oxm.type === 'unknown') {
      return fault('BAD_MATCH/BAD_FIELD', [i], `OXM header 0x${oxm.header.toString(16)} is no field of ours`);
    }
    const found = findFieldFault(oxm, known);
    if (found) return fault(found.error, [i], found.reason);
    for (let k = 0; k < i; k++) {
      if (match[k]!.type === oxm.type) return fault('BAD_MATCH/DUP_FIELD', [i], `${oxm.type} for the second time`);
    }
    // A mask of zeros asks for nothing; of a field that others need there is no other mask but ones.
    if (!isZero(oxm.mask)) learn(known, oxm.type, oxm.value);
  }
  return undefined;
}

function findFieldFault(oxm: AnyOxm, known: FieldKnowledge): Fault | undefined {
  const { type, value, mask } = oxm;
  if (!isInRange(type, value)) return fault('BAD_MATCH/BAD_VALUE', [], `${type} has no value ${value}`);
  if (mask !== undefined) {
    // Section 7.2.3.5: all ones mean no mask, all zeros no field, and both may be said of any field.
    if (!LIMITS[type].maskable && !isZero(mask) && !hasAllOnes(type, mask)) {
      return fault('BAD_MATCH/BAD_MASK', [], `${type} is matched whole or not at all`);
    }
    if (hasBitsOutside(value, mask)) {
      return fault('BAD_MATCH/BAD_WILDCARDS', [], `${type} ${value} has bits that its mask ${mask} leaves out`);
    }
  }
  const missing = missingFor(type, known);
  if (missing === undefined) return undefined;
  return fault('BAD_MATCH/BAD_PREREQ', [], `${type} needs ${missing} before it`);
}

/** Whether the value fits into the field's bits. */
export function isInRange(name: OxmName, value: number | bigint): boolean {
  return value >= 0 && value <= LIMITS[name].ones && (typeof value === 'bigint' || Number.isInteger(value));
}

function isZero(mask: number | bigint | undefined): boolean {
  return mask === 0 || mask === 0n;
}

function hasAllOnes(name: OxmName, mask: number | bigint): boolean {
  return !hasBitsOutside(LIMITS[name].ones, mask);
}

function hasBitsOutside(value: number | bigint, mask: number | bigint): boolean {
  if (typeof value === 'bigint' || typeof mask === 'bigint') return (BigInt(value) & ~BigInt(mask)) !== 0n;
  if ((value & ~mask) !== 0) return true;
  // MAC addresses: what 32-bit operators do not see.
  return (Math.floor(value / 0x1_0000_0000) & ~Math.floor(mask / 0x1_0000_0000)) !== 0;
}
