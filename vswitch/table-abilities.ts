/**
 * OpenFlow 1.3.5, section 7.3.5.5: what a flow table can do, in a form that can be asked: sets of fields, instructions and actions.
 *
 * A table that nobody has configured can do everything. Rules and the table-miss entry (`miss`) differ only where a controller said so.
 */
import { ACTIONS } from '../protocol/wire/openflow/action.ts';
import { INSTRUCTIONS } from '../protocol/wire/openflow/instruction.ts';
import { OXM, type OxmName } from '../protocol/wire/openflow/oxm.ts';

/** Of rules, or of the table-miss entry. Instructions and actions are their numbers on the wire. */
export interface EntryAbilities {
  readonly instructions: ReadonlySet<number>;
  readonly nextTables: ReadonlySet<number>;
  readonly writeActions: ReadonlySet<number>;
  readonly applyActions: ReadonlySet<number>;
  readonly writeFields: ReadonlySet<OxmName>;
  readonly applyFields: ReadonlySet<OxmName>;
}

export interface TableAbilities {
  readonly tableId: number;
  readonly name: string;
  /** Bits of metadata that rules may match and write. */
  readonly metadataMatch: bigint;
  readonly metadataWrite: bigint;
  readonly entriesMax: number;
  /** Fields that may be matched, and whether with masks. */
  readonly match: ReadonlyMap<OxmName, boolean>;
  /** Fields that may be left out. */
  readonly wildcards: ReadonlySet<OxmName>;
  readonly rules: EntryAbilities;
  readonly miss: EntryAbilities;
}

export const ALL_BITS = 0xffff_ffff_ffff_ffffn;

const FIELDS = Object.keys(OXM) as OxmName[];
const NOT_SETTABLE: ReadonlySet<OxmName> = new Set(['inPort', 'inPhyPort', 'metadata', 'ipv6Exthdr']);

const MATCH: ReadonlyMap<OxmName, boolean> = new Map(FIELDS.map((name) => [name, OXM[name].maskable]));
const WILDCARDS: ReadonlySet<OxmName> = new Set(FIELDS);
const SETTABLE: ReadonlySet<OxmName> = new Set(FIELDS.filter((name) => !NOT_SETTABLE.has(name)));

const ACTION_IDS = toIds(ACTIONS, [ACTIONS.experimenter.id]);
export const INSTRUCTION_IDS: ReadonlySet<number> = toIds(INSTRUCTIONS, [INSTRUCTIONS.experimenter.id]);
/** From the last table there is nowhere to go. */
const LAST_INSTRUCTION_IDS = toIds(INSTRUCTIONS, [INSTRUCTIONS.experimenter.id, INSTRUCTIONS.gotoTable.id]);

function toIds(variants: Readonly<Record<string, { readonly id: number }>>, left: readonly number[]): Set<number> {
  const ids = Object.values(variants).map(({ id }) => id);
  return new Set(ids.filter((id) => !left.includes(id)));
}

/** Every table, as the switch is made. */
export function allAbilities(tableId: number, tableCount: number, entriesMax: number): TableAbilities {
  const later = Array.from({ length: tableCount - tableId - 1 }, (_, i) => tableId + 1 + i);
  const rules: EntryAbilities = {
    instructions: later.length > 0 ? INSTRUCTION_IDS : LAST_INSTRUCTION_IDS,
    nextTables: new Set(later),
    writeActions: ACTION_IDS,
    applyActions: ACTION_IDS,
    writeFields: SETTABLE,
    applyFields: SETTABLE,
  };
  return {
    tableId,
    name: `table ${tableId}`,
    metadataMatch: ALL_BITS,
    metadataWrite: ALL_BITS,
    entriesMax,
    match: MATCH,
    wildcards: WILDCARDS,
    rules,
    miss: rules,
  };
}

/** Whatever they are called. */
export function canDoSame(a: TableAbilities, b: TableAbilities): boolean {
  return (
    a.metadataMatch === b.metadataMatch &&
    a.metadataWrite === b.metadataWrite &&
    a.entriesMax === b.entriesMax &&
    a.match.size === b.match.size &&
    [...a.match].every(([name, isMaskable]) => b.match.get(name) === isMaskable) &&
    hasSame(a.wildcards, b.wildcards) &&
    areEntriesSame(a.rules, b.rules) &&
    ((a.miss === a.rules && b.miss === b.rules) || areEntriesSame(a.miss, b.miss))
  );
}

const PARTS = [
  'instructions',
  'nextTables',
  'writeActions',
  'applyActions',
  'writeFields',
  'applyFields',
] as const satisfies readonly (keyof EntryAbilities)[];

function areEntriesSame(a: EntryAbilities, b: EntryAbilities): boolean {
  return PARTS.every((part) => hasSame<unknown>(a[part], b[part]));
}

export function hasSame<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) if (!b.has(item)) return false;
  return true;
}
