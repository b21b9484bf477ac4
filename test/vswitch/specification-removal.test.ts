/** OpenFlow 1.3.5, sections 5.5, 5.8 and 7.3.5, by name: how flow entries end and what they have counted, asked over a connection. */
import { describe, expect, it } from 'vitest';
import { FLOW_COMMAND, FLOW_FLAG, FLOW_REMOVED_REASON } from '../../protocol/wire/openflow/flow.ts';
import { GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { RuleFilter } from './model-rules.ts';
import { ALL_FLOWS, flowMod, output, SECOND, start, udpFrame } from './test-controller.ts';

const { sendFlowRem, noPktCounts, noBytCounts } = FLOW_FLAG;

const inPort = (value: number) => ({ type: 'inPort', value }) as const;
const ip = { type: 'ethType', value: 0x0800 } as const;

describe('5.5, flow removal', () => {
  it('idle timeout: so long after the last packet, or the beginning', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ flags: sendFlowRem, idleTimeout: 2 }));
    bench.pass(1.5 * SECOND);
    bench.receive(1, udpFrame());
    bench.pass(1.9 * SECOND);
    expect(controller.take('flowRemoved')).toEqual([]);
    bench.pass(0.1 * SECOND);
    const { idleTimeout: reason } = FLOW_REMOVED_REASON;
    const expected = { reason, durationSec: 3, durationNsec: 0.5 * SECOND, idleTimeout: 2, packetCount: 1n };
    expect(controller.takeOne('flowRemoved')).toMatchObject(expected);
  });

  it('hard timeout: so long after the beginning, however much it is used', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ flags: sendFlowRem, hardTimeout: 3 }));
    for (let i = 0; i < 5; i++) {
      bench.receive(1, udpFrame());
      bench.pass(0.5 * SECOND);
    }
    expect(controller.flows()).toHaveLength(1);
    bench.pass(0.5 * SECOND);
    const { hardTimeout: reason } = FLOW_REMOVED_REASON;
    expect(controller.takeOne('flowRemoved')).toMatchObject({
      reason,
      durationSec: 3,
      durationNsec: 0,
      packetCount: 5n,
    });
  });

  it('both: whichever comes first, and that is the reason, also if nobody looked before both were over', () => {
    const reasons = (idleTimeout: number, hardTimeout: number, ns: number) => {
      const { bench, controller } = start();
      controller.send(flowMod({ flags: sendFlowRem, idleTimeout, hardTimeout }));
      bench.now += ns;
      bench.device.poll(bench.now);
      return controller.take('flowRemoved').map(({ reason }) => reason);
    };
    expect(reasons(1, 3, SECOND)).toEqual([FLOW_REMOVED_REASON.idleTimeout]);
    expect(reasons(1, 3, 4 * SECOND)).toEqual([FLOW_REMOVED_REASON.idleTimeout]);
    expect(reasons(3, 1, 4 * SECOND)).toEqual([FLOW_REMOVED_REASON.hardTimeout]);
  });

  it('without timeouts an entry is permanent', () => {
    const { bench, controller } = start();
    controller.send(flowMod({}));
    bench.now += 1_000_000 * SECOND;
    bench.device.poll(bench.now);
    expect(bench.device.pollAt()).toBeGreaterThan(bench.now);
    expect(controller.flows()).toHaveLength(1);
  });

  it('an entry whose time is up matches no packet, even if nobody polled', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ hardTimeout: 1, instructions: [output(2)] }));
    bench.receive(1, udpFrame());
    bench.now += SECOND;
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
  });

  it('only entries with OFPFF_SEND_FLOW_REM are reported, and all of what they were', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 1 }));
    const rule = flowMod({ cookie: 5n, priority: 77, tableId: 3, flags: sendFlowRem, idleTimeout: 8, hardTimeout: 9 });
    controller.send({ ...rule, match: [inPort(1)] });
    bench.now += SECOND + 5;
    controller.send(flowMod({ command: FLOW_COMMAND.delete, tableId: 0xff }));
    const { cookie, priority, tableId, idleTimeout, hardTimeout } = rule;
    expect(controller.takeOne('flowRemoved')).toMatchObject({
      ...{ cookie, priority, tableId, idleTimeout, hardTimeout, reason: FLOW_REMOVED_REASON.delete },
      ...{ durationSec: 1, durationNsec: 5, packetCount: 0n, byteCount: 0n, match: [inPort(1)] },
    });
  });

  it('the deletion of a group removes the entries that send to it, with its own reason (6.5)', () => {
    const { controller } = start();
    const group = { type: 'groupMod', xid: 1, groupType: GROUP_TYPE.all, groupId: 1, buckets: [] } as const;
    controller.send({ ...group, command: 0 });
    const actions = [{ type: 'group', groupId: 1 }] as const;
    controller.send(flowMod({ flags: sendFlowRem, instructions: [{ type: 'applyActions', actions }] }));
    controller.send({ ...group, command: 2 });
    expect(controller.takeOne('flowRemoved').reason).toBe(FLOW_REMOVED_REASON.groupDelete);
  });
});

describe('5.8, counters', () => {
  it('OFPFF_NO_PKT_COUNTS and OFPFF_NO_BYT_COUNTS leave one counter each alone, and the idle timeout is kept all the same', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ flags: noPktCounts, idleTimeout: 2, match: [inPort(1)] }));
    controller.send(flowMod({ flags: noBytCounts, idleTimeout: 2, match: [inPort(2)] }));
    bench.pass(1.5 * SECOND);
    bench.receive(1, udpFrame());
    bench.receive(2, udpFrame());
    bench.pass(SECOND);
    const counted = controller.flows().map(({ packetCount, byteCount }) => [packetCount, byteCount]);
    expect(counted).toContainEqual([0n, 60n]);
    expect(counted).toContainEqual([1n, 0n]);
  });

  it('statistics of flows and aggregates go by table, match, cookie, port and group (7.3.5.2, 7.3.5.3)', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ cookie: 1n, match: [inPort(1)], instructions: [output(2)] }));
    controller.send(flowMod({ cookie: 2n, match: [inPort(2), ip], instructions: [output(3)] }));
    controller.send(flowMod({ cookie: 3n, tableId: 1, instructions: [output(3)] }));
    for (const port of [1, 2, 2]) bench.receive(port, udpFrame());
    const count = (fields: Partial<RuleFilter>) => {
      const [sum] = controller.multipart({ type: 'aggregate', ...ALL_FLOWS, ...fields });
      const entries = controller.multipart({ type: 'flow', ...ALL_FLOWS, ...fields }).flatMap((part) => part.entries);
      expect(entries).toHaveLength(sum!.flowCount);
      return [sum!.flowCount, Number(sum!.packetCount), Number(sum!.byteCount)];
    };
    expect(count({})).toEqual([3, 3, 180]);
    expect(count({ tableId: 0 })).toEqual([2, 3, 180]);
    expect(count({ match: [ip] })).toEqual([1, 2, 120]);
    expect(count({ cookie: 1n, cookieMask: 1n })).toEqual([2, 1, 60]);
    expect(count({ outPort: 3 })).toEqual([2, 2, 120]);
    expect(count({ outGroup: 1 })).toEqual([0, 0, 0]);
  });
});
