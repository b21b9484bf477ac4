/**
 * OpenFlow 1.3.5, sections 7.3.3 and 7.3.5.5: whether a table_mod or a description of tables' features makes sense.
 */
import { type Fault, fault, type ValidationOptions, within } from './fault.ts';
import type { MessageOf } from './message.ts';
import { findOxmName } from './oxm.ts';
import { TABLE, type TableFeatureProperty, type TableFeatures } from './table.ts';

/** OFPTC_DEPRECATED_MASK: two bits of 1.1, without meaning since, that old controllers still set. */
const CONFIG_BITS = 3;

export function findTableModFault({ config }: MessageOf<'tableMod'>): Fault | undefined {
  if ((config & ~CONFIG_BITS) === 0) return undefined;
  return fault('TABLE_MOD_FAILED/BAD_CONFIG', ['config'], `config 0x${config.toString(16)}, and 1.3 has none`);
}

export function findTableFeaturesFault(
  entries: readonly TableFeatures[],
  options: ValidationOptions,
): Fault | undefined {
  const tables = new Set<number>();
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    const { tableId } = entry;
    if (tableId > TABLE.max || tables.has(tableId)) {
      const reason = tables.has(tableId)
        ? `table ${tableId} for the second time`
        : `no table has the number ${tableId}`;
      return fault('TABLE_FEATURES_FAILED/BAD_TABLE', ['entries', i, 'tableId'], reason);
    }
    tables.add(tableId);
    const found = findPropertiesFault(entry, options);
    if (found) return within(found, 'entries', i, 'properties');
  }
  return undefined;
}

function findPropertiesFault({ tableId, properties }: TableFeatures, options: ValidationOptions): Fault | undefined {
  const types = new Set<string>();
  for (let i = 0; i < properties.length; i++) {
    const property = properties[i]!;
    const found = findPropertyFault(property, tableId, options);
    if (found) return within(found, i);
    const isExperimenter = property.type === 'experimenter' || property.type === 'experimenterMiss';
    if (!isExperimenter && types.has(property.type)) {
      return fault('TABLE_FEATURES_FAILED/BAD_TYPE', [i], `${property.type} for the second time`);
    }
    types.add(property.type);
  }
  return undefined;
}

function findPropertyFault(
  property: TableFeatureProperty,
  tableId: number,
  options: ValidationOptions,
): Fault | undefined {
  switch (property.type) {
    case 'unknown':
      return fault('TABLE_FEATURES_FAILED/BAD_TYPE', [], `property type ${property.id}`);
    case 'experimenter':
    case 'experimenterMiss':
      if (options.experimenters?.has(property.experimenter)) return undefined;
      return fault('TABLE_FEATURES_FAILED/BAD_TYPE', ['experimenter'], `experimenter ${property.experimenter}`);
    case 'nextTables':
    case 'nextTablesMiss': {
      const i = property.tables.findIndex((next) => next <= tableId || next > TABLE.max);
      if (i < 0) return undefined;
      const reason = `from table ${tableId} there is no way to ${property.tables[i]}`;
      return fault('TABLE_FEATURES_FAILED/BAD_ARGUMENT', ['tables', i], reason);
    }
    case 'match':
    case 'wildcards':
    case 'writeSetfield':
    case 'writeSetfieldMiss':
    case 'applySetfield':
    case 'applySetfieldMiss': {
      const i = property.fields.findIndex((field) => findOxmName(field) === undefined);
      if (i < 0) return undefined;
      const reason = `OXM header 0x${property.fields[i]!.header.toString(16)} is no field of ours`;
      return fault('TABLE_FEATURES_FAILED/BAD_ARGUMENT', ['fields', i], reason);
    }
    default:
      return undefined;
  }
}
