/**
 * A whole switch under fuzz: mutated control messages and mutated frames. Nothing that a peer sends may throw, and afterwards the
 * switch must still answer, forward, and have counted what came.
 */

import type { Action } from '../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND, FLOW_FLAG, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { GROUP, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import { fromBytes, HEADER_BYTES, type Message, toBytes } from '../../protocol/wire/openflow/message.ts';
import { METER_FLAG } from '../../protocol/wire/openflow/meter.ts';
import { OXM, type Oxm, type OxmName } from '../../protocol/wire/openflow/oxm.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { toHello } from '../../protocol/wire/openflow/version.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { ASYNC_DEFAULT } from '../../vswitch/async-config.ts';
import { Switch } from '../../vswitch/switch.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const PORTS = [1, 2, 3];

const HELLO = toBytes(toHello(1));

function flowMod(fields: Partial<FlowMod>): FlowMod {
  return {
    type: 'flowMod',
    xid: 2,
    cookie: 1n,
    cookieMask: 0n,
    tableId: 0,
    command: FLOW_COMMAND.add,
    idleTimeout: 0,
    hardTimeout: 0,
    priority: 5,
    bufferId: BUFFER_NONE,
    outPort: PORT.any,
    outGroup: GROUP.any,
    flags: 0,
    match: [],
    instructions: [],
    ...fields,
  };
}

const toPort = (port: number): Action => ({ type: 'output', port, maxLen: 64 });

const bucket = (port: number, fields = {}) => ({
  weight: 0,
  watchPort: PORT.any,
  watchGroup: GROUP.any,
  actions: [toPort(port)],
  ...fields,
});

const EDITS: readonly Action[] = [
  { type: 'copyTtlIn' },
  { type: 'pushVlan', etherType: 0x8100 },
  toPort(2),
  { type: 'popVlan' },
  { type: 'popVlan' },
  { type: 'pushPbb', etherType: 0x88e7 },
  toPort(2),
  { type: 'popPbb' },
  { type: 'popPbb' },
  { type: 'pushMpls', etherType: 0x8847 },
  { type: 'copyTtlOut' },
  { type: 'setMplsTtl', ttl: 64 },
  { type: 'decMplsTtl' },
  { type: 'copyTtlIn' },
  { type: 'popMpls', etherType: 0x0800 },
  { type: 'setNwTtl', ttl: 64 },
  { type: 'decNwTtl' },
];

const NOT_SETTABLE: readonly OxmName[] = ['inPort', 'inPhyPort', 'metadata', 'ipv6Exthdr', 'ethType', 'ipProto'];

const ALL_FIELDS: readonly Action[] = (Object.keys(OXM) as OxmName[])
  .filter((name) => !NOT_SETTABLE.includes(name))
  .map((type) => {
    const isBig = OXM[type].as.sizeMin > 6;
    return { type: 'setField', field: { type, value: isBig ? 1n : type === 'vlanVid' ? 0x1001 : 1 } as Oxm };
  });

/** Rules that bring a packet by every action, whatever it is. */
const RULES: readonly Message[] = [
  {
    type: 'groupMod',
    xid: 1,
    command: 0,
    groupType: GROUP_TYPE.all,
    groupId: 1,
    buckets: [bucket(1), bucket(2, { actions: [...ALL_FIELDS, toPort(PORT.controller)] })],
  },
  {
    type: 'groupMod',
    xid: 1,
    command: 0,
    groupType: GROUP_TYPE.select,
    groupId: 2,
    buckets: [bucket(1, { weight: 1 })],
  },
  {
    type: 'groupMod',
    xid: 1,
    command: 0,
    groupType: GROUP_TYPE.fastFailover,
    groupId: 3,
    buckets: [bucket(3, { watchPort: 3 })],
  },
  {
    type: 'meterMod',
    xid: 1,
    command: 0,
    flags: METER_FLAG.pktps,
    meterId: 1,
    bands: [{ type: 'dscpRemark', rate: 1, burstSize: 0, precLevel: 1 }],
  },
  flowMod({
    instructions: [
      { type: 'meter', meterId: 1 },
      { type: 'gotoTable', tableId: 1 },
    ],
  }),
  flowMod({
    tableId: 1,
    instructions: [
      { type: 'applyActions', actions: [toPort(PORT.flood), toPort(PORT.controller), { type: 'group', groupId: 3 }] },
      { type: 'writeActions', actions: [{ type: 'group', groupId: 1 }, ...ALL_FIELDS.slice(0, 4)] },
      { type: 'writeMetadata', metadata: 3n, mask: 7n },
      { type: 'gotoTable', tableId: 2 },
    ],
  }),
  flowMod({
    tableId: 2,
    match: [
      { type: 'ethType', value: 0x0800 },
      { type: 'ipProto', value: 6 },
    ],
    idleTimeout: 1,
    flags: FLOW_FLAG.sendFlowRem | FLOW_FLAG.checkOverlap,
    instructions: [{ type: 'applyActions', actions: [{ type: 'group', groupId: 2 }, toPort(PORT.normal)] }],
  }),
];

class Rig {
  readonly device: Switch;
  now = 1;
  sent = 0;

  constructor() {
    this.device = new Switch(
      {
        name: 'fuzz',
        dpid: 1n,
        ports: PORTS.map((portNo) => ({ portNo, name: `p${portNo}`, hwAddr: portNo })),
        tableCount: 4,
      },
      {
        transmit: (portNo, frame) => {
          assert(PORTS.includes(portNo) && frame.length >= 14, 'frames leave by ports, with an Ethernet header');
          this.sent++;
        },
      },
    );
    this.ask(RULES);
  }

  /** Lets a controller say this, on a connection of its own; answers all bytes that came back. */
  ask(messages: readonly (Message | Uint8Array)[]): readonly Uint8Array[] {
    const connection = this.device.connect(this.now);
    connection.receive(HELLO, this.now);
    for (const message of messages)
      connection.receive(message instanceof Uint8Array ? message : toBytes(message), this.now);
    const out = connection.takeOutgoing();
    connection.close(this.now);
    this.now += 10_000_000;
    this.device.poll(this.now);
    return cut(out ?? new Uint8Array(0));
  }

  /** It still answers, and every message that it sends can be read. */
  check(): void {
    const answers = this.ask([{ type: 'barrierRequest', xid: 99 }]).map((bytes) => fromBytes(bytes));
    assert(
      answers.some(({ type, xid }) => type === 'barrierReply' && xid === 99),
      'a switch answers a barrier whatever came before',
    );
  }
}

function cut(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 2)) {
    assert(view.getUint16(at + 2) >= HEADER_BYTES, 'what a switch sends are messages');
    messages.push(bytes.subarray(at, at + view.getUint16(at + 2)));
  }
  return messages;
}

/** The same switch for a while, so that what one input has left behind meets the next. */
const INPUTS_PER_RIG = 100;

function rigs(): () => Rig {
  let rig = new Rig();
  let inputs = 0;
  return () => {
    if (++inputs % INPUTS_PER_RIG === 0) rig = new Rig();
    return rig;
  };
}

const nextMessageRig = rigs();
const nextFrameRig = rigs();

const ALL_FLOWS = {
  tableId: 0xff,
  outPort: PORT.any,
  outGroup: GROUP.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
} as const;

const REQUESTS: readonly Message[] = [
  ...RULES,
  flowMod({ command: FLOW_COMMAND.delete, tableId: 0xff }),
  flowMod({ command: FLOW_COMMAND.modify, instructions: [{ type: 'applyActions', actions: [...EDITS] }] }),
  flowMod({ command: FLOW_COMMAND.deleteStrict, priority: 5, outGroup: 1 }),
  { type: 'groupMod', xid: 1, command: 1, groupType: GROUP_TYPE.indirect, groupId: 2, buckets: [bucket(2)] },
  { type: 'groupMod', xid: 1, command: 2, groupType: GROUP_TYPE.all, groupId: GROUP.all, buckets: [] },
  { type: 'meterMod', xid: 1, command: 2, flags: 0, meterId: 0xffffffff, bands: [] },
  {
    type: 'packetOut',
    xid: 1,
    bufferId: BUFFER_NONE,
    inPort: 1,
    actions: [...EDITS, toPort(PORT.table)],
    data: frames()[0]!,
  },
  { type: 'packetOut', xid: 1, bufferId: 3, inPort: PORT.controller, actions: [toPort(1)], data: new Uint8Array(0) },
  { type: 'portMod', xid: 1, portNo: 2, hwAddr: 2, config: 1, mask: 1, advertise: 0 },
  { type: 'tableMod', xid: 1, tableId: 0xff, config: 0 },
  { type: 'setConfig', xid: 1, flags: 1, missSendLen: 20 },
  { type: 'roleRequest', xid: 1, role: 2, generationId: 5n },
  { type: 'setAsync', xid: 1, ...ASYNC_DEFAULT },
  { type: 'queueGetConfigRequest', xid: 1, port: 1 },
  { type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'flow', ...ALL_FLOWS } },
  { type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'group', groupId: GROUP.all } },
  { type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'meter', meterId: 0xffffffff } },
  { type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'tableFeatures', entries: [] } },
  { type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'portStats', portNo: PORT.any } },
  { type: 'multipartRequest', xid: 1, flags: 0, body: { type: 'queue', portNo: 1, queueId: 0xffffffff } },
];

function frames(): readonly Uint8Array[] {
  const ethernet = { type: 'ethernet', dst: 2, src: 1 } as const;
  const ipv4 = { type: 'ipv4', ttl: 64, src: 1, dst: 2 } as const;
  const ipv6 = { type: 'ipv6', hopLimit: 64, src: 1n, dst: 2n } as const;
  const tcp = { type: 'tcp', srcPort: 1, dstPort: 2, seq: 0, ack: 0, flags: 2, window: 0 } as const;
  const udp = { type: 'udp', srcPort: 1000, dstPort: 2000 } as const;
  const payload = { type: 'payload', data: new Uint8Array(20) } as const;
  const options = { type: 'destination-options', options: [] } as const;
  return [
    encodeFrame([{ ...ethernet, etherType: 0x0800 }, { ...ipv4, protocol: 6 }, tcp, payload]),
    encodeFrame([
      { ...ethernet, etherType: 0x8100 },
      { type: 'vlan', vid: 5, etherType: 0x0800 },
      { ...ipv4, protocol: 17 },
      udp,
      payload,
    ]),
    encodeFrame([{ ...ethernet, etherType: 0x86dd }, { ...ipv6, nextHeader: 60 }, { ...options, nextHeader: 6 }, tcp]),
    encodeFrame([
      { ...ethernet, etherType: 0x8847 },
      { type: 'mpls', label: 5, ttl: 2, bottom: false },
      { type: 'mpls', label: 6, ttl: 2, bottom: true },
      { ...ipv4, protocol: 17 },
      udp,
    ]),
    encodeFrame([
      { ...ethernet, etherType: 0x88e7 },
      { type: 'pbb', isid: 7 },
      { ...ethernet, etherType: 0x0800 },
      { ...ipv4, protocol: 1 },
      payload,
    ]),
  ];
}

export const VSWITCH_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'switch: control messages',
    seeds: REQUESTS.map((request) => toBytes(request)),
    run(bytes) {
      const rig = nextMessageRig();
      // As a stream, and once more as one message of the length that it has: streams that lie about lengths end early.
      rig.ask([bytes]);
      if (bytes.length >= HEADER_BYTES && bytes.length <= 0xffff) {
        const whole = bytes.slice();
        new DataView(whole.buffer).setUint16(2, whole.length);
        for (const answer of rig.ask([whole])) fromBytes(answer);
      }
      rig.device.receiveFrame(1, frames()[0]!, rig.now);
      rig.check();
    },
  },
  {
    name: 'switch: frames',
    seeds: frames(),
    run(bytes) {
      const rig = nextFrameRig();
      rig.device.receiveFrame(1, bytes, rig.now);
      rig.ask([
        { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: 2, actions: EDITS, data: bytes.slice(0, 2000) },
      ]);
      const setAll = [...ALL_FIELDS, toPort(1)];
      rig.ask([
        { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: 2, actions: setAll, data: bytes.slice(0, 2000) },
      ]);
      rig.check();
    },
  },
];
