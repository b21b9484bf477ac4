/** Descriptions of tables, for tests that write them. */
import { ACTIONS } from '../../protocol/wire/openflow/action.ts';
import { INSTRUCTIONS } from '../../protocol/wire/openflow/instruction.ts';
import { type OxmName, toOxmId } from '../../protocol/wire/openflow/oxm.ts';
import type { TableFeatureProperty, TableFeatures } from '../../protocol/wire/openflow/table.ts';
import type { TestController } from './test-controller.ts';

export const NO_BYTES = new Uint8Array(0);

export const instructionIds = (...types: (keyof typeof INSTRUCTIONS)[]) =>
  types.map((type) => ({ type: 'unknown', id: INSTRUCTIONS[type].id, body: NO_BYTES }) as const);
const actionIds = (...types: (keyof typeof ACTIONS)[]) =>
  types.map((type) => ({ type: 'unknown', id: ACTIONS[type].id, body: NO_BYTES }) as const);
export const oxmIds = (...names: OxmName[]) => names.map((name) => toOxmId(name));

/** A table that matches destination addresses, and must match an ingress port; it forwards, sets a VLAN, and goes on. */
export const PROPERTIES: readonly TableFeatureProperty[] = [
  { type: 'instructions', instructions: instructionIds('applyActions', 'writeActions', 'writeMetadata', 'gotoTable') },
  { type: 'instructionsMiss', instructions: instructionIds('applyActions', 'gotoTable') },
  { type: 'nextTables', tables: [2] },
  { type: 'nextTablesMiss', tables: [2, 3] },
  { type: 'writeActions', actions: actionIds('output', 'setField') },
  { type: 'applyActions', actions: actionIds('output', 'pushVlan', 'setField') },
  { type: 'match', fields: [...oxmIds('inPort', 'ethDst'), toOxmId('metadata', true)] },
  { type: 'wildcards', fields: oxmIds('ethDst', 'metadata') },
  { type: 'writeSetfield', fields: oxmIds('vlanVid') },
  { type: 'applySetfield', fields: oxmIds('vlanVid', 'ethDst') },
];

export function table(tableId: number, fields: Partial<TableFeatures> = {}): TableFeatures {
  return {
    tableId,
    name: `stage ${tableId}`,
    metadataMatch: 0xff00n,
    metadataWrite: 0x00ffn,
    config: 0,
    maxEntries: 3,
    properties: PROPERTIES,
    ...fields,
  };
}

/** The last table of a pipeline leads nowhere; what its table-miss entry does alike is left out. */
export function lastTable(tableId: number): TableFeatures {
  const properties = PROPERTIES.filter(({ type }) => type !== 'nextTablesMiss').map((property) =>
    property.type === 'nextTables' ? { ...property, tables: [] } : property,
  );
  return table(tableId, { properties });
}

export const PIPELINE = [table(0), lastTable(2), lastTable(3)];

export function read(controller: TestController): readonly TableFeatures[] {
  return controller.multipart({ type: 'tableFeatures', entries: [] }).flatMap(({ entries }) => entries);
}

export function write(controller: TestController, entries: readonly TableFeatures[]): string | undefined {
  const error = controller.ask({
    type: 'multipartRequest',
    xid: 9,
    flags: 0,
    body: { type: 'tableFeatures', entries },
  });
  controller.take('multipartReply');
  return error;
}
