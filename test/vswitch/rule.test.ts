/** Flow rules as controllers make and unmake them (OpenFlow 1.3.5, sections 5.5 and 6.4). */
import { describe, expect, it } from 'vitest';
import { FLOW_COMMAND, FLOW_FLAG, FLOW_REMOVED_REASON } from '../../protocol/wire/openflow/flow.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { flowMod, output, SECOND, start, udpFrame } from './test-controller.ts';

describe('rules', () => {
  it('end when nobody has used them, or when their time is up, and the controller is told why', () => {
    const { bench, controller } = start();
    const flags = FLOW_FLAG.sendFlowRem;
    controller.send(
      flowMod({ cookie: 1n, flags, idleTimeout: 2, match: [{ type: 'inPort', value: 1 }], instructions: [output(2)] }),
    );
    controller.send(flowMod({ cookie: 2n, flags, hardTimeout: 3, match: [{ type: 'inPort', value: 2 }] }));
    bench.pass(1.5 * SECOND);
    bench.receive(1, udpFrame());
    bench.pass(1.4 * SECOND);
    expect(controller.take('flowRemoved')).toEqual([]);
    bench.pass(0.2 * SECOND);
    expect(controller.takeOne('flowRemoved')).toMatchObject({
      cookie: 2n,
      reason: FLOW_REMOVED_REASON.hardTimeout,
      durationSec: 3,
      durationNsec: 0,
    });
    bench.pass(SECOND);
    expect(controller.takeOne('flowRemoved')).toMatchObject({
      cookie: 1n,
      reason: FLOW_REMOVED_REASON.idleTimeout,
      packetCount: 1n,
      durationSec: 3,
      durationNsec: 0.5 * SECOND,
    });
    expect(controller.flows()).toEqual([]);
    expect(bench.device.pollAt()).toBeGreaterThan(bench.now);
  });

  it('that have ended match no packet, even if nobody polled', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ hardTimeout: 1, instructions: [output(2)] }));
    bench.receive(1, udpFrame());
    bench.now += SECOND;
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
  });

  it('take the place of an equal one: with its counters, without its age, without a word', () => {
    const { bench, controller } = start();
    const rule = { flags: FLOW_FLAG.sendFlowRem, match: [{ type: 'inPort', value: 1 }] } as const;
    controller.send(flowMod({ ...rule, cookie: 1n, instructions: [output(2)] }));
    bench.receive(1, udpFrame());
    bench.now += 5 * SECOND;
    controller.send(flowMod({ ...rule, cookie: 2n, instructions: [output(3)] }));
    expect(controller.flows()).toMatchObject([{ cookie: 2n, packetCount: 1n, durationSec: 0 }]);
    controller.send(flowMod({ ...rule, flags: FLOW_FLAG.resetCounts, cookie: 3n }));
    expect(controller.flows()).toMatchObject([{ cookie: 3n, packetCount: 0n }]);
    expect(controller.take('flowRemoved')).toEqual([]);
  });

  it('are not added over an overlapping one of the same priority when CHECK_OVERLAP asks', () => {
    const { controller } = start();
    controller.send(flowMod({ match: [{ type: 'ethType', value: 0x0800 }] }));
    const check = flowMod({ flags: FLOW_FLAG.checkOverlap, match: [{ type: 'inPort', value: 1 }] });
    expect(controller.ask(check)).toBe('FLOW_MOD_FAILED/OVERLAP');
    expect(controller.ask({ ...check, priority: 99 })).toBeUndefined();
    expect(controller.ask({ ...check, match: [{ type: 'ethType', value: 0x0806 }] })).toBeUndefined();
    expect(controller.flows()).toHaveLength(3);
  });

  const port1 = { type: 'inPort', value: 1 } as const;
  const ip = { type: 'ethType', value: 0x0800 } as const;

  it('are modified strictly by match and priority, loosely by everything within the match, never added', () => {
    const { controller } = start();
    controller.send(flowMod({ cookie: 1n, priority: 1, match: [port1] }));
    controller.send(flowMod({ cookie: 2n, priority: 2, match: [port1, ip] }));
    controller.send(
      flowMod({ command: FLOW_COMMAND.modifyStrict, priority: 1, match: [port1], instructions: [output(2)] }),
    );
    const ports = () => controller.flows().map(({ cookie, instructions }) => [cookie, instructions.length]);
    expect(new Set(ports())).toEqual(
      new Set([
        [1n, 1],
        [2n, 0],
      ]),
    );
    controller.send(flowMod({ command: FLOW_COMMAND.modify, priority: 9, match: [port1], instructions: [] }));
    expect(new Set(ports())).toEqual(
      new Set([
        [1n, 0],
        [2n, 0],
      ]),
    );
    controller.send(
      flowMod({ command: FLOW_COMMAND.modify, cookie: 2n, cookieMask: 0xffn, match: [], instructions: [output(4)] }),
    );
    expect(new Set(ports())).toEqual(
      new Set([
        [1n, 0],
        [2n, 1],
      ]),
    );
    controller.send(flowMod({ command: FLOW_COMMAND.modify, match: [{ type: 'inPort', value: 3 }] }));
    expect(controller.flows()).toHaveLength(2);
  });

  it('are deleted by match, table, cookie, port and group, and a deletion is told to who asked for it', () => {
    const { controller } = start();
    const flags = FLOW_FLAG.sendFlowRem;
    const add = () => {
      controller.send(flowMod({ command: FLOW_COMMAND.delete, tableId: 0xff }));
      controller.take('flowRemoved');
      controller.send(flowMod({ flags, cookie: 1n, match: [port1], instructions: [output(2)] }));
      controller.send(flowMod({ flags, cookie: 2n, match: [port1, ip], instructions: [output(3)] }));
      controller.send(flowMod({ flags, cookie: 3n, tableId: 1, match: [ip], instructions: [output(3)] }));
    };
    const removed = (fields: Parameters<typeof flowMod>[0]) => {
      add();
      controller.send(flowMod({ command: FLOW_COMMAND.delete, tableId: 0xff, ...fields }));
      return controller
        .take('flowRemoved')
        .map(({ cookie }) => Number(cookie))
        .sort();
    };
    expect(removed({})).toEqual([1, 2, 3]);
    expect(removed({ tableId: 1 })).toEqual([3]);
    expect(removed({ match: [ip] })).toEqual([2, 3]);
    expect(removed({ command: FLOW_COMMAND.deleteStrict, match: [ip] })).toEqual([3]);
    expect(removed({ command: FLOW_COMMAND.deleteStrict, match: [ip], priority: 5 })).toEqual([]);
    expect(removed({ cookie: 1n, cookieMask: 1n })).toEqual([1, 3]);
    expect(removed({ outPort: 3 })).toEqual([2, 3]);
    expect(removed({ outGroup: 1 })).toEqual([]);
  });

  it('take a field with a mask of zeros for no field at all', () => {
    const { bench, controller } = start();
    const anyAddress = { type: 'ethDst', value: 0, mask: 0 } as const;
    controller.send(flowMod({ cookie: 1n, match: [anyAddress], instructions: [output(2)] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
    controller.send(flowMod({ cookie: 2n, match: [] }));
    expect(controller.flows()).toMatchObject([{ cookie: 2n, packetCount: 1n }]);
  });

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
