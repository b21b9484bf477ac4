/** OpenFlow 1.3.5, sections 6.3.6 (Multiple Controllers), 7.3.9 and 7.3.10: roles, elections, and who hears what. */
import { describe, expect, it } from 'vitest';
import { FLOW_FLAG } from '../../protocol/wire/openflow/flow.ts';
import { GROUP_COMMAND, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { METER_COMMAND } from '../../protocol/wire/openflow/meter.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import { flowMod, output, SECOND, start, TestController, udpFrame } from './test-controller.ts';

const MISS = flowMod({ priority: 0, instructions: [output(PORT.controller)] });
const NO_GENERATION = 0xffff_ffff_ffff_ffffn;
const STALE = 'ROLE_REQUEST_FAILED/STALE';

function roleRequest(role: number, generationId = 0n) {
  return { type: 'roleRequest', xid: 4, role, generationId } as const;
}

/** The role and generation that a controller is told it has. */
function roleOf(controller: TestController): [number, bigint] {
  controller.send(roleRequest(ROLE.noChange));
  const { role, generationId } = controller.takeOne('roleReply');
  return [role, generationId];
}

function assume(controller: TestController, role: number, generationId: bigint): void {
  expect(controller.ask(roleRequest(role, generationId))).toBeUndefined();
  expect(controller.takeOne('roleReply')).toMatchObject({ role, generationId });
}

describe('a role', () => {
  it('is equal at first, without a generation', () => {
    const { controller } = start();
    expect(roleOf(controller)).toEqual([ROLE.equal, NO_GENERATION]);
  });

  it('is asked for by its own connection, and said to it alone', () => {
    const { bench, controller: first } = start();
    const second = new TestController(bench);
    second.take('featuresReply');
    assume(first, ROLE.master, 5n);
    expect(second.inbox).toEqual([]);
    expect(roleOf(second)).toEqual([ROLE.equal, 5n]);
  });

  it('of master makes a slave of the master before, which is not told (1.3 has no role-status)', () => {
    const { bench, controller: first } = start();
    const second = new TestController(bench);
    const third = new TestController(bench);
    first.take('featuresReply');
    assume(first, ROLE.master, 1n);
    assume(second, ROLE.master, 2n);
    expect(first.inbox).toEqual([]);
    expect([first, second, third].map((it) => roleOf(it)[0])).toEqual([ROLE.slave, ROLE.master, ROLE.equal]);
    // In the same election too: the latest request is in force.
    assume(first, ROLE.master, 2n);
    expect(roleOf(second)).toEqual([ROLE.slave, 2n]);
  });

  it('of a controller that has gone is nobody’s, and its connection begins anew as equal', () => {
    const { bench, controller: first } = start();
    const second = new TestController(bench);
    assume(first, ROLE.master, 1n);
    assume(second, ROLE.slave, 1n);
    first.close();
    expect(roleOf(second)).toEqual([ROLE.slave, 1n]);
    const again = new TestController(bench);
    expect(roleOf(again)).toEqual([ROLE.equal, 1n]);
  });

  it('that does not exist is refused', () => {
    const { controller } = start();
    expect(controller.ask(roleRequest(4, 1n))).toBe('ROLE_REQUEST_FAILED/BAD_ROLE');
    expect(roleOf(controller)).toEqual([ROLE.equal, NO_GENERATION]);
  });
});

describe('an election', () => {
  it('that is older than one that is known is stale, for masters and slaves, whoever knows it', () => {
    const { bench, controller: first } = start();
    const second = new TestController(bench);
    assume(first, ROLE.slave, 10n);
    for (const role of [ROLE.master, ROLE.slave]) expect(second.ask(roleRequest(role, 9n))).toBe(STALE);
    expect(roleOf(second)).toEqual([ROLE.equal, 10n]);
    for (const role of [ROLE.master, ROLE.slave]) assume(second, role, 10n);
  });

  it('is not asked of a controller that wants to be equal, or to know what it is', () => {
    const { controller } = start();
    assume(controller, ROLE.master, 10n);
    expect(controller.ask(roleRequest(ROLE.noChange, 3n))).toBeUndefined();
    expect(controller.ask(roleRequest(ROLE.equal, 3n))).toBeUndefined();
    controller.take('roleReply');
    expect(roleOf(controller)).toEqual([ROLE.equal, 10n]);
  });

  it('is first when nobody has named one, whatever its number', () => {
    for (const generation of [0n, 1n << 63n, NO_GENERATION]) {
      const { controller } = start();
      assume(controller, ROLE.master, generation);
    }
  });

  it('is later by less than half the circle of numbers', () => {
    const half = 1n << 63n;
    for (const known of [0n, 7n, half - 1n, half, NO_GENERATION]) {
      const later = [1n, 12n, half - 1n].map((distance) => BigInt.asUintN(64, known + distance));
      const older = [half, half + 1n, NO_GENERATION].map((distance) => BigInt.asUintN(64, known + distance));
      for (const generation of older) {
        const { controller } = start();
        assume(controller, ROLE.slave, known);
        expect(controller.ask(roleRequest(ROLE.master, generation)), `${generation} after ${known}`).toBe(STALE);
        expect(roleOf(controller)).toEqual([ROLE.slave, known]);
      }
      for (const generation of later) {
        const { controller } = start();
        assume(controller, ROLE.slave, known);
        assume(controller, ROLE.master, generation);
      }
    }
  });

  it('is remembered when all controllers have gone', () => {
    const { bench, controller } = start();
    assume(controller, ROLE.master, 10n);
    controller.close();
    const next = new TestController(bench);
    expect(next.ask(roleRequest(ROLE.master, 9n))).toBe(STALE);
    assume(next, ROLE.master, 11n);
  });
});

const ROUGH = { xid: 1, flags: 0 } as const;

/** All that modifies a switch or sends a packet. */
const CHANGES: readonly Message[] = [
  MISS,
  { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: PORT.controller, actions: [], data: udpFrame() },
  { type: 'groupMod', xid: 1, command: GROUP_COMMAND.add, groupType: GROUP_TYPE.all, groupId: 1, buckets: [] },
  { type: 'portMod', xid: 1, portNo: 1, hwAddr: 0x0200_0000_0001, config: 1, mask: 1, advertise: 0 },
  { type: 'tableMod', xid: 1, tableId: 0, config: 0 },
  { type: 'meterMod', ...ROUGH, flags: 1, command: METER_COMMAND.add, meterId: 1, bands: [] },
  { type: 'setConfig', xid: 1, flags: 0, missSendLen: 99 },
];

describe('a slave', () => {
  it('is refused whatever changes the switch, before it is looked at, and nothing is changed', () => {
    const { bench, controller } = start();
    assume(controller, ROLE.slave, 1n);
    for (const message of CHANGES) expect(controller.ask(message), message.type).toBe('BAD_REQUEST/IS_SLAVE');
    expect(controller.ask(flowMod({ tableId: 250 }))).toBe('BAD_REQUEST/IS_SLAVE');
    const entries = controller.multipart({ type: 'tableFeatures', entries: [] })[0]!.entries;
    expect(
      controller.ask({
        type: 'multipartRequest',
        ...ROUGH,
        body: { type: 'tableFeatures', entries: entries.slice(0, 1) },
      }),
    ).toBe('BAD_REQUEST/IS_SLAVE');
    expect(controller.flows()).toEqual([]);
    expect(bench.takeSent()).toEqual([]);
    controller.send({ type: 'getConfigRequest', xid: 2 });
    expect(controller.takeOne('getConfigReply').missSendLen).toBe(128);
    assume(controller, ROLE.master, 1n);
    for (const message of CHANGES) expect(controller.ask(message), message.type).toBeUndefined();
  });

  it('may ask everything, and choose what it hears', () => {
    const { bench, controller } = start();
    assume(controller, ROLE.slave, 1n);
    expect(controller.multipart({ type: 'desc' })).toHaveLength(1);
    expect(controller.flows()).toEqual([]);
    controller.send({ type: 'barrierRequest', xid: 8 });
    expect(controller.takeOne('barrierReply').xid).toBe(8);
    const masks = { packetInMask: [0, 3], portStatusMask: [7, 0], flowRemovedMask: [0, 0] } as const;
    expect(controller.ask({ type: 'setAsync', xid: 1, ...masks })).toBeUndefined();
    controller.send({ type: 'getAsyncRequest', xid: 2 });
    expect(controller.takeOne('getAsyncReply')).toMatchObject(masks);
    const master = new TestController(bench);
    assume(master, ROLE.master, 1n);
    master.send(MISS);
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(4, false, bench.now);
    expect(controller.take('packetIn')).toHaveLength(1);
    expect(controller.take('portStatus')).toEqual([]);
  });

  it('hears of ports only, if it says nothing of what it wants', () => {
    const { bench, controller: slave } = start();
    const master = new TestController(bench);
    assume(slave, ROLE.slave, 1n);
    assume(master, ROLE.master, 1n);
    for (const it of [slave, master]) it.take('featuresReply');
    master.send(MISS);
    master.send(flowMod({ hardTimeout: 1, flags: FLOW_FLAG.sendFlowRem, match: [{ type: 'inPort', value: 2 }] }));
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(4, false, bench.now);
    bench.now += SECOND;
    bench.device.poll(bench.now);
    for (const it of [slave, master]) it.pump();
    expect(slave.inbox.map(({ type }) => type)).toEqual(['portStatus']);
    expect(master.inbox.map(({ type }) => type)).toEqual(['packetIn', 'portStatus', 'flowRemoved']);
  });
});

describe('what a controller wants to hear', () => {
  it('is its own, and goes with its connection', () => {
    const { bench, controller: deaf } = start();
    const other = new TestController(bench);
    const none = { packetInMask: [0, 0], portStatusMask: [0, 0], flowRemovedMask: [0, 0] } as const;
    deaf.send({ type: 'setAsync', xid: 1, ...none });
    other.send(MISS);
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(4, false, bench.now);
    expect([deaf.take('packetIn').length, other.take('packetIn').length]).toEqual([0, 1]);
    expect([deaf.take('portStatus').length, other.take('portStatus').length]).toEqual([0, 1]);
    deaf.close();
    const again = new TestController(bench);
    again.send({ type: 'getAsyncRequest', xid: 2 });
    expect(again.takeOne('getAsyncReply')).toMatchObject({ packetInMask: [3, 0], portStatusMask: [7, 7] });
  });

  it('changes with its role, by the masks that it gave for each', () => {
    const { bench, controller } = start();
    controller.send(MISS);
    const masks = { packetInMask: [0, 3], portStatusMask: [0, 7], flowRemovedMask: [0, 0] } as const;
    controller.send({ type: 'setAsync', xid: 1, ...masks });
    bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toEqual([]);
    assume(controller, ROLE.slave, 1n);
    bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toHaveLength(1);
  });
});
