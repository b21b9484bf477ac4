/** Groups as controllers make and unmake them, and what they do to packets (OpenFlow 1.3.5, sections 5.6 and 6.5). */
import { describe, expect, it } from 'vitest';
import { FLOW_FLAG, FLOW_REMOVED_REASON } from '../../protocol/wire/openflow/flow.ts';
import { GROUP, GROUP_COMMAND, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { flowMod, output, start, udpFrame } from './test-controller.ts';

describe('groups', () => {
  const bucket = (port: number, fields = {}) => ({
    weight: 0,
    watchPort: PORT.any,
    watchGroup: GROUP.any,
    actions: [{ type: 'output', port, maxLen: 0 } as const],
    ...fields,
  });
  const groupMod = (fields: Partial<MessageOf<'groupMod'>>): MessageOf<'groupMod'> => ({
    type: 'groupMod',
    xid: 3,
    command: GROUP_COMMAND.add,
    groupType: GROUP_TYPE.all,
    groupId: 1,
    buckets: [],
    ...fields,
  });
  const toGroup = (groupId: number) => [{ type: 'applyActions', actions: [{ type: 'group', groupId }] } as const];

  it('fail over to the next live port, and back', () => {
    const { bench, controller } = start();
    const buckets = [bucket(2, { watchPort: 2 }), bucket(3, { watchPort: 3 })];
    controller.send(groupMod({ groupType: GROUP_TYPE.fastFailover, buckets }));
    controller.send(flowMod({ instructions: toGroup(1) }));
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(2, false, bench.now);
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(3, false, bench.now);
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(2, true, bench.now);
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2, 3, 2]);
    const [stats] = controller.multipart({ type: 'group', groupId: 1 })[0]!.entries;
    expect(stats).toMatchObject({
      packetCount: 4n,
      refCount: 1,
      bucketStats: [{ packetCount: 2n }, { packetCount: 1n }],
    });
  });

  it('select by weight, the same way for the same conversation', () => {
    const { bench, controller } = start();
    const buckets = [bucket(2, { weight: 3 }), bucket(3, { weight: 1 }), bucket(4, { weight: 0 })];
    controller.send(groupMod({ groupType: GROUP_TYPE.select, buckets }));
    controller.send(flowMod({ instructions: toGroup(1) }));
    const ports = Array.from({ length: 4000 }, (_, i) => {
      bench.receive(1, udpFrame({ ipDst: 0x0a000000 + i }));
      bench.receive(1, udpFrame({ ipDst: 0x0a000000 + i }));
      const [first, second] = bench.takePorts();
      expect(second).toBe(first);
      return first;
    });
    const share = ports.filter((port) => port === 2).length / ports.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
    expect(ports).not.toContain(4);
  });

  it('go with the rules that use them when they are deleted', () => {
    const { controller } = start();
    controller.send(groupMod({ buckets: [bucket(2)] }));
    controller.send(flowMod({ flags: FLOW_FLAG.sendFlowRem, instructions: toGroup(1) }));
    controller.send(flowMod({ priority: 1, instructions: [output(2)] }));
    controller.send(groupMod({ command: GROUP_COMMAND.delete }));
    expect(controller.takeOne('flowRemoved').reason).toBe(FLOW_REMOVED_REASON.groupDelete);
    expect(controller.flows()).toHaveLength(1);
    expect(controller.multipart({ type: 'groupDesc' })[0]!.entries).toEqual([]);
  });

  it('are refused with the right error, and stay as they were', () => {
    const { controller } = start();
    const chained = (groupId: number) => bucket(1, { actions: [{ type: 'group', groupId }] });
    controller.send(groupMod({ groupId: 1, buckets: [bucket(2)] }));
    controller.send(groupMod({ groupId: 2, buckets: [chained(1)] }));
    expect(controller.ask(groupMod({ groupId: 1 }))).toBe('GROUP_MOD_FAILED/GROUP_EXISTS');
    expect(controller.ask(groupMod({ groupId: 9, command: GROUP_COMMAND.modify }))).toBe(
      'GROUP_MOD_FAILED/UNKNOWN_GROUP',
    );
    expect(controller.ask(groupMod({ groupId: 1, command: GROUP_COMMAND.modify, buckets: [chained(2)] }))).toBe(
      'GROUP_MOD_FAILED/LOOP',
    );
    expect(controller.ask(groupMod({ groupId: 3, buckets: [chained(8)] }))).toBe('BAD_ACTION/BAD_OUT_GROUP');
    expect(controller.ask(groupMod({ groupId: 3, buckets: [bucket(8)] }))).toBe('BAD_ACTION/BAD_OUT_PORT');
    expect(
      controller.ask(
        groupMod({ groupId: 3, groupType: GROUP_TYPE.fastFailover, buckets: [bucket(2, { watchPort: 8 })] }),
      ),
    ).toBe('GROUP_MOD_FAILED/BAD_WATCH');
    expect(controller.ask(groupMod({ groupId: 1, command: GROUP_COMMAND.delete }))).toBe(
      'GROUP_MOD_FAILED/CHAINED_GROUP',
    );
    expect(controller.ask(groupMod({ groupId: 7, command: GROUP_COMMAND.delete }))).toBeUndefined();
    for (let groupId = 3; groupId <= 64; groupId++)
      controller.send(groupMod({ groupId, buckets: [chained(groupId - 1)] }));
    expect(controller.ask(groupMod({ groupId: 65, buckets: [chained(64)] }))).toBe(
      'GROUP_MOD_FAILED/CHAINING_UNSUPPORTED',
    );
    expect(controller.multipart({ type: 'groupDesc' })[0]!.entries).toHaveLength(64);
    expect(controller.ask(groupMod({ command: GROUP_COMMAND.delete, groupId: GROUP.all }))).toBeUndefined();
    expect(controller.multipart({ type: 'groupDesc' })[0]!.entries).toEqual([]);
  });

  it('that multiply a packet without end are stopped', () => {
    const { bench, controller } = start();
    controller.send(groupMod({ groupId: 1, buckets: [bucket(2), bucket(2)] }));
    for (let groupId = 2; groupId <= 30; groupId++) {
      const twice = [1, 2].map(() => bucket(1, { actions: [{ type: 'group', groupId: groupId - 1 }] }));
      controller.send(groupMod({ groupId, buckets: twice }));
    }
    controller.send(flowMod({ instructions: toGroup(30) }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts().length).toBeLessThan(4096);
  });
});
