import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../../../../protocol/wire/openflow/instruction.ts';
import { formatInstructions, parseInstructions } from '../../../../../protocol/wire/openflow/text/instruction-text.ts';
import { expectMistake, type Mistake } from './mistake.ts';

const OUTPUT_1 = { type: 'output', port: 1, maxLen: 0 } as const;
const OUTPUT_2 = { type: 'output', port: 2, maxLen: 0 } as const;
const ONES = 0xffff_ffff_ffff_ffffn;

/** Instructions and their texts: printed is the first. */
const INSTRUCTIONS: readonly (readonly [instructions: readonly Instruction[], ...texts: readonly string[]])[] = [
  [[], 'drop', '', 'apply_actions()', 'apply_actions(drop)'],
  [[{ type: 'applyActions', actions: [OUTPUT_1] }], 'output:1', 'apply_actions(1)', 'apply_actions(output:1),'],
  [[{ type: 'gotoTable', tableId: 254 }], 'goto_table:254', 'goto_table(254)', 'goto_table=0xfe'],
  [[{ type: 'meter', meterId: 3 }], 'meter:3'],
  [[{ type: 'clearActions' }], 'clear_actions', 'clear_actions()'],
  [
    [{ type: 'writeActions', actions: [OUTPUT_2] }],
    'write_actions(output:2)',
    'write_actions:output:2',
    'write_actions( 2 )',
  ],
  [[{ type: 'writeActions', actions: [] }], 'write_actions(drop)', 'write_actions()'],
  [
    [{ type: 'writeMetadata', metadata: 5n, mask: ONES }],
    'write_metadata:0x5',
    'write_metadata:5',
    'write_metadata:5/-1',
  ],
  [[{ type: 'writeMetadata', metadata: 0n, mask: 0xffn }], 'write_metadata:0/0xff', 'write_metadata:0x0/255'],
  [
    [
      { type: 'meter', meterId: 1 },
      { type: 'applyActions', actions: [OUTPUT_1, { type: 'decNwTtl' }] },
      { type: 'clearActions' },
      { type: 'writeActions', actions: [OUTPUT_2] },
      { type: 'writeMetadata', metadata: 3n, mask: 7n },
      { type: 'gotoTable', tableId: 5 },
    ],
    'meter:1,output:1,dec_ttl,clear_actions,write_actions(output:2),write_metadata:0x3/0x7,goto_table:5',
    'meter:1 apply_actions(1,dec_ttl) clear_actions write_actions(2) write_metadata:3/7 goto_table:5',
  ],
];

const CASES = INSTRUCTIONS.map(([instructions, ...texts]) => ({ instructions, text: texts[0], texts }));

describe('instructions', () => {
  it.each(CASES)('$text are read from every form of them', ({ instructions, texts }) => {
    for (const text of texts) expect(parseInstructions(text), text).toEqual(instructions);
  });

  it.each(CASES)('$text are printed as ovs-ofctl prints them', ({ instructions, text }) => {
    expect(formatInstructions(instructions)).toBe(text);
  });

  it('are printed in the order in which they are executed, whatever order they came in', () => {
    const instructions: readonly Instruction[] = [
      { type: 'gotoTable', tableId: 2 },
      { type: 'applyActions', actions: [OUTPUT_1] },
      { type: 'meter', meterId: 9 },
    ];
    expect(formatInstructions(instructions)).toBe('meter:9,output:1,goto_table:2');
  });

  it('that nobody knows are shown as their bytes', () => {
    const instructions: readonly Instruction[] = [
      { type: 'experimenter', experimenter: 0x2320, data: Uint8Array.of(1, 2) },
      { type: 'unknown', id: 9, body: Uint8Array.of(3) },
    ];
    expect(formatInstructions(instructions)).toBe('instruction(0x00002320,0102),instruction(9,03)');
  });

  it('written after an action know what it did to the packet', () => {
    expect(formatInstructions(parseInstructions('push_vlan:0x8100,write_actions(mod_vlan_vid:5)'))).toBe(
      'push_vlan:0x8100,write_actions(set_field:4101->vlan_vid)',
    );
  });
});

const MISTAKES: readonly Mistake[] = [
  ['output:1,meter:3', 10, /meter stands before apply_actions/],
  ['goto_table:3,output:1', 14, /the action output stands before goto_table/],
  ['clear_actions,output:1', 15, /the action output stands before clear_actions/],
  ['write_metadata:1,write_actions(1)', 18, /write_actions stands before write_metadata/],
  ['output:1,clear_actions,output:2', 24, /the action output stands before clear_actions/],
  ['meter:1,meter:2', 9, /one meter/],
  ['goto_table:1,goto_table:2', 14, /one goto_table/],
  ['output:1,apply_actions(output:2)', 10, /one apply_actions/],
  ['apply_actions(output:1),output:2', 25, /one apply_actions/],
  ['drop,goto_table:3', 1, /drop stands alone/],
  ['goto_table:3,drop', 14, /drop stands alone/],
  ['gototable:3', 1, /did you mean goto_table\?/],
  ['goto_table', 11, /needs a value/],
  ['goto_table:255', 12, /at most 254/],
  ['meter:x', 7, /meter is a number/],
  ['clear_actions:3', 15, /stands alone/],
  ['write_actions', 14, /needs actions/],
  ['write_actions(output:1,goto_table:2)', 24, /goto_table is an instruction/],
  ['write_actions(output:1,ouptut:2)', 24, /did you mean output\?/],
  ['write_actions(write_actions(1))', 15, /write_actions is an instruction/],
  ['write_actions(output:x)', 22, /a port number or one of/],
  ['write_metadata:5/', 18, /the mask of write_metadata needs a number/],
  ['write_metadata:18446744073709551616', 16, /64 bits/],
];

describe('a mistake in instructions', () => {
  it.each(MISTAKES)('is told with its column and how to mend it: %s', (...mistake) => {
    expectMistake((text) => parseInstructions(text), mistake);
  });
});
