/**
 * OpenFlow 1.3.5 by its sections: what it says of configuration, ports, tables, groups and meters, each behaviour by name, asked by messages.
 * Queues, table features and fragments have files of their own.
 */
import { describe, expect, it } from 'vitest';
import { FLOW_FLAG, FLOW_REMOVED_REASON } from '../../protocol/wire/openflow/flow.ts';
import { type Bucket, GROUP, GROUP_COMMAND, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import { METER, METER_COMMAND, METER_FLAG, type MeterBand } from '../../protocol/wire/openflow/meter.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG, PORT_FEATURES } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import { flowMod, output, SECOND, start, type TestController, udpFrame } from './test-controller.ts';

function portMod(portNo: number, fields: Partial<MessageOf<'portMod'>> = {}): MessageOf<'portMod'> {
  return {
    type: 'portMod',
    xid: 1,
    portNo,
    hwAddr: 0x0200_0000_0000 + portNo,
    config: 0,
    mask: 0,
    advertise: 0,
    ...fields,
  };
}

function configure(portNo: number, bit: number): MessageOf<'portMod'> {
  return portMod(portNo, { config: bit, mask: bit });
}

const TEN_GIGABIT = PORT_FEATURES.speed10GbFull | PORT_FEATURES.copper;

describe('7.3.4.3, modify port', () => {
  const statsOf = (controller: TestController, portNo: number) =>
    controller.multipart({ type: 'portStats', portNo })[0]!.entries[0]!;

  it('NO_RECV: packets that come in are dropped, and counted as that', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ instructions: [output(2)] }));
    controller.send(configure(1, PORT_CONFIG.noRecv));
    bench.receive(1, udpFrame());
    bench.receive(3, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
    expect(statsOf(controller, 1)).toMatchObject({ rxPackets: 1n, rxDropped: 1n });
  });

  it('NO_FWD: packets that are to leave are dropped, and counted as that', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ instructions: [output(PORT.all)] }));
    controller.send(configure(2, PORT_CONFIG.noFwd));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([3, 4]);
    expect(statsOf(controller, 2)).toMatchObject({ txPackets: 0n, txDropped: 1n });
  });

  it('NO_PACKET_IN: table misses of that port do not reach the controller; what a rule sends there does', () => {
    const { bench, controller } = start();
    controller.send(configure(1, PORT_CONFIG.noPacketIn));
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller)] }));
    bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toHaveLength(0);
    controller.send(flowMod({ priority: 1, instructions: [output(PORT.controller)] }));
    bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toHaveLength(1);
  });

  it('changes the bits of the mask and no others, and tells of a change and of nothing else', () => {
    const { controller } = start();
    controller.send(configure(1, PORT_CONFIG.noFwd));
    controller.send(portMod(1, { config: PORT_CONFIG.noRecv | PORT_CONFIG.portDown, mask: PORT_CONFIG.noRecv }));
    controller.send(configure(1, PORT_CONFIG.noRecv));
    expect(controller.take('portStatus').map(({ port }) => port.config)).toEqual([
      PORT_CONFIG.noFwd,
      PORT_CONFIG.noFwd | PORT_CONFIG.noRecv,
    ]);
  });

  it('shows what is to be advertised, if anything', () => {
    const { controller } = start();
    const advertised = () => controller.multipart({ type: 'portDesc' })[0]!.entries[0]!.advertised;
    expect(advertised()).toBe(TEN_GIGABIT);
    controller.send(portMod(1, { advertise: PORT_FEATURES.copper }));
    expect(controller.takeOne('portStatus').port).toMatchObject({ portNo: 1, advertised: PORT_FEATURES.copper });
    controller.send(portMod(1, { advertise: 0 }));
    expect(controller.take('portStatus')).toEqual([]);
    expect(advertised()).toBe(PORT_FEATURES.copper);
  });

  it('BAD_CONFIG, BAD_ADVERTISE: refused, and nothing changes', () => {
    const { controller } = start();
    const before = controller.multipart({ type: 'portDesc' });
    expect(controller.ask(portMod(1, { config: 2, mask: 2 }))).toBe('PORT_MOD_FAILED/BAD_CONFIG');
    const advertise = PORT_FEATURES.fiber;
    expect(controller.ask({ ...configure(1, PORT_CONFIG.portDown), advertise })).toBe('PORT_MOD_FAILED/BAD_ADVERTISE');
    for (const portNo of [0, PORT.any, PORT.all, PORT.local]) {
      expect(controller.ask(portMod(portNo, { hwAddr: 0 }))).toBe('PORT_MOD_FAILED/BAD_PORT');
    }
    expect(controller.multipart({ type: 'portDesc' })).toEqual(before);
    expect(controller.take('portStatus')).toEqual([]);
  });
});

describe('7.3.2, switch configuration', () => {
  it('miss_send_len: so much of a packet whose TTL is up goes to the controller, and the rest waits in the switch', () => {
    const { bench, controller } = start();
    controller.send({ type: 'setConfig', xid: 1, flags: 0, missSendLen: 20 });
    controller.send({
      type: 'setAsync',
      xid: 1,
      packetInMask: [7, 0],
      portStatusMask: [7, 7],
      flowRemovedMask: [15, 0],
    });
    const instructions: Instruction[] = [{ type: 'applyActions', actions: [{ type: 'decNwTtl' }] }];
    controller.send(flowMod({ match: [{ type: 'ethType', value: 0x0800 }], instructions }));
    const frame = udpFrame({ bytes: 100 });
    frame[22] = 0;
    bench.receive(1, frame);
    const up = controller.takeOne('packetIn');
    expect(up).toMatchObject({ totalLen: 100, data: { length: 20 } });
    expect(up.bufferId).not.toBe(BUFFER_NONE);
  });
});

describe('7.3.3, modify table', () => {
  it('takes the bits of 1.1, which mean nothing, and no others; all tables are a table', () => {
    const { controller } = start({ tableCount: 3 });
    const tableMod = (tableId: number, config: number) => controller.ask({ type: 'tableMod', xid: 1, tableId, config });
    expect([tableMod(0, 3), tableMod(2, 0), tableMod(255, 0)]).toEqual([undefined, undefined, undefined]);
    expect(tableMod(0, 4)).toBe('TABLE_MOD_FAILED/BAD_CONFIG');
    expect(tableMod(3, 0)).toBe('TABLE_MOD_FAILED/BAD_TABLE');
  });
});

describe('6.1.1 and 7.3.10, asynchronous configuration', () => {
  it('has a mask for each role, and a controller that changes its role changes what it hears', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller)] }));
    controller.send({
      type: 'setAsync',
      xid: 1,
      packetInMask: [0, 1],
      portStatusMask: [4, 0],
      flowRemovedMask: [0, 0],
    });
    const happen = () => {
      bench.receive(1, udpFrame());
      bench.device.setLinkUp(3, false, bench.now);
      bench.device.setLinkUp(3, true, bench.now);
      return [controller.take('packetIn').length, controller.take('portStatus').length];
    };
    expect(happen()).toEqual([0, 2]);
    controller.send({ type: 'roleRequest', xid: 2, role: ROLE.slave, generationId: 1n });
    expect(happen()).toEqual([1, 0]);
    controller.send({ type: 'roleRequest', xid: 3, role: ROLE.equal, generationId: 0n });
    expect(happen()).toEqual([0, 2]);
  });
});

function bucket(port: number, fields: Partial<Bucket> = {}): Bucket {
  const actions = [{ type: 'output', port, maxLen: 0 } as const];
  return { weight: 0, watchPort: PORT.any, watchGroup: GROUP.any, actions, ...fields };
}

function groupMod(fields: Partial<MessageOf<'groupMod'>>): MessageOf<'groupMod'> {
  const { add } = GROUP_COMMAND;
  return { type: 'groupMod', xid: 3, command: add, groupType: GROUP_TYPE.all, groupId: 1, buckets: [], ...fields };
}

const toGroup = (groupId: number): Instruction[] => [{ type: 'applyActions', actions: [{ type: 'group', groupId }] }];

describe('5.6 and 6.5, groups', () => {
  it('MODIFY: the group is another, goes on counting, and its buckets begin anew', () => {
    const { bench, controller } = start();
    controller.send(groupMod({ buckets: [bucket(2), bucket(3)] }));
    controller.send(flowMod({ instructions: toGroup(1) }));
    bench.receive(1, udpFrame());
    bench.now += SECOND;
    const modify = { command: GROUP_COMMAND.modify, groupType: GROUP_TYPE.indirect, buckets: [bucket(4)] };
    expect(controller.ask(groupMod(modify))).toBeUndefined();
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2, 3, 4]);
    const [stats] = controller.multipart({ type: 'group', groupId: 1 })[0]!.entries;
    expect(stats).toMatchObject({
      packetCount: 2n,
      byteCount: 120n,
      durationSec: 1,
      bucketStats: [{ packetCount: 1n }],
    });
    expect(controller.flows()).toHaveLength(1);
  });

  it('MODIFY that is refused leaves the group as it was', () => {
    const { bench, controller } = start();
    controller.send(groupMod({ buckets: [bucket(2)] }));
    controller.send(flowMod({ instructions: toGroup(1) }));
    const bad = groupMod({ command: GROUP_COMMAND.modify, buckets: [bucket(3), bucket(9)] });
    expect(controller.ask(bad)).toBe('BAD_ACTION/BAD_OUT_PORT');
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
  });

  it('all: each bucket gets the packet as it was, and what follows the group too', () => {
    const { bench, controller } = start();
    const tag = [{ type: 'pushVlan', etherType: 0x8100 } as const, { type: 'output', port: 2, maxLen: 0 } as const];
    controller.send(groupMod({ buckets: [bucket(2, { actions: tag }), bucket(3)] }));
    const actions = [{ type: 'group', groupId: 1 } as const, { type: 'output', port: 4, maxLen: 0 } as const];
    controller.send(flowMod({ instructions: [{ type: 'applyActions', actions }] }));
    bench.receive(1, udpFrame());
    expect(bench.takeSent()).toEqual(['2:64', '3:60', '4:60']);
  });

  it('select: buckets that are not live are not chosen, and get their share again when they are', () => {
    const { bench, controller } = start();
    const buckets = [2, 3].map((port) => bucket(port, { weight: 1, watchPort: port }));
    controller.send(groupMod({ groupType: GROUP_TYPE.select, buckets }));
    controller.send(flowMod({ instructions: toGroup(1) }));
    const used = () => {
      for (let i = 0; i < 100; i++) bench.receive(1, udpFrame({ ipDst: 0x0a000000 + i }));
      return [...new Set(bench.takePorts())].sort();
    };
    expect(used()).toEqual([2, 3]);
    bench.device.setLinkUp(2, false, bench.now);
    expect(used()).toEqual([3]);
    controller.send(configure(3, PORT_CONFIG.portDown));
    expect(used()).toEqual([]);
    bench.device.setLinkUp(2, true, bench.now);
    expect(used()).toEqual([2]);
  });

  it('fast failover: a watched group is live while one of its buckets is, through chains', () => {
    const { bench, controller } = start();
    const { fastFailover } = GROUP_TYPE;
    controller.send(groupMod({ groupId: 2, groupType: fastFailover, buckets: [bucket(2, { watchPort: 2 })] }));
    controller.send(groupMod({ groupId: 3, groupType: fastFailover, buckets: [bucket(2, { watchGroup: 2 })] }));
    const chained = { actions: [{ type: 'group', groupId: 3 } as const], watchGroup: 3 };
    const buckets = [bucket(0, chained), bucket(4, { watchPort: 4 })];
    controller.send(groupMod({ groupId: 1, groupType: fastFailover, buckets }));
    controller.send(flowMod({ instructions: toGroup(1) }));
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(2, false, bench.now);
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2, 4]);
  });

  it.each([
    [
      'INVALID_GROUP',
      'an indirect group of two buckets',
      { groupType: GROUP_TYPE.indirect, buckets: [bucket(2), bucket(3)] },
    ],
    ['INVALID_GROUP', 'a weight where nothing is selected', { buckets: [bucket(2, { weight: 1 })] }],
    ['INVALID_GROUP', 'a number beyond the last group', { groupId: GROUP.max + 1 }],
    ['BAD_TYPE', 'a type that is none', { groupType: 4 }],
    ['BAD_COMMAND', 'a command that is none', { command: 3 }],
    ['BAD_WATCH', 'fast failover that watches nothing', { groupType: GROUP_TYPE.fastFailover, buckets: [bucket(2)] }],
    [
      'BAD_WATCH',
      'a group to watch that is not there',
      { groupType: GROUP_TYPE.fastFailover, buckets: [bucket(2, { watchGroup: 9 })] },
    ],
    ['WATCH_UNSUPPORTED', 'liveness where all buckets run', { buckets: [bucket(2, { watchPort: 2 })] }],
    ['LOOP', 'a group that leads to itself', { buckets: [bucket(0, { actions: [{ type: 'group', groupId: 1 }] })] }],
  ] as const)('%s: %s', (code, _title, fields) => {
    const { controller } = start();
    expect(controller.ask(groupMod(fields))).toBe(`GROUP_MOD_FAILED/${code}`);
    expect(controller.multipart({ type: 'groupDesc' })[0]!.entries).toEqual([]);
  });
});

function meterMod(fields: Partial<MessageOf<'meterMod'>>): MessageOf<'meterMod'> {
  const flags = METER_FLAG.pktps | METER_FLAG.burst;
  return { type: 'meterMod', xid: 4, command: METER_COMMAND.add, flags, meterId: 1, bands: [], ...fields };
}

const DROP: MeterBand = { type: 'drop', rate: 1, burstSize: 2 };
const metered = (meterId: number): Instruction[] => [{ type: 'meter', meterId }, output(2)];

describe('5.7 and 6.6, meters', () => {
  it('MODIFY: the meter is another, goes on counting, and its bands begin anew', () => {
    const { bench, controller } = start();
    controller.send(meterMod({ bands: [DROP] }));
    controller.send(flowMod({ instructions: metered(1) }));
    for (let i = 0; i < 4; i++) bench.receive(1, udpFrame());
    expect(bench.takePorts()).toHaveLength(2);
    bench.now += 1;
    expect(
      controller.ask(meterMod({ command: METER_COMMAND.modify, bands: [{ ...DROP, burstSize: 3 }] })),
    ).toBeUndefined();
    for (let i = 0; i < 4; i++) bench.receive(1, udpFrame());
    expect(bench.takePorts()).toHaveLength(3);
    const [stats] = controller.multipart({ type: 'meter', meterId: 1 })[0]!.entries;
    expect(stats).toMatchObject({
      packetInCount: 8n,
      byteInCount: 480n,
      durationNsec: 1,
      bandStats: [{ packetBandCount: 1n }],
    });
  });

  it('DELETE: rules that use the meter go with it, and are told of; others stay', () => {
    const { controller } = start();
    for (const meterId of [1, 2]) {
      controller.send(meterMod({ meterId, bands: [DROP] }));
      const flags = FLOW_FLAG.sendFlowRem;
      controller.send(flowMod({ flags, match: [{ type: 'inPort', value: meterId }], instructions: metered(meterId) }));
    }
    expect(controller.ask(meterMod({ command: METER_COMMAND.delete, meterId: 1 }))).toBeUndefined();
    expect(controller.takeOne('flowRemoved')).toMatchObject({ reason: FLOW_REMOVED_REASON.delete, priority: 100 });
    expect(controller.flows()).toHaveLength(1);
    expect(controller.ask(meterMod({ command: METER_COMMAND.delete, meterId: 9 }))).toBeUndefined();
    expect(controller.ask(meterMod({ command: METER_COMMAND.delete, meterId: METER.all }))).toBeUndefined();
    expect(controller.flows()).toEqual([]);
    expect(controller.multipart({ type: 'meterConfig', meterId: METER.all })[0]!.entries).toEqual([]);
  });

  it('CONTROLLER: polices what goes to the controllers, and nothing else', () => {
    const { bench, controller } = start();
    expect(controller.ask(meterMod({ meterId: METER.controller, bands: [DROP] }))).toBeUndefined();
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller)] }));
    for (let i = 0; i < 5; i++) bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toHaveLength(2);
    bench.now += SECOND;
    bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toHaveLength(1);
    controller.send(flowMod({ instructions: [output(2)] }));
    for (let i = 0; i < 5; i++) bench.receive(1, udpFrame());
    expect(bench.takePorts()).toHaveLength(5);
    const [stats] = controller.multipart({ type: 'meter', meterId: METER.controller })[0]!.entries;
    expect(stats).toMatchObject({ meterId: METER.controller, flowCount: 0, packetInCount: 6n });
    controller.send(meterMod({ command: METER_COMMAND.delete, meterId: METER.controller }));
    controller.send(flowMod({ instructions: [output(PORT.controller)] }));
    for (let i = 0; i < 5; i++) bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toHaveLength(5);
  });

  it.each([
    ['INVALID_METER', 'meter 0', { meterId: 0 }],
    ['INVALID_METER', 'a number beyond the last meter', { meterId: METER.max + 1 }],
    ['INVALID_METER', 'the slow path, of which there is none', { meterId: METER.slowpath }],
    ['INVALID_METER', 'all meters at once', { meterId: METER.all }],
    ['BAD_COMMAND', 'a command that is none', { command: 3 }],
    ['BAD_FLAGS', 'flags that are none', { flags: 16 }],
    ['BAD_FLAGS', 'rates in both units', { flags: METER_FLAG.kbps | METER_FLAG.pktps }],
    ['BAD_RATE', 'a rate of zero', { bands: [{ ...DROP, rate: 0 }] }],
    ['BAD_BAND', 'a band of a type that is none', { bands: [{ type: 'unknown', id: 9, body: new Uint8Array(12) }] }],
    ['OUT_OF_BANDS', 'more bands than a meter has', { bands: Array.from({ length: 9 }, () => DROP) }],
    ['UNKNOWN_METER', 'a change of one that is not there', { command: METER_COMMAND.modify, bands: [DROP] }],
  ] as const)('%s: %s', (code, _title, fields) => {
    const { controller } = start();
    expect(controller.ask(meterMod(fields))).toBe(`METER_MOD_FAILED/${code}`);
    expect(controller.multipart({ type: 'meterConfig', meterId: METER.all })[0]!.entries).toEqual([]);
  });

  it('a rule that names a meter that is not there, or is not for rules, is refused', () => {
    const { controller } = start();
    expect(controller.ask(flowMod({ instructions: metered(7) }))).toBe('METER_MOD_FAILED/UNKNOWN_METER');
    expect(controller.ask(flowMod({ instructions: metered(METER.controller) }))).toBe('METER_MOD_FAILED/INVALID_METER');
  });
});

describe('6.1.2, packet buffers', () => {
  it('are kept for five seconds', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller, 20)] }));
    const arrive = () => {
      bench.receive(1, udpFrame());
      return controller.takeOne('packetIn').bufferId;
    };
    const send = (bufferId: number) => {
      const actions = [{ type: 'output', port: 2, maxLen: 0 } as const];
      return controller.ask({ type: 'packetOut', xid: 5, bufferId, inPort: 1, actions, data: new Uint8Array(0) });
    };
    const [early, late] = [arrive(), arrive()];
    bench.now += 5 * SECOND - 1;
    expect(send(early)).toBeUndefined();
    bench.now += 1;
    expect(send(late)).toBe('BAD_REQUEST/BUFFER_EMPTY');
  });
});
