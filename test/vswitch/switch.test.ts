/** A switch from the outside: a controller on one side, frames on the other (OpenFlow 1.3.5, sections 6 and 7). */
import { describe, expect, it } from 'vitest';
import { FLOW_FLAG } from '../../protocol/wire/openflow/flow.ts';
import { GROUP } from '../../protocol/wire/openflow/group.ts';
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import { BUFFER_NONE, PACKET_IN_REASON } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG, PORT_STATE } from '../../protocol/wire/openflow/port.ts';
import { ROLE } from '../../protocol/wire/openflow/role.ts';
import { flowMod, output, SECOND, SwitchBench, start, TestController, udpFrame } from './test-controller.ts';

const MISS = flowMod({ priority: 0, cookie: 7n, instructions: [output(PORT.controller)] });

function packetOut(fields: Partial<MessageOf<'packetOut'>>): MessageOf<'packetOut'> {
  const data = udpFrame();
  return { type: 'packetOut', xid: 5, bufferId: BUFFER_NONE, inPort: PORT.controller, actions: [], data, ...fields };
}

describe('a switch and its controller', () => {
  it('shake hands, and the switch says what it is', () => {
    const { bench, controller } = start({ tableCount: 9 });
    const features = controller.takeOne('featuresReply');
    expect(features).toMatchObject({ datapathId: 0x11n, nTables: 9, auxiliaryId: 0, nBuffers: 256 });
    expect(
      controller.multipart({ type: 'portDesc' })[0]!.entries.map(({ name, portNo }) => `${portNo} ${name}`),
    ).toEqual(['1 s1-eth1', '2 s1-eth2', '3 s1-eth3', '4 s1-eth4']);
    expect(bench.announced).toBeGreaterThan(0);
  });

  it('learn to forward: a miss goes up, a rule and the packet come down', () => {
    const { bench, controller } = start();
    controller.send(MISS);
    controller.send({ type: 'barrierRequest', xid: 9 });
    expect(controller.takeOne('barrierReply').xid).toBe(9);
    const frame = udpFrame();
    bench.receive(1, frame);
    const up = controller.takeOne('packetIn');
    expect(up).toMatchObject({
      reason: PACKET_IN_REASON.noMatch,
      tableId: 0,
      cookie: 7n,
      totalLen: 60,
      bufferId: BUFFER_NONE,
    });
    expect(up.match).toEqual([{ type: 'inPort', value: 1, mask: undefined }]);
    expect(up.data).toEqual(frame);
    controller.send(flowMod({ match: [{ type: 'inPort', value: 1 }], instructions: [output(2)] }));
    controller.send(packetOut({ inPort: 1, data: up.data, actions: [{ type: 'output', port: 2, maxLen: 0 }] }));
    bench.receive(1, frame);
    expect(bench.takeSent()).toEqual(['2:60', '2:60']);
    expect(controller.take('packetIn')).toEqual([]);
  });

  it('count what matched, and echo rules exactly as they were sent', () => {
    const { bench, controller } = start();
    const rule = flowMod({
      cookie: 0xdead_beef_0000_0001n,
      priority: 77,
      idleTimeout: 30,
      hardTimeout: 60,
      flags: FLOW_FLAG.sendFlowRem,
      match: [
        { type: 'ethType', value: 0x0800 },
        { type: 'ipv4Dst', value: 0x0a000000, mask: 0xffffff00 },
      ],
      instructions: [
        { type: 'gotoTable', tableId: 1 },
        { type: 'applyActions', actions: [{ type: 'output', port: 3, maxLen: 123 }] },
      ],
    });
    controller.send(rule);
    bench.receive(1, udpFrame());
    bench.receive(1, udpFrame({ bytes: 100 }));
    bench.now += SECOND + 5;
    const [entry] = controller.flows();
    expect(entry).toMatchObject({ packetCount: 2n, byteCount: 160n, durationSec: 1, durationNsec: 5, tableId: 0 });
    const { cookie, priority, idleTimeout, hardTimeout, flags } = rule;
    expect(entry).toMatchObject({ cookie, priority, idleTimeout, hardTimeout, flags, instructions: rule.instructions });
    expect(JSON.stringify(entry!.match)).toBe(JSON.stringify(rule.match));
    const tables = controller.multipart({ type: 'table' })[0]!.entries;
    expect(tables[0]).toMatchObject({ activeCount: 1, lookupCount: 2n, matchedCount: 2n });
    expect(tables[1]).toMatchObject({ activeCount: 0, lookupCount: 2n, matchedCount: 0n });
    const port = controller.multipart({ type: 'portStats', portNo: 3 })[0]!.entries[0];
    expect(port).toMatchObject({ txPackets: 2n, txBytes: 160n, rxPackets: 0n });
    const aggregate = controller.multipart({ type: 'aggregate', ...ANY_FLOW })[0];
    expect(aggregate).toMatchObject({ packetCount: 2n, byteCount: 160n, flowCount: 1 });
  });

  it('split what does not fit into one message', () => {
    const { controller } = start();
    for (let i = 0; i < 2000; i++) controller.send(flowMod({ match: [{ type: 'inPort', value: i + 1 }] }));
    const parts = controller.multipart({ type: 'flow', ...ANY_FLOW });
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.flatMap(({ entries }) => entries)).toHaveLength(2000);
  });

  it('keep a packet while the controller decides, for one use', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller, 20)] }));
    bench.receive(1, udpFrame({ bytes: 200 }));
    const up = controller.takeOne('packetIn');
    expect(up.totalLen).toBe(200);
    expect(up.data).toHaveLength(20);
    expect(up.bufferId).not.toBe(BUFFER_NONE);
    const down = packetOut({
      bufferId: up.bufferId,
      inPort: 1,
      data: new Uint8Array(0),
      actions: [{ type: 'output', port: 2, maxLen: 0 }],
    });
    expect(controller.ask(down)).toBeUndefined();
    expect(bench.takeSent()).toEqual(['2:200']);
    expect(controller.ask(down)).toBe('BAD_REQUEST/BUFFER_EMPTY');
    expect(controller.ask({ ...down, bufferId: 12345 })).toBe('BAD_REQUEST/BUFFER_UNKNOWN');
  });

  it('send a buffered packet by the rule that it waited for', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller, 20)] }));
    bench.receive(1, udpFrame());
    const { bufferId } = controller.takeOne('packetIn');
    controller.send(flowMod({ bufferId, match: [{ type: 'inPort', value: 1 }], instructions: [output(4)] }));
    expect(bench.takeSent()).toEqual(['4:60']);
  });

  it('send packets whole when all buffers are taken, and use the buffers again when they have waited too long', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 0, instructions: [output(PORT.controller, 20)] }));
    for (let i = 0; i < 300; i++) bench.receive(1, udpFrame());
    const ups = controller.take('packetIn');
    expect(ups.filter(({ bufferId }) => bufferId === BUFFER_NONE)).toHaveLength(44);
    expect(ups.at(-1)!.data).toHaveLength(60);
    bench.now += 6 * SECOND;
    bench.receive(1, udpFrame());
    const [later] = controller.take('packetIn');
    expect(later!.bufferId).not.toBe(BUFFER_NONE);
    const stale = packetOut({ bufferId: ups[1]!.bufferId, data: new Uint8Array(0) });
    expect(controller.ask(stale)).toBe('BAD_REQUEST/BUFFER_EMPTY');
  });

  it('send a packet-out through the tables when it says so', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ match: [{ type: 'inPort', value: 1 }], instructions: [output(3)] }));
    controller.send(packetOut({ inPort: 1, actions: [{ type: 'output', port: PORT.table, maxLen: 0 }] }));
    expect(bench.takePorts()).toEqual([3]);
    controller.send(packetOut({ actions: [{ type: 'output', port: PORT.flood, maxLen: 0 }] }));
    expect(bench.takePorts()).toEqual([1, 2, 3, 4]);
  });

  it('speak of packets that nobody has a rule for only if a rule says so', () => {
    const { bench, controller } = start();
    bench.receive(1, udpFrame());
    expect(controller.take('packetIn')).toEqual([]);
    expect(bench.takePorts()).toEqual([]);
  });
});

const ANY_FLOW = {
  tableId: 0xff,
  outPort: PORT.any,
  outGroup: GROUP.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
} as const;

describe('ports', () => {
  it('that are configured down send and receive nothing, and every controller hears of it', () => {
    const { bench, controller } = start();
    const other = new TestController(bench);
    controller.send(flowMod({ instructions: [output(PORT.all)] }));
    const portMod = {
      type: 'portMod',
      xid: 1,
      portNo: 2,
      hwAddr: 0x0200_0000_0002,
      config: PORT_CONFIG.portDown,
      mask: PORT_CONFIG.portDown,
      advertise: 0,
    } as const;
    expect(controller.ask({ ...portMod, portNo: 9 })).toBe('PORT_MOD_FAILED/BAD_PORT');
    expect(controller.ask({ ...portMod, hwAddr: 1 })).toBe('PORT_MOD_FAILED/BAD_HW_ADDR');
    expect(controller.ask(portMod)).toBeUndefined();
    for (const told of [controller, other]) {
      expect(told.takeOne('portStatus').port).toMatchObject({ portNo: 2, config: PORT_CONFIG.portDown, state: 0 });
    }
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([3, 4]);
    bench.receive(2, udpFrame());
    expect(bench.takePorts()).toEqual([]);
  });

  it('say when their cable is pulled', () => {
    const { bench, controller } = start();
    bench.device.setLinkUp(3, false, bench.now);
    bench.device.setLinkUp(3, false, bench.now);
    expect(controller.takeOne('portStatus').port).toMatchObject({ portNo: 3, state: PORT_STATE.linkDown });
    bench.device.setLinkUp(3, true, bench.now);
    expect(controller.takeOne('portStatus').port).toMatchObject({ portNo: 3, state: PORT_STATE.live });
  });
});

describe('several controllers', () => {
  const roleRequest = (role: number, generationId: bigint) =>
    ({ type: 'roleRequest', xid: 4, role, generationId }) as const;

  it('have one master, and a slave changes nothing and hears of ports only', () => {
    const { bench, controller: first } = start();
    const second = new TestController(bench);
    first.send(roleRequest(ROLE.master, 1n));
    expect(first.takeOne('roleReply')).toMatchObject({ role: ROLE.master, generationId: 1n });
    second.send(roleRequest(ROLE.master, 2n));
    first.send(roleRequest(ROLE.noChange, 0n));
    expect(first.takeOne('roleReply')).toMatchObject({ role: ROLE.slave, generationId: 2n });
    expect(first.ask(MISS)).toBe('BAD_REQUEST/IS_SLAVE');
    expect(first.ask(packetOut({}))).toBe('BAD_REQUEST/IS_SLAVE');
    expect(second.ask(MISS)).toBeUndefined();
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(4, false, bench.now);
    expect(second.take('packetIn')).toHaveLength(1);
    expect(first.take('packetIn')).toEqual([]);
    expect(first.take('portStatus')).toHaveLength(1);
    expect(first.flows()).toHaveLength(1);
  });

  it('cannot become master by an old election', () => {
    const { controller } = start();
    controller.send(roleRequest(ROLE.slave, 0xffff_ffff_ffff_ffffn));
    expect(controller.ask(roleRequest(ROLE.master, 0xffff_ffff_ffff_fff0n))).toBe('ROLE_REQUEST_FAILED/STALE');
    expect(controller.ask(roleRequest(ROLE.master, 1n))).toBeUndefined();
    expect(controller.ask(roleRequest(4, 1n))).toBe('ROLE_REQUEST_FAILED/BAD_ROLE');
  });

  it('choose what they hear', () => {
    const { bench, controller } = start();
    controller.send(MISS);
    controller.send({
      type: 'setAsync',
      xid: 1,
      packetInMask: [0, 0],
      portStatusMask: [0, 0],
      flowRemovedMask: [15, 0],
    });
    controller.send({ type: 'getAsyncRequest', xid: 2 });
    expect(controller.takeOne('getAsyncReply')).toMatchObject({ packetInMask: [0, 0], flowRemovedMask: [15, 0] });
    bench.receive(1, udpFrame());
    bench.device.setLinkUp(4, false, bench.now);
    expect(controller.inbox.map(({ type }) => type)).toEqual(['featuresReply']);
  });

  it('may ask for packets whose time to live is up', () => {
    const { bench, controller } = start();
    const ip = { type: 'ethType', value: 0x0800 } as const;
    controller.send(
      flowMod({
        match: [ip],
        instructions: [
          { type: 'applyActions', actions: [{ type: 'decNwTtl' }, { type: 'output', port: 2, maxLen: 0 }] },
        ],
      }),
    );
    const frame = udpFrame();
    frame[22] = 1;
    bench.receive(1, frame);
    expect(controller.take('packetIn')).toEqual([]);
    controller.send({
      type: 'setAsync',
      xid: 1,
      packetInMask: [7, 0],
      portStatusMask: [7, 7],
      flowRemovedMask: [15, 0],
    });
    bench.receive(1, frame);
    expect(controller.takeOne('packetIn').reason).toBe(PACKET_IN_REASON.invalidTtl);
    expect(bench.takePorts()).toEqual([]);
  });
});

describe('without a controller', () => {
  it('a secure switch goes on with its rules', () => {
    const { bench, controller } = start({ failMode: 'secure' });
    controller.send(flowMod({ instructions: [output(2)] }));
    controller.close();
    bench.receive(1, udpFrame());
    bench.receive(2, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
  });

  it('a standalone switch is a bridge until a controller comes', () => {
    const bench = new SwitchBench({ failMode: 'standalone' });
    bench.receive(1, udpFrame({ src: 1, dst: 2 }));
    expect(bench.takePorts()).toEqual([2, 3, 4]);
    bench.receive(3, udpFrame({ src: 2, dst: 1 }));
    expect(bench.takePorts()).toEqual([1]);
    bench.receive(1, udpFrame({ src: 1, dst: 2 }));
    expect(bench.takePorts()).toEqual([3]);
    const controller = new TestController(bench);
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([]);
    controller.send(flowMod({ instructions: [output(PORT.normal)] }));
    bench.receive(3, udpFrame({ src: 2, dst: 1 }));
    expect(bench.takePorts()).toEqual([1]);
  });
});

describe('what a switch is asked', () => {
  it('it answers about itself, its tables, groups, meters and queues', () => {
    const { controller } = start({ tableCount: 3 });
    expect(controller.multipart({ type: 'desc' })[0]).toMatchObject({ mfrDesc: 'sluice', dpDesc: 's1' });
    const features = controller.multipart({ type: 'tableFeatures', entries: [] })[0]!.entries;
    expect(features.map(({ tableId }) => tableId)).toEqual([0, 1, 2]);
    expect(features[2]!.properties.find(({ type }) => type === 'nextTables')).toMatchObject({ tables: [] });
    expect(controller.multipart({ type: 'groupFeatures' })[0]).toMatchObject({ types: 15, capabilities: 15 });
    expect(controller.multipart({ type: 'meterFeatures' })[0]).toMatchObject({ bandTypes: 6, capabilities: 15 });
    expect(controller.multipart({ type: 'queue', portNo: PORT.any, queueId: 0xffffffff })[0]!.entries).toEqual([]);
    controller.send({ type: 'queueGetConfigRequest', xid: 8, port: 1 });
    expect(controller.takeOne('queueGetConfigReply')).toMatchObject({ port: 1, queues: [] });
    controller.send({ type: 'setConfig', xid: 1, flags: 1, missSendLen: 99 });
    controller.send({ type: 'getConfigRequest', xid: 2 });
    expect(controller.takeOne('getConfigReply')).toMatchObject({ flags: 1, missSendLen: 99 });
    controller.send({ type: 'echoRequest', xid: 3, data: Uint8Array.of(1, 2) });
    expect(controller.takeOne('echoReply')).toMatchObject({ xid: 3, data: Uint8Array.of(1, 2) });
  });

  it('it refuses what it does not have, with the right error', () => {
    const { controller } = start({ tableCount: 3 });
    const ask = (body: MessageOf<'multipartRequest'>['body'], flags = 0) =>
      controller.ask({ type: 'multipartRequest', xid: 1, flags, body });
    expect(ask({ type: 'portStats', portNo: 9 })).toBe('BAD_REQUEST/BAD_PORT');
    expect(ask({ type: 'flow', ...ANY_FLOW, tableId: 3 })).toBe('BAD_REQUEST/BAD_TABLE_ID');
    expect(ask({ type: 'queue', portNo: 1, queueId: 1 })).toBe('QUEUE_OP_FAILED/BAD_QUEUE');
    expect(ask({ type: 'meter', meterId: 1 })).toBe('METER_MOD_FAILED/UNKNOWN_METER');
    expect(ask({ type: 'desc' }, 1)).toBe('BAD_REQUEST/MULTIPART_BUFFER_OVERFLOW');
    expect(ask({ type: 'experimenter', experimenter: 1, expType: 1, data: new Uint8Array(0) })).toBe(
      'BAD_REQUEST/BAD_EXPERIMENTER',
    );
    expect(controller.ask({ type: 'experimenter', xid: 1, experimenter: 1, expType: 1, data: new Uint8Array(0) })).toBe(
      'BAD_REQUEST/BAD_EXPERIMENTER',
    );
    expect(controller.ask({ type: 'tableMod', xid: 1, tableId: 3, config: 0 })).toBe('TABLE_MOD_FAILED/BAD_TABLE');
    expect(controller.ask({ type: 'queueGetConfigRequest', xid: 1, port: 9 })).toBe('QUEUE_OP_FAILED/BAD_PORT');
    for (const flags of [3, 4]) {
      const error = controller.ask({ type: 'setConfig', xid: 1, flags, missSendLen: 0 });
      expect(error).toBe('SWITCH_CONFIG_FAILED/BAD_FLAGS');
    }
    expect(controller.ask(packetOut({ inPort: 9 }))).toBe('BAD_REQUEST/BAD_PORT');
    expect(controller.ask(packetOut({ data: new Uint8Array(5) }))).toBe('BAD_REQUEST/BAD_PACKET');
  });
});
