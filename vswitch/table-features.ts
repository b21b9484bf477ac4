/**
 * OpenFlow 1.3.5, section 7.3.5.5.2: what tables can do, as the wire says it: written for a reply, and read from a request.
 *
 * Properties of the table-miss entry are left out where they are as those of other rules. A request is read against what the table could do
 * when the switch was made: what goes beyond that cannot be configured.
 */
import type { ErrorName } from '../protocol/wire/openflow/error.ts';
import { findOxmName, type OxmId, type OxmName, toOxmId } from '../protocol/wire/openflow/oxm.ts';
import type { UnknownTlv } from '../protocol/wire/openflow/struct.ts';
import type { TableFeatureProperty, TableFeatures } from '../protocol/wire/openflow/table.ts';
import { refuse } from './refusal.ts';
import { type EntryAbilities, hasSame, INSTRUCTION_IDS, type TableAbilities } from './table-abilities.ts';

const NO_BYTES = new Uint8Array(0);

/** OFPTC_DEPRECATED_MASK: bits of 1.1 without meaning, which old controllers still set. */
const CONFIG_BITS = 3;

type Part = keyof EntryAbilities;

/** The properties of entries, in the order of the specification; behind each the same for the table-miss entry. */
const PARTS = [
  ['instructions', 'instructions', 'instructionsMiss'],
  ['nextTables', 'nextTables', 'nextTablesMiss'],
  ['writeActions', 'writeActions', 'writeActionsMiss'],
  ['applyActions', 'applyActions', 'applyActionsMiss'],
  ['writeFields', 'writeSetfield', 'writeSetfieldMiss'],
  ['applyFields', 'applySetfield', 'applySetfieldMiss'],
] as const satisfies readonly (readonly [Part, TableFeatureProperty['type'], TableFeatureProperty['type']])[];

type ListProperty = Exclude<TableFeatureProperty, { readonly type: 'unknown' | 'experimenter' | 'experimenterMiss' }>;
type ListType = ListProperty['type'];

/** What is not a field is kept as a number. */
type Item = number | OxmName;

export function describeTable(table: TableAbilities): TableFeatures {
  const properties: TableFeatureProperty[] = [];
  const addPart = ([part, type, missType]: (typeof PARTS)[number]) => {
    properties.push(toProperty(type, table.rules[part]));
    if (!hasSame<Item>(table.rules[part], table.miss[part])) properties.push(toProperty(missType, table.miss[part]));
  };
  for (const part of PARTS.slice(0, 4)) addPart(part);
  properties.push({ type: 'match', fields: [...table.match].map(([name, isMaskable]) => toOxmId(name, isMaskable)) });
  properties.push(toProperty('wildcards', table.wildcards));
  for (const part of PARTS.slice(4)) addPart(part);
  return {
    tableId: table.tableId,
    name: table.name,
    metadataMatch: table.metadataMatch,
    metadataWrite: table.metadataWrite,
    config: 0,
    maxEntries: table.entriesMax,
    properties,
  };
}

function toProperty(type: Exclude<ListType, 'match'>, items: ReadonlySet<Item>): TableFeatureProperty {
  switch (type) {
    case 'instructions':
    case 'instructionsMiss':
      return { type, instructions: toTlvs(items) };
    case 'writeActions':
    case 'writeActionsMiss':
    case 'applyActions':
    case 'applyActionsMiss':
      return { type, actions: toTlvs(items) };
    case 'nextTables':
    case 'nextTablesMiss':
      return { type, tables: [...items] as number[] };
    default:
      return { type, fields: ([...items] as OxmName[]).map((name) => toOxmId(name)) };
  }
}

function toTlvs(ids: ReadonlySet<Item>): readonly UnknownTlv[] {
  return ([...ids] as number[]).map((id) => ({ type: 'unknown', id, body: NO_BYTES }));
}

/** Throws what there is against it. The features have been validated: no property twice, no unknown fields, no way back. */
export function readTable(features: TableFeatures, possible: TableAbilities): TableAbilities {
  const { tableId, name, metadataMatch, metadataWrite, config, maxEntries } = features;
  if ((config & ~CONFIG_BITS) !== 0)
    fail('BAD_ARGUMENT', tableId, `config 0x${config.toString(16)} is nothing of 1.3's`);
  if (maxEntries > possible.entriesMax) {
    fail('BAD_ARGUMENT', tableId, `${maxEntries} rules are more than the ${possible.entriesMax} that it can hold`);
  }
  const byType = new Map(features.properties.map((property) => [property.type, property]));
  const rules: Partial<Record<Part, ReadonlySet<Item>>> = {};
  const miss: Partial<Record<Part, ReadonlySet<Item>>> = {};
  for (const [part, type, missType] of PARTS) {
    const asked = readItems(byType.get(type)) ?? failMissing(type, tableId);
    // To go on may be listed where there is nowhere to go to.
    const most = part === 'instructions' ? INSTRUCTION_IDS : possible.rules[part];
    rules[part] = within(asked, most, type, tableId);
    miss[part] = within(readItems(byType.get(missType)) ?? asked, most, missType, tableId);
  }
  const match = byType.get('match') ?? failMissing('match', tableId);
  return {
    tableId,
    name,
    metadataMatch,
    metadataWrite,
    entriesMax: maxEntries,
    match: readMatch((match as { readonly fields: readonly OxmId[] }).fields, possible, tableId),
    wildcards: (readItems(byType.get('wildcards')) ?? failMissing('wildcards', tableId)) as ReadonlySet<OxmName>,
    rules: rules as unknown as EntryAbilities,
    miss: miss as unknown as EntryAbilities,
  };
}

function readItems(property: TableFeatureProperty | undefined): ReadonlySet<Item> | undefined {
  if (property === undefined) return undefined;
  if ('tables' in property) return new Set(property.tables);
  if ('actions' in property) return new Set(property.actions.map(({ id }) => id));
  if ('instructions' in property) return new Set(property.instructions.map(({ id }) => id));
  return 'fields' in property ? new Set(property.fields.map((id) => findOxmName(id)!)) : undefined;
}

function within(asked: ReadonlySet<Item>, possible: ReadonlySet<Item>, type: string, tableId: number) {
  for (const item of asked)
    if (!possible.has(item)) fail('BAD_ARGUMENT', tableId, `${type} with ${item} is not possible`);
  return asked;
}

/** A field may be there twice, with its mask bit and without. */
function readMatch(ids: readonly OxmId[], possible: TableAbilities, tableId: number): ReadonlyMap<OxmName, boolean> {
  const match = new Map<OxmName, boolean>();
  for (const id of ids) {
    const name = findOxmName(id)!;
    const isMasked = (id.header & 0x100) !== 0;
    if (isMasked && !possible.match.get(name)) fail('BAD_ARGUMENT', tableId, `${name} is matched without a mask`);
    match.set(name, isMasked || match.get(name) === true);
  }
  return match;
}

/** Section 7.3.5.5.1: exactly one of each property, but for those of the table-miss entry. */
function failMissing(type: string, tableId: number): never {
  return fail('BAD_TYPE', tableId, `there are no ${type}`);
}

type TableError =
  Extract<ErrorName, `TABLE_FEATURES_FAILED/${string}`> extends `TABLE_FEATURES_FAILED/${infer Code}` ? Code : never;

function fail(code: TableError, tableId: number, reason: string): never {
  return refuse(`TABLE_FEATURES_FAILED/${code}`, `table ${tableId}: ${reason}`);
}
