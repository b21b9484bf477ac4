/** OpenFlow 1.3.5, sections 4.5, 5.1 to 5.4 and 5.9 to 5.12, by name: the way of a packet, asked over a connection. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { type Bucket, GROUP, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Oxm } from '../../protocol/wire/openflow/oxm.ts';
import { BUFFER_NONE, PACKET_IN_REASON } from '../../protocol/wire/openflow/packet.ts';
import { PORT, PORT_CONFIG } from '../../protocol/wire/openflow/port.ts';
import { flowMod, output, SwitchBench, start, TestController, udpFrame } from './test-controller.ts';

const to = (port: number, maxLen = 0): Action => ({ type: 'output', port, maxLen });
const set = (field: Oxm): Action => ({ type: 'setField', field });
const apply = (...actions: Action[]): Instruction => ({ type: 'applyActions', actions });
const write = (...actions: Action[]): Instruction => ({ type: 'writeActions', actions });
const goto = (tableId: number): Instruction => ({ type: 'gotoTable', tableId });
const clear: Instruction = { type: 'clearActions' };
const ip = { type: 'ethType', value: 0x0800 } as const;
const ethDst = (value: number): Action => set({ type: 'ethDst', value });
const vlan = { type: 'pushVlan', etherType: 0x8100 } as const;

/** What leaves a switch, of one frame into port 1, whose tables 0, 1, … have one entry each. */
function run(
  ...tables: readonly (readonly Instruction[])[]
): { readonly portNo: number; readonly frame: Uint8Array }[] {
  const { bench, controller } = start();
  tables.forEach((instructions, tableId) => {
    expect(controller.ask(flowMod({ tableId, match: [ip], instructions }))).toBeUndefined();
  });
  bench.receive(1, udpFrame());
  return bench.sent;
}

const ports = (sent: readonly { readonly portNo: number }[]) => sent.map(({ portNo }) => portNo);
const lastOfDst = (sent: readonly { readonly frame: Uint8Array }[]) => sent.map(({ frame }) => frame[5]);

describe('5.1, pipeline processing', () => {
  it('begins at table 0, and goes only to later tables, by their number', () => {
    expect(ports(run([goto(2)], [apply(to(2))], [apply(to(3))]))).toEqual([3]);
    const { controller } = start();
    const back = flowMod({ tableId: 2, instructions: [goto(2)] });
    expect(controller.ask(back)).toBe('BAD_INSTRUCTION/BAD_TABLE_ID');
  });

  it('ends at the entry that goes nowhere, and then the action set is executed', () => {
    expect(ports(run([write(to(2)), goto(1)], [apply(to(3))], [apply(to(4))]))).toEqual([3, 2]);
  });

  it('hands packet and action set on from table to table', () => {
    const sent = run([apply(ethDst(7)), write(to(2)), goto(1)], [write(set({ type: 'ethSrc', value: 9 }))]);
    expect(sent.map(({ portNo, frame }) => [portNo, frame[5], frame[11]])).toEqual([[2, 7, 9]]);
  });
});

describe('5.3, matching', () => {
  it('the entry with the highest priority is selected, and it alone counts', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 1, match: [ip], instructions: [output(2)] }));
    controller.send(flowMod({ priority: 2, match: [], instructions: [output(3)] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([3]);
    expect(controller.flows().map(({ priority, packetCount }) => [priority, packetCount])).toEqual(
      expect.arrayContaining([
        [1, 0n],
        [2, 1n],
      ]),
    );
  });

  it('what an earlier table set is what a later table matches: headers and metadata', () => {
    const { bench, controller } = start();
    const metadata: Instruction = { type: 'writeMetadata', metadata: 5n, mask: 7n };
    controller.send(flowMod({ instructions: [apply(ethDst(7)), metadata, goto(1)] }));
    const seven = { type: 'ethDst', value: 7 } as const;
    controller.send(
      flowMod({ tableId: 1, match: [{ type: 'metadata', value: 5n }, seven], instructions: [output(4)] }),
    );
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([4]);
  });

  it('a packet that matches nothing in a table without table-miss entry is dropped, with its action set', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ instructions: [write(to(2)), goto(1)] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([]);
    const [, second] = controller.multipart({ type: 'table' })[0]!.entries;
    expect(second).toMatchObject({ lookupCount: 1n, matchedCount: 0n });
  });
});

describe('5.4, table-miss', () => {
  it('is the entry that wildcards everything with priority 0, and its packet-ins say OFPR_NO_MATCH, table and cookie', () => {
    const { bench, controller } = start();
    const instructions = [apply(to(PORT.controller, 0xffff))];
    controller.send(flowMod({ instructions: [goto(3)] }));
    controller.send(flowMod({ tableId: 3, priority: 0, cookie: 8n, instructions }));
    bench.receive(1, udpFrame());
    const { noMatch: reason } = PACKET_IN_REASON;
    expect(controller.takeOne('packetIn')).toMatchObject({ reason, tableId: 3, cookie: 8n });
  });

  it('is none with a match, or with a higher priority: then the reason is OFPR_ACTION', () => {
    for (const fields of [{ priority: 1 }, { priority: 0, match: [ip] }]) {
      const { bench, controller } = start();
      controller.send(flowMod({ ...fields, instructions: [apply(to(PORT.controller, 0xffff))] }));
      bench.receive(1, udpFrame());
      expect(controller.takeOne('packetIn').reason).toBe(PACKET_IN_REASON.action);
    }
  });

  it('may go to another table, may be deleted, and then packets that match nothing are dropped', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ priority: 0, instructions: [goto(1)] }));
    controller.send(flowMod({ tableId: 1, instructions: [output(2)] }));
    bench.receive(1, udpFrame());
    controller.send(flowMod({ command: 4, priority: 0 }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
    expect(controller.take('packetIn')).toEqual([]);
  });

  it('shows nothing of ports with OFPPC_NO_PACKET_IN (7.2.1)', () => {
    const { bench, controller } = start();
    const { noPacketIn: config } = PORT_CONFIG;
    controller.send(flowMod({ priority: 0, instructions: [apply(to(PORT.controller, 0xffff))] }));
    const portMod = { type: 'portMod', xid: 1, portNo: 1, hwAddr: 0x0200_0000_0001, advertise: 0 } as const;
    controller.send({ ...portMod, config, mask: config });
    bench.receive(1, udpFrame());
    bench.receive(2, udpFrame());
    expect(controller.takeOne('packetIn').match).toMatchObject([{ type: 'inPort', value: 2 }]);
  });
});

describe('5.9, instructions', () => {
  const meter: Instruction = { type: 'meter', meterId: 1 };

  it('are executed in the order meter, apply, clear, write, metadata, goto, however they are listed', () => {
    const listed = [goto(1), write(to(3)), clear, apply(to(2))];
    expect(ports(run([write(to(4)), goto(1)], [goto(2), write(to(3)), clear, apply(to(2))], []))).toEqual([2, 3]);
    expect(ports(run(listed, []))).toEqual(ports(run(listed.toReversed(), [])));
  });

  it('a packet that its meter drops is dropped before any action is applied', () => {
    const { bench, controller } = start();
    const bands = [{ type: 'drop', rate: 1, burstSize: 1 } as const];
    controller.send({ type: 'meterMod', xid: 1, command: 0, flags: 6, meterId: 1, bands });
    controller.send(flowMod({ instructions: [apply(to(2)), write(to(3)), meter] }));
    bench.receive(1, udpFrame());
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2, 3]);
  });

  it('Apply-Actions leaves the action set as it is', () => {
    expect(ports(run([write(to(2)), goto(1)], [apply(to(3)), goto(2)], []))).toEqual([3, 2]);
  });

  it('Write-Actions merges into the set, and an action of a type takes the place of the one before', () => {
    expect(ports(run([write(to(2)), goto(1)], [write(to(3))]))).toEqual([3]);
    expect(lastOfDst(run([write(ethDst(5), to(2)), goto(1)], [write(ethDst(6))]))).toEqual([6]);
  });

  it('Clear-Actions empties the set at once', () => {
    expect(ports(run([write(to(2)), goto(1)], [clear]))).toEqual([]);
  });

  it('Write-Metadata changes the bits of its mask only', () => {
    const { bench, controller } = start();
    const metadata = (value: bigint, mask: bigint): Instruction => ({ type: 'writeMetadata', metadata: value, mask });
    controller.send(flowMod({ instructions: [metadata(0xff00_0000_0000_00f0n, 0xffff_ffff_ffff_ffffn), goto(1)] }));
    controller.send(flowMod({ tableId: 1, instructions: [metadata(0xffn, 0x33n), goto(2)] }));
    controller.send(flowMod({ tableId: 2, instructions: [apply(to(PORT.controller, 0xffff))] }));
    bench.receive(1, udpFrame());
    expect(controller.takeOne('packetIn').match).toMatchObject([
      { type: 'inPort', value: 1 },
      { type: 'metadata', value: 0xff00_0000_0000_00f3n },
    ]);
  });
});

describe('5.10, the action set', () => {
  it('runs pop, push, copy out, decrement, set, group or output, whatever the order of writing', () => {
    const { bench, controller } = start();
    const pcp = set({ type: 'vlanPcp', value: 5 });
    controller.send(flowMod({ match: [ip], instructions: [write(to(2), pcp, { type: 'decNwTtl' }, vlan, ethDst(9))] }));
    bench.receive(1, udpFrame());
    const { frame } = bench.sent[0]!;
    expect([frame[5], frame[12], frame[13], frame[14]! >> 5, frame[26]]).toEqual([9, 0x81, 0x00, 5, 0x3f]);
  });

  it('has one action of each type, and of Set-Field one for each field', () => {
    const sent = run(
      [write(vlan, ethDst(5), set({ type: 'ethSrc', value: 6 }), to(2)), goto(1)],
      [write(vlan, ethDst(7))],
    );
    expect(sent.map(({ frame }) => [frame.length, frame[5], frame[11]])).toEqual([[64, 7, 6]]);
  });

  it('with a group in it, its output is ignored', () => {
    const { bench, controller } = start();
    const bucket: Bucket = { weight: 0, watchPort: PORT.any, watchGroup: GROUP.any, actions: [to(3)] };
    const group = { type: 'groupMod', xid: 1, command: 0, groupType: GROUP_TYPE.indirect, groupId: 1 } as const;
    controller.send({ ...group, buckets: [bucket] });
    controller.send(flowMod({ instructions: [write(to(2), { type: 'group', groupId: 1 })] }));
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([3]);
  });

  it('without an output and without a group the packet is dropped', () => {
    expect(ports(run([write(ethDst(5), { type: 'decNwTtl' })]))).toEqual([]);
  });
});

describe('5.11, a list of actions', () => {
  it('is executed in its order, and each action works on what those before have made', () => {
    const sent = run([apply(to(2), ethDst(5), to(3), ethDst(6), vlan, vlan, to(4)), write(to(2))]);
    expect(sent.map(({ portNo, frame }) => [portNo, frame[5], frame.length])).toEqual([
      [2, 2, 60],
      [3, 5, 60],
      [4, 6, 68],
      [2, 6, 68],
    ]);
  });

  it('with an output sends a copy as it is then: later changes do not reach it', () => {
    expect(lastOfDst(run([apply(to(2), ethDst(5), to(2))]))).toEqual([2, 5]);
  });
});

describe('4.5 and 5.12, Output', () => {
  const outputs = (...actions: Action[]) => ports(run([apply(...actions)]));

  it('to the port that the packet came in by, sends only by OFPP_IN_PORT', () => {
    expect(outputs(to(1), to(2))).toEqual([2]);
    expect(outputs(to(PORT.inPort))).toEqual([1]);
  });

  it('OFPP_ALL and OFPP_FLOOD: by every port but the one that it came in by', () => {
    expect(outputs(to(PORT.all))).toEqual([2, 3, 4]);
    expect(outputs(to(PORT.flood))).toEqual([2, 3, 4]);
  });

  it('OFPP_NORMAL: like a bridge that learns', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ instructions: [output(PORT.normal)] }));
    bench.receive(1, udpFrame({ src: 1, dst: 2 }));
    bench.receive(3, udpFrame({ src: 2, dst: 1 }));
    bench.receive(1, udpFrame({ src: 1, dst: 2 }));
    expect(bench.takePorts()).toEqual([2, 3, 4, 1, 3]);
  });

  it('OFPP_NORMAL learns nothing from what a controller sends', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ instructions: [output(PORT.normal)] }));
    const packetOut = { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: PORT.controller } as const;
    controller.send({ ...packetOut, actions: [to(PORT.normal)], data: udpFrame({ src: 7, dst: 8 }) });
    expect(bench.takePorts()).toEqual([1, 2, 3, 4]);
    bench.receive(1, udpFrame({ src: 8, dst: 7 }));
    expect(bench.takePorts()).toEqual([2, 3, 4]);
  });

  it('OFPP_CONTROLLER: as many bytes as max_len says, all of them with OFPCML_NO_BUFFER, and the packet goes on', () => {
    for (const [maxLen, bytes] of [
      [0, 0],
      [20, 20],
      [0xffff, 60],
    ] as const) {
      const { bench, controller } = start();
      controller.send(flowMod({ cookie: 3n, instructions: [apply(to(PORT.controller, maxLen), to(2))] }));
      bench.receive(1, udpFrame());
      const up = controller.takeOne('packetIn');
      expect(up).toMatchObject({ reason: PACKET_IN_REASON.action, tableId: 0, cookie: 3n, totalLen: 60 });
      expect([up.data.length, up.bufferId === BUFFER_NONE]).toEqual([bytes, maxLen === 0xffff]);
      expect(bench.takePorts()).toEqual([2]);
    }
  });

  it('OFPP_TABLE: in a packet-out only, and there through the tables like a packet that came in', () => {
    const { bench, controller } = start();
    const toTable = apply(to(PORT.table));
    expect(controller.ask(flowMod({ instructions: [toTable] }))).toBe('BAD_ACTION/BAD_OUT_PORT');
    controller.send(flowMod({ match: [{ type: 'inPort', value: 3 }], instructions: [output(PORT.all)] }));
    const packetOut = { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, data: udpFrame() } as const;
    controller.send({ ...packetOut, inPort: 3, actions: [to(PORT.table), to(4)] });
    expect(bench.takePorts()).toEqual([1, 2, 4, 4]);
  });

  it('OFPP_ANY and port 0 are no ports to send to', () => {
    const { controller } = start();
    for (const port of [PORT.any, 0]) {
      expect(controller.ask(flowMod({ instructions: [output(port)] }))).toBe('BAD_ACTION/BAD_OUT_PORT');
    }
  });
});

describe('5.12, the TTL that is up', () => {
  it('drops the packet, and tells controllers that ask for it with OFPR_INVALID_TTL', () => {
    const { bench, controller } = start();
    const mask = [7, 0] as const;
    controller.send({ type: 'setAsync', xid: 1, packetInMask: mask, portStatusMask: mask, flowRemovedMask: mask });
    const instructions = [apply(to(2), { type: 'decNwTtl' }, to(3)), write(to(4)), goto(1)];
    controller.send(flowMod({ cookie: 6n, match: [ip], instructions }));
    controller.send(flowMod({ tableId: 1, instructions: [output(4)] }));
    const frame = udpFrame();
    frame[22] = 1;
    bench.receive(1, frame);
    expect(bench.takePorts()).toEqual([2]);
    const { invalidTtl: reason } = PACKET_IN_REASON;
    expect(controller.takeOne('packetIn')).toMatchObject({ reason, tableId: 0, cookie: 6n, totalLen: 60 });
  });
});

describe('6.2 and 7.3.8, barriers', () => {
  it('are answered behind the answers and errors of all that was asked before, and in order', () => {
    const bench = new SwitchBench();
    const controller = new TestController(bench);
    controller.take('featuresReply');
    controller.session.send(flowMod({ xid: 1, tableId: 200 }));
    controller.session.send({ type: 'barrierRequest', xid: 2 });
    controller.session.send({ type: 'multipartRequest', xid: 3, flags: 0, body: { type: 'table' } });
    controller.session.send({ type: 'echoRequest', xid: 4, data: new Uint8Array(0) });
    controller.session.send({ type: 'barrierRequest', xid: 5 });
    controller.pump();
    expect(controller.inbox.map(({ type, xid }) => `${type} ${xid}`)).toEqual([
      'error 1',
      'barrierReply 2',
      'multipartReply 3',
      'echoReply 4',
      'barrierReply 5',
    ]);
  });

  it('what was asked before is in force when the barrier is answered, and so for packets that follow', () => {
    const { bench, controller } = start();
    controller.send(flowMod({ instructions: [output(2)] }));
    controller.send({ type: 'barrierRequest', xid: 2 });
    bench.receive(1, udpFrame());
    expect(bench.takePorts()).toEqual([2]);
  });
});
