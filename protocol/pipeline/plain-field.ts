/** Fields of packets and matches as an explanation has them: names in snake case, values as `wire/openflow/json.ts` writes them. */
import { oxmSnakeName, toJsonOxm, toJsonOxmValue } from '../wire/openflow/json.ts';
import type { Oxm, OxmName } from '../wire/openflow/oxm.ts';
import type { FieldValue, PlainChange, PlainValue, WantedField } from './explanation.ts';
import type { FieldChange, FieldName, PacketFields } from './packet-fields.ts';

export function toPlainName(field: FieldName): string {
  // The times to live are no match fields, but are named like them.
  return oxmSnakeName(field as OxmName);
}

export function toPlainValue(field: FieldName, value: number | bigint): PlainValue {
  if (field === 'nwTtl' || field === 'mplsTtl') return Number(value);
  return toJsonOxmValue(field, value) as PlainValue;
}

export function toPlainFields(fields: PacketFields): readonly FieldValue[] {
  return [...fields].map(([field, value]) => ({ field: toPlainName(field), value: toPlainValue(field, value) }));
}

export function toPlainChanges(changes: readonly FieldChange[]): readonly PlainChange[] {
  return changes.map(({ field, before, after }) => ({
    field: toPlainName(field),
    ...(before === undefined ? {} : { before: toPlainValue(field, before) }),
    ...(after === undefined ? {} : { after: toPlainValue(field, after) }),
  }));
}

export function toWantedField(wanted: Oxm): WantedField {
  return toJsonOxm(wanted) as unknown as WantedField;
}
