/** Flow rules that a switch does not take (OpenFlow 1.3.5, sections 6.4 and 7.4.4). */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND } from '../../protocol/wire/openflow/flow.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { flowMod, output, start, udpFrame } from './test-controller.ts';

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

  it('take no instructions by a modification that would make their statistics longer than a message', () => {
    const { controller } = start();
    const ones = (1n << 128n) - 1n;
    const match = [
      { type: 'ethType', value: 0x86dd },
      { type: 'ipv6Src', value: 1n, mask: ones },
      { type: 'ipv6Dst', value: 2n, mask: ones },
    ] as const;
    controller.send(flowMod({ match }));
    const toPort: Action = { type: 'output', port: 1, maxLen: 0 };
    const outputs = (count: number): Instruction => ({
      type: 'applyActions',
      actions: Array.from({ length: count }, () => toPort),
    });
    const modify = (count: number) =>
      controller.ask(flowMod({ command: FLOW_COMMAND.modify, instructions: [outputs(count)] }));
    expect(modify(4089)).toBe('BAD_ACTION/TOO_MANY');
    expect(modify(4000)).toBeUndefined();
    expect(controller.flows()).toMatchObject([{ match, instructions: [outputs(4000)] }]);
  });

  it('are told with the metadata that they were sent with, to the bits that their mask leaves out', () => {
    const { bench, controller } = start();
    const toNext = { type: 'gotoTable', tableId: 1 } as const;
    const write = (metadata: bigint) => ({ type: 'writeMetadata', metadata, mask: 0x0fn }) as const;
    controller.send(flowMod({ match: [{ type: 'inPort', value: 1 }], instructions: [write(0xf5n), toNext] }));
    controller.send(flowMod({ match: [{ type: 'inPort', value: 2 }], instructions: [write(0x05n), toNext] }));
    controller.send(flowMod({ tableId: 1, match: [{ type: 'metadata', value: 0x05n }], instructions: [output(3)] }));
    const told = (value: number) => controller.flows(0, [{ type: 'inPort', value }])[0]!.instructions[0];
    expect([told(1), told(2)]).toEqual([write(0xf5n), write(0x05n)]);
    bench.receive(1, udpFrame());
    bench.receive(2, udpFrame());
    expect(bench.takePorts()).toEqual([3, 3]);
  });
});
