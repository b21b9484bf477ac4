/** OpenFlow 1.3.5, sections 5.2 and 6.4, by name: what a flow_mod does to flow entries, asked over a connection. */
import { describe, expect, it } from 'vitest';
import { FLOW_COMMAND, FLOW_FLAG, FLOW_REMOVED_REASON, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { flowMod, output, SECOND, start, type TestController, udpFrame } from './test-controller.ts';

const { sendFlowRem, checkOverlap, resetCounts } = FLOW_FLAG;
const { modify, modifyStrict } = FLOW_COMMAND;

const inPort = (value: number) => ({ type: 'inPort', value }) as const;
const ip = { type: 'ethType', value: 0x0800 } as const;
const arp = { type: 'ethType', value: 0x0806 } as const;

/** The cookies of the entries that are there. */
function cookies(controller: TestController): number[] {
  return controller
    .flows()
    .map(({ cookie }) => Number(cookie))
    .sort();
}

describe('6.4, OFPFC_ADD', () => {
  it('entries of one match and different priorities live side by side (5.2)', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ cookie: 1n, priority: 1, instructions: [output(2)] }));
    controller.send(flowMod({ cookie: 2n, priority: 2, instructions: [output(3)] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([3]);
    expect(cookies(controller)).toEqual([1, 2]);
  });

  it('an identical entry is cleared with its duration, and all of the new one counts: cookie, flags, timeouts, instructions', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ cookie: 1n, flags: sendFlowRem, hardTimeout: 9, instructions: [output(2)] }));
    bench.now += 5 * SECOND;
    controller.send(flowMod({ cookie: 2n, idleTimeout: 7, instructions: [output(3)] }));
    const expected = { cookie: 2n, flags: 0, idleTimeout: 7, hardTimeout: 0, durationSec: 0, durationNsec: 0 };
    expect(controller.flows()).toMatchObject([expected]);
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([3]);
  });

  it('no flow-removed message is sent for an entry that is replaced', () => {
    const { controller } = start();
    controller.send(flowMod({ flags: sendFlowRem }));
    controller.send(flowMod({ flags: sendFlowRem }));
    expect(controller.take('flowRemoved')).toEqual([]);
  });

  it('counters are copied from the replaced entry, and cleared if OFPFF_RESET_COUNTS is set', () => {
    const { bench, controller } = start();
    controller.send(flowMod({}));
    bench.receive(1, udpFrame());
    controller.send(flowMod({}));
    expect(controller.flows()).toMatchObject([{ packetCount: 1n, byteCount: 60n }]);
    controller.send(flowMod({ flags: resetCounts }));
    expect(controller.flows()).toMatchObject([{ packetCount: 0n, byteCount: 0n }]);
  });

  it('OFPFF_CHECK_OVERLAP: refused if one packet may match both and their priorities are the same, an identical entry included', () => {
    const { controller } = start();
    controller.send(flowMod({ cookie: 1n, match: [ip] }));
    const check = flowMod({ flags: checkOverlap, match: [inPort(1)] });
    expect(controller.ask(check)).toBe('FLOW_MOD_FAILED/OVERLAP');
    expect(controller.ask({ ...check, match: [ip] })).toBe('FLOW_MOD_FAILED/OVERLAP');
    expect(controller.ask({ ...check, match: [] })).toBe('FLOW_MOD_FAILED/OVERLAP');
    expect(cookies(controller)).toEqual([1]);
  });

  it('OFPFF_CHECK_OVERLAP: no conflict with another priority, another table, or a match that excludes it', () => {
    const { controller } = start();
    controller.send(flowMod({ match: [ip] }));
    const check = flowMod({ flags: checkOverlap, match: [inPort(1)] });
    expect(controller.ask({ ...check, priority: 99 })).toBeUndefined();
    expect(controller.ask({ ...check, tableId: 1 })).toBeUndefined();
    expect(controller.ask({ ...check, match: [arp] })).toBeUndefined();
    expect(controller.flows()).toHaveLength(4);
  });

  it('without OFPFF_CHECK_OVERLAP overlapping entries are added', () => {
    const { controller } = start();
    controller.send(flowMod({ match: [ip] }));
    expect(controller.ask(flowMod({ match: [inPort(1)] }))).toBeUndefined();
  });

  it('cookie_mask, out_port and out_group are ignored', () => {
    const { controller } = start();
    const asked = { cookie: 6n, cookieMask: 1n, outPort: 3, outGroup: 9 };
    expect(controller.ask(flowMod({ ...asked, instructions: [output(2)] }))).toBeUndefined();
    expect(cookies(controller)).toEqual([6]);
  });

  it('a mask of zeros is as no field, a mask of ones as no mask (7.2.3.5)', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ cookie: 1n, match: [{ type: 'ethDst', value: 0, mask: 0 }], instructions: [output(2)] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
    controller.send(flowMod({ cookie: 2n }));
    expect(controller.flows()).toMatchObject([{ cookie: 2n, packetCount: 1n }]);
    const address = { type: 'ethDst', value: 2 } as const;
    controller.send(flowMod({ cookie: 3n, match: [address] }));
    controller.send(flowMod({ cookie: 4n, match: [{ ...address, mask: 0xffff_ffff_ffff }] }));
    expect(cookies(controller)).toEqual([2, 4]);
  });
});

describe('6.4, OFPFC_MODIFY and OFPFC_MODIFY_STRICT', () => {
  function withThree() {
    const { controller } = start();
    controller.send(flowMod({ cookie: 1n, priority: 1, match: [inPort(1)] }));
    controller.send(flowMod({ cookie: 2n, priority: 2, match: [inPort(1), ip] }));
    controller.send(flowMod({ cookie: 3n, priority: 3, match: [] }));
    let maxLen = 0;
    /** The cookies of those that now have instructions which none had before. */
    return (fields: Partial<FlowMod>) => {
      const instructions = [output(2, ++maxLen)];
      controller.send(flowMod({ command: modify, instructions, ...fields }));
      return controller
        .flows()
        .filter((entry) => JSON.stringify(entry.instructions) === JSON.stringify(instructions))
        .map(({ cookie }) => Number(cookie))
        .sort();
    };
  }

  it('non-strict: all entries that are the same or more specific, whatever their priority', () => {
    const modified = withThree();
    expect(modified({ priority: 9, match: [inPort(1)] })).toEqual([1, 2]);
    expect(modified({ match: [inPort(1), ip] })).toEqual([2]);
    expect(modified({ match: [] })).toEqual([1, 2, 3]);
  });

  it('strict: only the entry with the same match and the same priority', () => {
    const modified = withThree();
    expect(modified({ command: modifyStrict, priority: 1, match: [inPort(1)] })).toEqual([1]);
    expect(modified({ command: modifyStrict, priority: 2, match: [inPort(1)] })).toEqual([]);
    expect(modified({ command: modifyStrict, priority: 3, match: [inPort(1)] })).toEqual([]);
  });

  it('the cookie mask restricts which, out_port and out_group do not', () => {
    const modified = withThree();
    expect(modified({ cookie: 1n, cookieMask: 1n })).toEqual([1, 3]);
    expect(modified({ command: modifyStrict, priority: 1, match: [inPort(1)], cookie: 2n, cookieMask: 3n })).toEqual(
      [],
    );
    expect(modified({ outPort: 4, outGroup: 7 })).toEqual([1, 2, 3]);
  });

  it('instructions are replaced; cookie, timeouts, flags, counters and duration stay', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ cookie: 1n, idleTimeout: 50, hardTimeout: 60, flags: sendFlowRem }));
    bench.receive(1, udpFrame());
    bench.now += 2 * SECOND;
    controller.send(flowMod({ command: modify, cookie: 9n, idleTimeout: 1, flags: 0, instructions: [output(3)] }));
    const kept = { cookie: 1n, idleTimeout: 50, hardTimeout: 60, flags: sendFlowRem, packetCount: 1n, durationSec: 2 };
    expect(controller.flows()).toMatchObject([{ ...kept, instructions: [output(3)] }]);
  });

  it('counters are cleared if OFPFF_RESET_COUNTS is set', () => {
    const { bench, controller } = start();
    controller.send(flowMod({}));
    bench.receive(1, udpFrame());
    controller.send(flowMod({ command: modify, flags: resetCounts }));
    expect(controller.flows()).toMatchObject([{ packetCount: 0n, byteCount: 0n }]);
  });

  it('if no entry matches, none is modified and none is added, without an error', () => {
    const { controller } = start();
    for (const command of [modify, modifyStrict]) expect(controller.ask(flowMod({ command }))).toBeUndefined();
    expect(controller.flows()).toEqual([]);
  });

  it('a modified entry does not get more time to live (5.5)', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ idleTimeout: 2 }));
    bench.pass(1.5 * SECOND);
    controller.send(flowMod({ command: modify, instructions: [output(2)] }));
    bench.pass(SECOND);
    expect(controller.flows()).toEqual([]);
  });
});

describe('6.4, OFPFC_DELETE and OFPFC_DELETE_STRICT', () => {
  const toGroup = { type: 'writeActions', actions: [{ type: 'group', groupId: 1 }] } as const;

  /** The cookies of those that a deletion removes, as the controller is told. */
  function removed(fields: Partial<FlowMod>): number[] {
    const { controller } = start();
    const group = { type: 'groupMod', xid: 1, command: 0, groupType: GROUP_TYPE.all, groupId: 1, buckets: [] } as const;
    controller.send(group);
    const flags = sendFlowRem;
    controller.send(flowMod({ flags, cookie: 1n, match: [inPort(1)], instructions: [output(2)] }));
    controller.send(flowMod({ flags, cookie: 2n, match: [inPort(1), ip], instructions: [output(3), toGroup] }));
    controller.send(flowMod({ flags, cookie: 3n, tableId: 1, match: [ip], instructions: [output(3)] }));
    controller.send(flowMod({ flags, cookie: 4n, priority: 7, match: [ip] }));
    controller.send(flowMod({ command: FLOW_COMMAND.delete, ...fields }));
    const told = controller.take('flowRemoved');
    expect(told.every(({ reason }) => reason === FLOW_REMOVED_REASON.delete)).toBe(true);
    expect(controller.flows()).toHaveLength(4 - told.length);
    return told.map(({ cookie }) => Number(cookie)).sort();
  }

  const command = FLOW_COMMAND.deleteStrict;

  it('non-strict: all entries of the table that are the same or more specific', () => {
    expect(removed({})).toEqual([1, 2, 4]);
    expect(removed({ match: [inPort(1)] })).toEqual([1, 2]);
    expect(removed({ match: [ip], priority: 3 })).toEqual([2, 4]);
    expect(removed({ match: [inPort(2)] })).toEqual([]);
  });

  it('strict: only the entry with the same match and the same priority', () => {
    expect(removed({ command, match: [ip] })).toEqual([]);
    expect(removed({ command, match: [ip], priority: 7 })).toEqual([4]);
    expect(removed({ command, match: [inPort(1)] })).toEqual([1]);
  });

  it('OFPTT_ALL: of all tables, strict or not', () => {
    expect(removed({ tableId: 0xff })).toEqual([1, 2, 3, 4]);
    expect(removed({ command, tableId: 0xff, match: [ip] })).toEqual([3]);
  });

  it('the cookie mask restricts which', () => {
    expect(removed({ tableId: 0xff, cookie: 1n, cookieMask: 1n })).toEqual([1, 3]);
    expect(removed({ command, match: [inPort(1)], cookie: 2n, cookieMask: 2n })).toEqual([]);
  });

  it('out_port and out_group restrict to entries that send there, in whatever list of actions', () => {
    expect(removed({ tableId: 0xff, outPort: 3 })).toEqual([2, 3]);
    expect(removed({ tableId: 0xff, outGroup: 1 })).toEqual([2]);
    expect(removed({ tableId: 0xff, outPort: 2, outGroup: 1 })).toEqual([]);
    expect(removed({ command, match: [inPort(1)], outPort: 3 })).toEqual([]);
    expect(removed({ outPort: PORT.controller })).toEqual([]);
  });

  it('instructions, buffers and flags of the request mean nothing', () => {
    expect(removed({ match: [inPort(1)], bufferId: 99, flags: checkOverlap, instructions: [output(4)] })).toEqual([
      1, 2,
    ]);
  });
});

describe('6.4, buffer_id', () => {
  /** A packet waits in the switch. */
  function withWaiting() {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller, 20)] }));
    bench.receive(1, udpFrame());
    const { bufferId } = controller.takeOne('packetIn');
    expect(bufferId).not.toBe(BUFFER_NONE);
    return { bench, controller, bufferId };
  }

  it('an added entry lets the waiting packet through the tables from the first, whatever its own table is', () => {
    const { bench, controller, bufferId } = withWaiting();
    controller.send(flowMod({ match: [inPort(1)], instructions: [output(4)] }));
    controller.send(flowMod({ bufferId, tableId: 5, instructions: [output(2)] }));
    expect(bench.takeSent()).toEqual(['4:60']);
  });

  it('so does a modification', () => {
    const { bench, controller, bufferId } = withWaiting();
    controller.send(flowMod({ command: modify, bufferId, instructions: [output(3)] }));
    expect(bench.takeSent()).toEqual(['3:60']);
  });

  it('a deletion does not, and leaves it waiting', () => {
    const { bench, controller, bufferId } = withWaiting();
    controller.send(flowMod({ command: FLOW_COMMAND.delete, match: [inPort(2)], bufferId }));
    expect(bench.takeSent()).toEqual([]);
    expect(controller.ask(flowMod({ bufferId, instructions: [output(2)] }))).toBeUndefined();
    expect(bench.takeSent()).toEqual(['2:60']);
  });

  it('one that is not there, or no more, is an error, and the entry is not added', () => {
    const { controller, bufferId } = withWaiting();
    controller.send(flowMod({ bufferId, match: [inPort(1)] }));
    const again = flowMod({ bufferId, match: [inPort(2)] });
    expect(controller.ask(again)).toBe('BAD_REQUEST/BUFFER_EMPTY');
    expect(controller.ask({ ...again, bufferId: bufferId + 1 })).toBe('BAD_REQUEST/BUFFER_UNKNOWN');
    expect(controller.flows(0, [inPort(2)])).toEqual([]);
  });
});
