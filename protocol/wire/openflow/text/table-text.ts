/**
 * Flow tables as ofp-print describes them: modification, counters and features (OpenFlow 1.3.5, sections 7.3.3, 7.3.5.4, 7.3.5.5).
 *
 * A switch has up to 254 tables that can all do the same. So a table is compared with the one before it, and what is the same
 * is said to be: `ditto`, or part by part. What is compared is the text, part by part, which is what the reader compares.
 */
import { findOxmName, type OxmId, type OxmName } from '../oxm.ts';
import { TABLE, type TableFeatureProperty, type TableFeatures, type TableStats } from '../table.ts';
import { formatActionIds, formatInstructionIds } from './ability-text.ts';
import { FIELD_TEXT } from './field-text.ts';
import { formatHexNumber, formatPaddedHex } from './number-text.ts';
import { toPrintable } from './printable-text.ts';

export function describeTableMod({ tableId, config }: { readonly tableId: number; readonly config: number }): string {
  const table = tableId === TABLE.all ? ' table_id: ALL_TABLES' : ` table_id=${tableId}`;
  return config === 0 ? table : `${table}, config=${formatHexNumber(config)}`;
}

export function describeTableStats(entries: readonly TableStats[]): string {
  let before = '';
  return entries
    .map(({ tableId, activeCount, lookupCount, matchedCount }) => {
      const counts = `active=${activeCount}, lookup=${lookupCount}, matched=${matchedCount}`;
      const isSame = counts === before;
      before = counts;
      return isSame ? `\n  table ${tableId}: ditto` : `\n  table ${tableId}:\n    ${counts}\n`;
    })
    .join('');
}

/** The parts of a table's features, each as its text; empty where there is nothing to say. */
interface FeatureParts {
  readonly general: string;
  readonly rules: RuleParts;
  readonly misses: RuleParts;
  readonly matching: string;
}

/** What entries of a table can do, or its miss. */
interface RuleParts {
  readonly next: string;
  readonly instructions: string;
  readonly write: string;
  readonly apply: string;
}

export function describeTableFeatures(entries: readonly TableFeatures[]): string {
  let before: FeatureParts | undefined;
  return entries
    .map((entry) => {
      const parts = toParts(entry);
      const name = entry.name === '' ? '' : ` ("${toPrintable(entry.name)}")`;
      const text = `\n  table ${entry.tableId}${name}:${formatParts(parts, before)}`;
      before = parts;
      return text;
    })
    .join('');
}

function formatParts(parts: FeatureParts, before: FeatureParts | undefined): string {
  if (before && isSame(parts, before)) return ' ditto';
  return `\n${parts.general}${formatRuleSections(parts, before)}${formatMatching(parts.matching, before)}`;
}

function isSame<T extends object>(a: T, b: T): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function formatRuleSections({ rules, misses }: FeatureParts, before: FeatureParts | undefined): string {
  if (before && isSame(rules, before.rules) && isSame(misses, before.misses)) {
    return isEmpty(rules) ? '' : '    (same instructions)\n';
  }
  if (isSame(rules, misses)) {
    return isEmpty(rules) ? '' : `    instructions (table miss and others):\n${formatRuleParts(rules, before?.rules)}`;
  }
  const others = `    instructions (other than table miss):\n${formatRuleParts(rules, before?.rules)}`;
  return `${others}    instructions (table miss):\n${formatRuleParts(misses, before?.misses)}`;
}

function isEmpty(parts: RuleParts): boolean {
  return Object.values(parts).every((part) => part === '');
}

function formatRuleParts(parts: RuleParts, before: RuleParts | undefined): string {
  let text = parts.next === '' ? '' : `      next tables: ${parts.next}\n`;
  if (parts.instructions !== '') {
    const isKnown = before?.instructions === parts.instructions;
    text += isKnown ? '      (same instructions)\n' : `      instructions: ${parts.instructions}\n`;
  }
  if (parts.write === '' && parts.apply === '') return text;
  if (parts.write === before?.write && parts.apply === before.apply) return `${text}      (same actions)\n`;
  if (parts.write !== parts.apply) {
    return `${text}      Write-Actions features:\n${parts.write}      Apply-Actions features:\n${parts.apply}`;
  }
  return `${text}      Write-Actions and Apply-Actions features:\n${parts.write}`;
}

function formatMatching(matching: string, before: FeatureParts | undefined): string {
  if (matching === '') return '';
  return matching === before?.matching ? '    (same matching)\n' : `    matching:\n${matching}`;
}

function toParts({ metadataMatch, metadataWrite, maxEntries, properties }: TableFeatures): FeatureParts {
  const isTalking = metadataMatch !== 0n || metadataWrite !== 0n;
  const metadata = `match=${formatHexNumber(metadataMatch)} write=${formatHexNumber(metadataWrite)}`;
  return {
    general: `${isTalking ? `    metadata: ${metadata}\n` : ''}${maxEntries === 0 ? '' : `    max_entries=${maxEntries}\n`}`,
    rules: toRuleParts(properties, ''),
    misses: toRuleParts(properties, 'Miss'),
    matching: formatFields(properties),
  };
}

type PropertyOf<T extends TableFeatureProperty['type']> = Extract<TableFeatureProperty, { readonly type: T }>;

function find<T extends TableFeatureProperty['type']>(
  properties: readonly TableFeatureProperty[],
  ...types: readonly T[]
): PropertyOf<T> | undefined {
  for (const type of types) {
    const found = properties.find((property) => property.type === type);
    if (found) return found as PropertyOf<T>;
  }
  return undefined;
}

/** A property of the miss that is left out is as for the other entries. */
function toRuleParts(properties: readonly TableFeatureProperty[], suffix: '' | 'Miss'): RuleParts {
  const writeIds = find(properties, `writeActions${suffix}`, 'writeActions')?.actions ?? [];
  const applyIds = find(properties, `applyActions${suffix}`, 'applyActions')?.actions ?? [];
  const writeFields = find(properties, `writeSetfield${suffix}`, 'writeSetfield')?.fields ?? [];
  const applyFields = find(properties, `applySetfield${suffix}`, 'applySetfield')?.fields ?? [];
  const instructions = find(properties, `instructions${suffix}`, 'instructions')?.instructions ?? [];
  return {
    next: formatRanges(find(properties, `nextTables${suffix}`, 'nextTables')?.tables ?? []),
    instructions: formatInstructionIds(instructions.map(({ id }) => id)),
    write: formatActionFeatures(formatActionIds(writeIds.map(({ id }) => id)), writeFields),
    apply: formatActionFeatures(formatActionIds(applyIds.map(({ id }) => id)), applyFields),
  };
}

function formatActionFeatures(actions: string, fields: readonly OxmId[]): string {
  const names = sortFields(fields).map(fieldName);
  const settable = names.length === 0 ? '' : `        supported on Set-Field: ${names.join(' ')}\n`;
  return `${actions === '' ? '' : `        actions: ${actions}\n`}${settable}`;
}

/** `1-253,254`: runs of two and more by their ends. */
function formatRanges(tables: readonly number[]): string {
  const given = new Set(tables);
  const runs: string[] = [];
  for (let first = 0; first <= TABLE.all; first++) {
    if (!given.has(first)) continue;
    let last = first;
    while (given.has(last + 1)) last++;
    runs.push(first === last ? String(first) : `${first}-${last}`);
    first = last;
  }
  return runs.join(',');
}

/** OpenFlow 1.3.5, section 7.3.5.5.2: an id with a mask bit can be masked, one in the wildcards too can be left out. */
function formatFields(properties: readonly TableFeatureProperty[]): string {
  const fields = find(properties, 'match')?.fields ?? [];
  const wildcards = new Set((find(properties, 'wildcards')?.fields ?? []).map(fieldName));
  const masked = fields.filter(hasMask);
  const exact = fields.filter((id) => !hasMask(id));
  return [
    formatFieldList('arbitrary mask', masked),
    formatFieldList(
      'exact match or wildcard',
      exact.filter((id) => wildcards.has(fieldName(id))),
    ),
    formatFieldList(
      'must exact match',
      exact.filter((id) => !wildcards.has(fieldName(id))),
    ),
  ].join('');
}

function formatFieldList(how: string, fields: readonly OxmId[]): string {
  return fields.length === 0 ? '' : `      ${how}: ${sortFields(fields).map(fieldName).join(' ')}\n`;
}

function hasMask({ header }: OxmId): boolean {
  return (header & 0x100) !== 0;
}

function fieldName(id: OxmId): string {
  const name = findOxmName(id);
  return name === undefined ? `oxm_${formatPaddedHex(id.header, 8).slice(2)}` : FIELD_TEXT[name].name;
}

/** The order in which Open vSwitch numbers the fields. */
const FIELD_ORDER: readonly OxmName[] = [
  ...(['tunnelId', 'metadata', 'inPort', 'inPhyPort', 'ethSrc', 'ethDst', 'ethType', 'vlanVid', 'vlanPcp'] as const),
  ...(['mplsLabel', 'mplsTc', 'mplsBos', 'pbbIsid', 'ipv4Src', 'ipv4Dst', 'ipv6Src', 'ipv6Dst', 'ipv6Flabel'] as const),
  ...(['ipv6Exthdr', 'ipProto', 'ipDscp', 'ipEcn', 'arpOp', 'arpSpa', 'arpTpa', 'arpSha', 'arpTha'] as const),
  ...(['tcpSrc', 'tcpDst', 'tcpFlags', 'udpSrc', 'udpDst', 'sctpSrc', 'sctpDst', 'icmpv4Type', 'icmpv4Code'] as const),
  ...(['icmpv6Type', 'icmpv6Code', 'ipv6NdTarget', 'ipv6NdSll', 'ipv6NdTll'] as const),
];

function sortFields(fields: readonly OxmId[]): readonly OxmId[] {
  const rank = (id: OxmId) => {
    const name = findOxmName(id);
    return name === undefined ? FIELD_ORDER.length : FIELD_ORDER.indexOf(name);
  };
  return [...fields].sort((a, b) => rank(a) - rank(b));
}
