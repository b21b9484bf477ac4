/** Table features, read and written, and what tables then hold controllers to (OpenFlow 1.3.5, sections 7.3.5.5 and 6.4). */
import { describe, expect, it } from 'vitest';
import { ACTIONS, type Action } from '../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND, FLOW_FLAG } from '../../protocol/wire/openflow/flow.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { toOxmId } from '../../protocol/wire/openflow/oxm.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import type { TableFeatureProperty, TableFeatures } from '../../protocol/wire/openflow/table.ts';
import {
  instructionIds,
  lastTable,
  NO_BYTES,
  oxmIds,
  PIPELINE,
  PROPERTIES,
  read,
  table,
  write,
} from './table-bench.ts';
import { flowMod, output, SECOND, start, udpFrame } from './test-controller.ts';

const ALL_BITS = 0xffff_ffff_ffff_ffffn;

function configured() {
  const made = start({ tableCount: 4 });
  expect(write(made.controller, PIPELINE)).toBeUndefined();
  return made;
}

const IN_PORT: Match = [{ type: 'inPort', value: 1 }];

describe('a switch as it is made', () => {
  it('can do everything in every table, and has 255 of them if asked', () => {
    const { controller } = start({ tableCount: 255 });
    expect(controller.takeOne('featuresReply').nTables).toBe(255);
    const tables = read(controller);
    expect(tables.map(({ tableId }) => tableId)).toEqual(Array.from({ length: 255 }, (_, i) => i));
    expect(tables[0]).toMatchObject({
      metadataMatch: ALL_BITS,
      metadataWrite: ALL_BITS,
      maxEntries: 1_048_576,
      config: 0,
    });
    expect(tables[0]!.properties.map(({ type }) => type)).toEqual([
      'instructions',
      'nextTables',
      'writeActions',
      'applyActions',
      'match',
      'wildcards',
      'writeSetfield',
      'applySetfield',
    ]);
    const actions = tables[0]!.properties.find(({ type }) => type === 'applyActions') as unknown as {
      actions: { id: number }[];
    };
    expect(actions.actions.map(({ id }) => id)).toContain(ACTIONS.setQueue.id);
  });

  it('sends a packet through all of 255 tables', () => {
    const { bench, controller } = start({ tableCount: 255 });
    for (let tableId = 0; tableId < 254; tableId++) {
      controller.send(flowMod({ tableId, instructions: [{ type: 'gotoTable', tableId: tableId + 1 }] }));
    }
    controller.send(flowMod({ tableId: 254, instructions: [output(2)] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
    expect(controller.ask(flowMod({ tableId: 254, instructions: [{ type: 'gotoTable', tableId: 254 }] }))).toMatch(
      /^BAD_INSTRUCTION/,
    );
    expect(controller.multipart({ type: 'table' }).flatMap(({ entries }) => entries)).toHaveLength(255);
  });

  it('refuses rules beyond what a table holds, but not those that take the place of another', () => {
    const { controller } = start({ tableEntriesMax: 2 });
    const add = (value: number, tableId = 0) =>
      controller.ask(flowMod({ tableId, match: [{ type: 'inPort', value }] }));
    expect([add(1), add(2), add(3), add(2), add(3, 1)]).toEqual([
      undefined,
      undefined,
      'FLOW_MOD_FAILED/TABLE_FULL',
      undefined,
      undefined,
    ]);
    expect(controller.flows()).toHaveLength(3);
  });
});

describe('writing table features', () => {
  it('is answered with the new state, which is what was asked for', () => {
    const { controller } = start({ tableCount: 4 });
    const body = { type: 'tableFeatures', entries: PIPELINE } as const;
    controller.send({ type: 'multipartRequest', xid: 9, flags: 0, body });
    expect(controller.takeOne('multipartReply')).toMatchObject({ xid: 9, flags: 0, body });
    expect(read(controller)).toEqual(PIPELINE);
  });

  it('removes the tables that it leaves out, until they are written again', () => {
    const { controller } = configured();
    expect(controller.multipart({ type: 'table' })[0]!.entries.map(({ tableId }) => tableId)).toEqual([0, 2, 3]);
    expect(controller.ask(flowMod({ tableId: 1, match: IN_PORT }))).toBe('FLOW_MOD_FAILED/BAD_TABLE_ID');
    expect(controller.ask({ type: 'tableMod', xid: 1, tableId: 1, config: 0 })).toBe('TABLE_MOD_FAILED/BAD_TABLE');
    const question = { tableId: 1, outPort: PORT.any, outGroup: 0xffff_ffff, cookie: 0n, cookieMask: 0n, match: [] };
    expect(controller.ask({ type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'flow', ...question } })).toBe(
      'BAD_REQUEST/BAD_TABLE_ID',
    );
    expect(write(controller, [table(0), lastTable(1), lastTable(2), lastTable(3)])).toBeUndefined();
    expect(controller.ask(flowMod({ tableId: 1, match: IN_PORT }))).toBeUndefined();
  });

  it('takes the rules of tables that change with it, tells nobody, and leaves those of the others', () => {
    const { bench, controller } = start({ tableCount: 3 });
    const asMade = read(controller);
    const add = (tableId: number) =>
      controller.send(flowMod({ tableId, flags: FLOW_FLAG.sendFlowRem, hardTimeout: 5 }));
    for (const tableId of [0, 1, 2]) add(tableId);
    expect(
      write(
        controller,
        asMade.map((each) => ({ ...each, name: `other ${each.tableId}` })),
      ),
    ).toBeUndefined();
    expect(controller.flows()).toHaveLength(3);
    expect(write(controller, [asMade[0]!, { ...asMade[1]!, maxEntries: 7 }, asMade[2]!])).toBeUndefined();
    expect(controller.flows().map(({ tableId }) => tableId)).toEqual([0, 2]);
    expect(controller.take('flowRemoved')).toEqual([]);
    bench.pass(6 * SECOND);
    expect(controller.take('flowRemoved').map(({ tableId }) => tableId)).toEqual([0, 2]);
  });

  it('as they are changes nothing, and makes the switch as it was', () => {
    const { controller } = start({ tableCount: 4 });
    const asMade = read(controller);
    expect(write(controller, PIPELINE)).toBeUndefined();
    expect(write(controller, asMade)).toBeUndefined();
    expect(read(controller)).toEqual(asMade);
    expect(controller.ask(flowMod({ tableId: 1, match: [{ type: 'ethType', value: 0x0800 }] }))).toBeUndefined();
  });

  const rejected: readonly (readonly [string, readonly TableFeatures[], string])[] = [
    ['a table that the switch has not', [table(0), lastTable(2), lastTable(3), lastTable(4)], 'BAD_TABLE'],
    ['a table twice', [table(0), table(0)], 'BAD_TABLE'],
    ['no table to begin with', [lastTable(2), lastTable(3)], 'BAD_TABLE'],
    ['a way to a table that it removes', [table(0), lastTable(3)], 'BAD_ARGUMENT'],
    ['a way back', [table(0), table(2)], 'BAD_ARGUMENT'],
    ['more rules than there is room for', [{ ...lastTable(0), maxEntries: 1_048_577 }], 'BAD_ARGUMENT'],
    ['unknown configuration', [{ ...lastTable(0), config: 4 }], 'BAD_ARGUMENT'],
    ['a property twice', [table(0, { properties: [...PROPERTIES, PROPERTIES[0]!] })], 'BAD_TYPE'],
    [
      'a property too few',
      [table(0, { properties: PROPERTIES.filter(({ type }) => type !== 'wildcards') })],
      'BAD_TYPE',
    ],
    [
      'a property that 1.3 has not',
      [table(0, { properties: [...PROPERTIES, { type: 'unknown', id: 77, body: NO_BYTES }] })],
      'BAD_TYPE',
    ],
    [
      'an instruction of an experimenter',
      [withProperty({ type: 'instructions', instructions: instructionIds('experimenter') })],
      'BAD_ARGUMENT',
    ],
    [
      'an action that nobody knows',
      [withProperty({ type: 'applyActions', actions: [{ type: 'unknown', id: 99, body: NO_BYTES }] })],
      'BAD_ARGUMENT',
    ],
    [
      'masks of a field that has none',
      [withProperty({ type: 'match', fields: [toOxmId('ethType', true)] })],
      'BAD_ARGUMENT',
    ],
    ['a field that cannot be set', [withProperty({ type: 'writeSetfield', fields: oxmIds('inPort') })], 'BAD_ARGUMENT'],
    ['a field that nobody knows', [withProperty({ type: 'match', fields: [{ header: 0x8000_fe04 }] })], 'BAD_ARGUMENT'],
  ];

  function withProperty(property: TableFeatureProperty): TableFeatures {
    return {
      ...lastTable(0),
      properties: lastTable(0).properties.map((each) => (each.type === property.type ? property : each)),
    };
  }

  it.each(rejected)('with %s is refused, and changes nothing', (_title, entries, code) => {
    const { controller } = start({ tableCount: 4 });
    controller.send(flowMod({ tableId: 1 }));
    const before = read(controller);
    expect(write(controller, entries)).toBe(`TABLE_FEATURES_FAILED/${code}`);
    expect(read(controller)).toEqual(before);
    expect(controller.flows()).toHaveLength(1);
  });

  it('is nothing for a slave, who may read them', () => {
    const { controller } = start({ tableCount: 4 });
    controller.send({ type: 'roleRequest', xid: 1, role: ROLE.slave, generationId: 1n });
    expect(write(controller, PIPELINE)).toBe('BAD_REQUEST/IS_SLAVE');
    expect(read(controller)).toHaveLength(4);
  });
});

describe('a configured table', () => {
  const rule = (fields: Parameters<typeof flowMod>[0]) => flowMod({ match: IN_PORT, ...fields });
  const apply = (...actions: Action[]): Instruction => ({ type: 'applyActions', actions });
  const toPort = { type: 'output', port: 2, maxLen: 0 } as const;
  const setField = (field: Extract<Action, { type: 'setField' }>['field']): Action => ({ type: 'setField', field });
  const ethDst = { type: 'ethDst', value: 2 } as const;
  const metadata = (value: bigint, mask?: bigint) =>
    ({ type: 'metadata', value, ...(mask !== undefined && { mask }) }) as const;
  const tag: Action = { type: 'pushVlan', etherType: 0x8100 };
  const vlan = setField({ type: 'vlanVid', value: 0x1005 });

  it.each<[string, Parameters<typeof flowMod>[0]]>([
    ['fields that it lists', { match: [...IN_PORT, ethDst] }],
    ['fields with a mask that leaves nothing out', { match: [...IN_PORT, { ...ethDst, mask: 0xffff_ffff_ffff }] }],
    ['a mask of zeros for no field at all', { match: [...IN_PORT, { type: 'ethSrc', value: 0, mask: 0 }] }],
    ['the bits of metadata that it matches', { match: [...IN_PORT, metadata(0x100n, 0xf00n)] }],
    ['the bits of metadata that it writes', { instructions: [{ type: 'writeMetadata', metadata: 1n, mask: 0xfn }] }],
    ['tables that it leads to', { instructions: [{ type: 'gotoTable', tableId: 2 }] }],
    ['actions and fields that it lists', { instructions: [apply(tag, vlan, setField(ethDst), toPort)] }],
    [
      'a table-miss entry without the fields that rules need',
      { match: [], priority: 0, instructions: [apply(toPort)] },
    ],
    [
      'a table-miss entry that goes where rules do not',
      { match: [], priority: 0, instructions: [{ type: 'gotoTable', tableId: 3 }] },
    ],
    [
      'a loose modification without the fields that rules need',
      { match: [ethDst], command: FLOW_COMMAND.modify, instructions: [apply(toPort)] },
    ],
    ['a deletion by whatever fields', { match: [{ type: 'ethSrc', value: 1 }], command: FLOW_COMMAND.delete }],
  ])('takes %s', (_title, fields) => {
    const { controller } = configured();
    expect(controller.ask(rule(fields))).toBeUndefined();
  });

  it.each<[string, Parameters<typeof flowMod>[0], string]>([
    ['a field that it does not list', { match: [...IN_PORT, { type: 'ethSrc', value: 1 }] }, 'BAD_MATCH/BAD_FIELD'],
    ['a mask where it takes none', { match: [...IN_PORT, { ...ethDst, mask: 0xffff }] }, 'BAD_MATCH/BAD_MASK'],
    ['metadata beyond its bits', { match: [...IN_PORT, metadata(1n, 1n)] }, 'BAD_MATCH/BAD_MASK'],
    ['metadata without a mask, which are all bits', { match: [...IN_PORT, metadata(1n)] }, 'BAD_MATCH/BAD_MASK'],
    ['a match without a field that every rule has', { match: [ethDst] }, 'BAD_MATCH/BAD_WILDCARDS'],
    ['an empty match above the table-miss entry', { match: [] }, 'BAD_MATCH/BAD_WILDCARDS'],
    [
      'an instruction that it does not list',
      { instructions: [{ type: 'clearActions' }] },
      'BAD_INSTRUCTION/UNSUP_INST',
    ],
    [
      'metadata that it does not write',
      { instructions: [{ type: 'writeMetadata', metadata: 0n, mask: 0x100n }] },
      'BAD_INSTRUCTION/UNSUP_METADATA_MASK',
    ],
    [
      'a table that it does not lead to',
      { instructions: [{ type: 'gotoTable', tableId: 3 }] },
      'BAD_INSTRUCTION/BAD_TABLE_ID',
    ],
    ['a table that was removed', { instructions: [{ type: 'gotoTable', tableId: 1 }] }, 'BAD_INSTRUCTION/BAD_TABLE_ID'],
    [
      'an action that it does not apply',
      { instructions: [apply({ type: 'group', groupId: 1 })] },
      'BAD_ACTION/BAD_TYPE',
    ],
    [
      'an action that it does not write',
      { instructions: [{ type: 'writeActions', actions: [tag] }] },
      'BAD_ACTION/BAD_TYPE',
    ],
    [
      'a field that it does not set',
      { instructions: [apply(setField({ type: 'ethSrc', value: 1 }))] },
      'BAD_ACTION/BAD_SET_TYPE',
    ],
    [
      'a field that it sets at once, written to the action set',
      { instructions: [{ type: 'writeActions', actions: [setField(ethDst)] }] },
      'BAD_ACTION/BAD_SET_TYPE',
    ],
    [
      'a table-miss entry with an instruction for rules only',
      { match: [], priority: 0, instructions: [{ type: 'writeActions', actions: [toPort] }] },
      'BAD_INSTRUCTION/UNSUP_INST',
    ],
    [
      'a modification to what it cannot do',
      { command: FLOW_COMMAND.modifyStrict, instructions: [{ type: 'clearActions' }] },
      'BAD_INSTRUCTION/UNSUP_INST',
    ],
    [
      'a modification of everything to what the table-miss entry cannot do',
      { match: [], command: FLOW_COMMAND.modify, instructions: [{ type: 'gotoTable', tableId: 3 }] },
      'BAD_INSTRUCTION/BAD_TABLE_ID',
    ],
  ])('refuses %s', (_title, fields, error) => {
    const { controller } = configured();
    expect(controller.ask(rule(fields))).toBe(error);
    expect(controller.flows()).toEqual([]);
  });

  it('is full when it says so', () => {
    const { controller } = configured();
    const add = (value: number) => controller.ask(flowMod({ match: [{ type: 'inPort', value }] }));
    expect([1, 2, 3, 4].map(add)).toEqual([undefined, undefined, undefined, 'FLOW_MOD_FAILED/TABLE_FULL']);
  });

  it('forwards as it is told', () => {
    const { bench, controller } = configured();
    controller.send(rule({ instructions: [{ type: 'gotoTable', tableId: 2 }] }));
    controller.send(rule({ tableId: 2, instructions: [apply(toPort)] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
  });
});
