/** Valid messages of every kind that a switch takes, and frames of every kind that it reads: what the fuzz of the switch starts from. */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND, FLOW_FLAG, type FlowMod } from '../../protocol/wire/openflow/flow.ts';
import { GROUP, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { METER_FLAG } from '../../protocol/wire/openflow/meter.ts';
import type { MultipartRequestBody } from '../../protocol/wire/openflow/multipart.ts';
import { OXM, type Oxm, type OxmName } from '../../protocol/wire/openflow/oxm.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { toHello } from '../../protocol/wire/openflow/version.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { ASYNC_DEFAULT } from '../../vswitch/async-config.ts';

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

const PORT_1 = {
  ...{ portNo: 1, hwAddr: 1, name: 'p1', config: 0, state: 4, current: 0, advertised: 0, supported: 0, peer: 0 },
  ...{ currentSpeedKbps: 0, maxSpeedKbps: 0 },
};

const TABLE_FEATURES = {
  ...{ tableId: 0, name: 'first', metadataMatch: 1n, metadataWrite: 1n, config: 0, maxEntries: 9 },
  properties: [{ type: 'nextTables', tables: [1, 2] } as const],
};

export const EDITS: readonly Action[] = [
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

export const ALL_FIELDS: readonly Action[] = (Object.keys(OXM) as OxmName[])
  .filter((name) => !NOT_SETTABLE.includes(name))
  .map((type) => {
    const isBig = OXM[type].as.sizeMin > 6;
    return { type: 'setField', field: { type, value: isBig ? 1n : type === 'vlanVid' ? 0x1001 : 1 } as Oxm };
  });

/** Rules that bring a packet by every action, whatever it is. */
export const RULES: readonly Message[] = [
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

export const ALL_FLOWS = {
  tableId: 0xff,
  outPort: PORT.any,
  outGroup: GROUP.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
} as const;

const QUESTIONS: readonly MultipartRequestBody[] = [
  { type: 'desc' },
  { type: 'flow', ...ALL_FLOWS },
  { type: 'aggregate', ...ALL_FLOWS },
  { type: 'table' },
  { type: 'portStats', portNo: PORT.any },
  { type: 'queue', portNo: 1, queueId: 0xffffffff },
  { type: 'group', groupId: GROUP.all },
  { type: 'groupDesc' },
  { type: 'groupFeatures' },
  { type: 'meter', meterId: 0xffffffff },
  { type: 'meterConfig', meterId: 0xffffffff },
  { type: 'meterFeatures' },
  { type: 'tableFeatures', entries: [] },
  { type: 'tableFeatures', entries: [TABLE_FEATURES] },
  { type: 'portDesc' },
  { type: 'experimenter', experimenter: 1, expType: 1, data: Uint8Array.of(1, 2, 3, 4) },
];

const NO_DATA = new Uint8Array(0);

/** Some of them are nothing that a controller says. */
const OTHERS: readonly Message[] = [
  toHello(2),
  { type: 'error', xid: 1, errorType: 1, code: 1, data: NO_DATA },
  { type: 'echoRequest', xid: 1, data: Uint8Array.of(1, 2, 3) },
  { type: 'echoReply', xid: 1, data: NO_DATA },
  { type: 'experimenter', xid: 1, experimenter: 0x2320, expType: 1, data: Uint8Array.of(1, 2, 3, 4) },
  { type: 'featuresRequest', xid: 1 },
  { type: 'getConfigRequest', xid: 1 },
  { type: 'getAsyncRequest', xid: 1 },
  { type: 'barrierRequest', xid: 1 },
  { type: 'barrierReply', xid: 1 },
  { type: 'portStatus', xid: 1, reason: 2, port: PORT_1 },
  {
    type: 'packetIn',
    xid: 1,
    ...{ bufferId: BUFFER_NONE, totalLen: 20, reason: 0, tableId: 0, cookie: 1n, data: new Uint8Array(20) },
    match: [{ type: 'inPort', value: 1 }],
  },
  { type: 'roleRequest', xid: 1, role: 3, generationId: 6n },
  { type: 'roleRequest', xid: 1, role: 1, generationId: 0n },
  {
    type: 'meterMod',
    xid: 1,
    ...{ command: 0, flags: METER_FLAG.kbps | METER_FLAG.burst, meterId: 2 },
    bands: [
      { type: 'drop', rate: 1, burstSize: 1 },
      { type: 'dscpRemark', rate: 2, burstSize: 1, precLevel: 1 },
    ],
  },
  flowMod({
    ...{ bufferId: 0, hardTimeout: 1, flags: 31 },
    match: [
      { type: 'ethType', value: 0x86dd },
      { type: 'ipv6Src', value: 1n, mask: 0xffn },
      { type: 'ipProto', value: 58 },
      { type: 'icmpv6Type', value: 135 },
      { type: 'ipv6NdSll', value: 3 },
    ],
    instructions: [
      { type: 'clearActions' },
      { type: 'writeActions', actions: [{ type: 'setQueue', queueId: 1 }, toPort(2)] },
    ],
  }),
];

export const REQUESTS: readonly Message[] = [
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
  ...QUESTIONS.map((body) => ({ type: 'multipartRequest', xid: 1, flags: 0, body }) as const),
  ...OTHERS,
];

export function frames(): readonly Uint8Array[] {
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
