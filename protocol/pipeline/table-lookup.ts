/**
 * Which entry of a table a packet matches, and why one does not (OpenFlow 1.3.5, sections 5.3, 5.4 and 7.2.3.4).
 *
 * Every entry is looked at, one after the other. That is the definition; whoever needs speed proves that it gives the same.
 */
import type { Match } from '../wire/openflow/match.ts';
import type { Oxm } from '../wire/openflow/oxm.ts';
import type { FlowEntry } from './flow-entry.ts';
import type { PacketFields } from './packet-fields.ts';

export interface Lookup {
  /** Absent: a table miss that no entry is there for. */
  readonly entry: FlowEntry | undefined;
  /**
   * Others of the same priority that match as well. Which of them a switch takes is undefined (section 5.3); here it is the
   * first, and a reader is told.
   */
  readonly rivals: readonly FlowEntry[];
}

export function lookUp(entries: readonly FlowEntry[], fields: PacketFields): Lookup {
  const matching = entries.filter((entry) => findMismatch(entry.match, fields) === undefined);
  const priority = matching.reduce((highest, entry) => Math.max(highest, entry.priority), -1);
  const [entry, ...rivals] = matching.filter((candidate) => candidate.priority === priority);
  return { entry, rivals };
}

/** Section 5.4: the entry that matches everything, with the lowest priority. */
export function isTableMiss(entry: FlowEntry): boolean {
  return entry.priority === 0 && entry.match.every(isLeftOut);
}

export interface Mismatch {
  /** The first of the match that does not hold. */
  readonly wanted: Oxm;
  /** What the packet has there; undefined if it does not have the field. */
  readonly found: number | bigint | undefined;
}

/** Undefined if the packet matches. A field that is not of OpenFlow 1.3 cannot be judged, so it never does. */
export function findMismatch(match: Match, fields: PacketFields): Mismatch | undefined {
  for (const wanted of match) {
    if (isLeftOut(wanted)) continue;
    const found = wanted.type === 'unknown' ? undefined : fields.get(wanted.type);
    if (found === undefined || !isMatching(wanted, found)) return { wanted, found };
  }
  return undefined;
}

/** Section 7.2.3.5: a mask of nothing but zeros says what leaving the field out says, so a packet need not even have it. */
export function isLeftOut(wanted: Oxm): boolean {
  return wanted.type !== 'unknown' && wanted.mask !== undefined && BigInt(wanted.mask) === 0n;
}

function isMatching(wanted: Oxm, found: number | bigint): boolean {
  if (wanted.type === 'unknown') return false;
  if (wanted.mask === undefined) return wanted.value === found;
  const mask = BigInt(wanted.mask);
  return (BigInt(wanted.value) & mask) === (BigInt(found) & mask);
}
