/** Flow rules that a switch does not take (OpenFlow 1.3.5, sections 6.4 and 7.4.4). */
import { describe, expect, it } from 'vitest';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { flowMod, output, start } from './test-controller.ts';

describe('rules', () => {
  it('that are refused leave the tables as they were, with the right error', () => {
    const { controller } = start({ tableCount: 4 });
    controller.send(flowMod({ cookie: 1n }));
    const refused = (fields: Parameters<typeof flowMod>[0]) => controller.ask(flowMod({ priority: 5, ...fields }));
    expect(refused({ tableId: 4 })).toBe('FLOW_MOD_FAILED/BAD_TABLE_ID');
    expect(refused({ tableId: 0xff })).toBe('FLOW_MOD_FAILED/BAD_TABLE_ID');
    expect(refused({ match: [{ type: 'tcpDst', value: 80 }] })).toBe('BAD_MATCH/BAD_PREREQ');
    const untagged = [
      { type: 'vlanVid', value: 0 },
      { type: 'vlanPcp', value: 7 },
    ] as const;
    expect(refused({ match: untagged })).toBe('BAD_MATCH/BAD_PREREQ');
    expect(refused({ instructions: [output(9)] })).toBe('BAD_ACTION/BAD_OUT_PORT');
    expect(refused({ instructions: [output(PORT.local)] })).toBe('BAD_ACTION/BAD_OUT_PORT');
    expect(refused({ instructions: [{ type: 'gotoTable', tableId: 4 }] })).toBe('BAD_INSTRUCTION/BAD_TABLE_ID');
    expect(refused({ instructions: [{ type: 'meter', meterId: 1 }] })).toBe('METER_MOD_FAILED/UNKNOWN_METER');
    const group = { type: 'writeActions', actions: [{ type: 'group', groupId: 1 }] } as const;
    expect(refused({ instructions: [group] })).toBe('BAD_ACTION/BAD_OUT_GROUP');
    const queue = { type: 'applyActions', actions: [{ type: 'setQueue', queueId: 1 }] } as const;
    expect(refused({ instructions: [queue] })).toBe('BAD_ACTION/BAD_QUEUE');
    expect(refused({ bufferId: 3 })).toBe('BAD_REQUEST/BUFFER_UNKNOWN');
    expect(refused({ command: 9 })).toBe('FLOW_MOD_FAILED/BAD_COMMAND');
    expect(controller.flows()).toMatchObject([{ cookie: 1n }]);
  });
});
