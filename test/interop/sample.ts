/**
 * One message of each type and one of each multipart in both directions, with every action, instruction, band and property among
 * them: what we show to foreign programs.
 *
 * All are valid to the letter (prerequisites first, values within their bits), because a peer refuses what is not, and no two
 * numbers of a message are alike where the protocol leaves a choice, so that a value read from the wrong place shows.
 */
import { parseHex } from '../../protocol/wire/hex.ts';
import { MESSAGES, type Message, type MessageType } from '../../protocol/wire/openflow/message.ts';
import type {
  MultipartReplyBody,
  MultipartRequestBody,
  MultipartType,
} from '../../protocol/wire/openflow/multipart.ts';
import { toOxmId } from '../../protocol/wire/openflow/oxm.ts';
import { PORT, type Port } from '../../protocol/wire/openflow/port.ts';
import type { TableFeatures } from '../../protocol/wire/openflow/table.ts';
import { ACTION_LIST, ANY, COOKIE, flowModOf, INSTRUCTION_LIST, NO_BUFFER, TCP_MATCH } from './sample-rule.ts';

type BodyOf<B, T> = Omit<Extract<B, { readonly type: T }>, 'type'>;

/** An ARP request: who has 10.0.0.2, tell 10.0.0.1. */
const FRAME = parseHex(
  'ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002',
)!;

export const PORT_SAMPLE: Port = {
  portNo: 7,
  hwAddr: 0x020000000007,
  name: 'eth7',
  config: 0x21,
  state: 0x4,
  current: 0x2820,
  advertised: 0x8,
  supported: 0x20,
  peer: 0x40,
  currentSpeedKbps: 1_000_000,
  maxSpeedKbps: 10_000_000,
};

const FLOW_REQUEST = { tableId: 0xff, outPort: 9, outGroup: ANY, cookie: 0x55n, cookieMask: 0xffn, match: TCP_MATCH };

const ALL_IDS = (...ids: readonly number[]) =>
  ids.map((id) => ({ type: 'unknown', id, body: new Uint8Array() }) as const);

/** Every property but the experimenters', which only who knows the experimenter can read. */
export const TABLE_SAMPLE: TableFeatures = {
  tableId: 2,
  name: 'classifier',
  metadataMatch: 0xff00n,
  metadataWrite: 0xf0n,
  config: 0,
  maxEntries: 1000,
  properties: [
    { type: 'instructions', instructions: ALL_IDS(1, 2, 3, 4, 5, 6) },
    { type: 'instructionsMiss', instructions: ALL_IDS(1) },
    { type: 'nextTables', tables: [3, 4, 5] },
    { type: 'nextTablesMiss', tables: [3] },
    { type: 'writeActions', actions: ALL_IDS(0, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27) },
    { type: 'writeActionsMiss', actions: ALL_IDS(0) },
    { type: 'applyActions', actions: ALL_IDS(0, 22, 25) },
    { type: 'applyActionsMiss', actions: ALL_IDS(0, 22) },
    { type: 'match', fields: [toOxmId('inPort'), toOxmId('ethDst', true), toOxmId('ethType')] },
    { type: 'wildcards', fields: [toOxmId('inPort'), toOxmId('ethType')] },
    { type: 'writeSetfield', fields: [toOxmId('vlanVid'), toOxmId('ipv4Src')] },
    { type: 'writeSetfieldMiss', fields: [toOxmId('vlanPcp')] },
    { type: 'applySetfield', fields: [toOxmId('ethSrc'), toOxmId('ethDst')] },
    { type: 'applySetfieldMiss', fields: [toOxmId('ipDscp')] },
  ],
};

const BANDS = [
  { type: 'drop', rate: 1001, burstSize: 102 },
  { type: 'dscpRemark', rate: 1003, burstSize: 104, precLevel: 1 },
] as const;

const BUCKETS = [
  { weight: 10, watchPort: ANY, watchGroup: ANY, actions: [{ type: 'output', port: 1, maxLen: 0 }] },
  {
    weight: 20,
    watchPort: ANY,
    watchGroup: ANY,
    actions: [{ type: 'popVlan' }, { type: 'output', port: 2, maxLen: 0 }],
  },
] as const;

type Sample<T extends MessageType> = Omit<Extract<Message, { readonly type: T }>, 'type' | 'xid'>;

const MESSAGE_SAMPLES: { readonly [T in Exclude<MessageType, 'multipartRequest' | 'multipartReply'>]: Sample<T> } = {
  hello: { version: 4, elements: [{ type: 'versionBitmap', bitmaps: [0x12] }] },
  error: { errorType: 4, code: 9, data: parseHex('04 14 0008 00000007')! },
  echoRequest: { data: Uint8Array.of(1, 2, 3) },
  echoReply: { data: Uint8Array.of(4, 5, 6, 7) },
  experimenter: { experimenter: 0x00aabbcc, expType: 5, data: Uint8Array.of(8, 9) },
  featuresRequest: {},
  featuresReply: {
    datapathId: 0x0001020000000011n,
    nBuffers: 256,
    nTables: 254,
    auxiliaryId: 0,
    capabilities: 0x4f,
    reserved: 0,
  },
  getConfigRequest: {},
  getConfigReply: { flags: 0, missSendLen: 128 },
  setConfig: { flags: 1, missSendLen: 129 },
  packetIn: {
    bufferId: 0x111,
    totalLen: 42,
    reason: 1,
    tableId: 3,
    cookie: COOKIE,
    match: [
      { type: 'inPort', value: 9 },
      { type: 'metadata', value: 0x99n },
    ],
    data: FRAME,
  },
  flowRemoved: {
    cookie: COOKIE,
    priority: 101,
    reason: 1,
    tableId: 2,
    durationSec: 60,
    durationNsec: 500_000_000,
    idleTimeout: 30,
    hardTimeout: 600,
    packetCount: 12n,
    byteCount: 1234n,
    match: TCP_MATCH,
  },
  portStatus: { reason: 2, port: PORT_SAMPLE },
  packetOut: { bufferId: NO_BUFFER, inPort: PORT.controller, actions: ACTION_LIST, data: FRAME },
  flowMod: flowModOf(TCP_MATCH, INSTRUCTION_LIST) as Sample<'flowMod'>,
  groupMod: { command: 0, groupType: 1, groupId: 71, buckets: BUCKETS },
  portMod: { portNo: 2, hwAddr: 0x020000000002, config: 0x1, mask: 0x21, advertise: 0x40 },
  tableMod: { tableId: 5, config: 0 },
  barrierRequest: {},
  barrierReply: {},
  queueGetConfigRequest: { port: 4 },
  queueGetConfigReply: {
    port: 4,
    queues: [
      {
        queueId: 11,
        port: 4,
        properties: [
          { type: 'minRate', rate: 200 },
          { type: 'maxRate', rate: 900 },
        ],
      },
      { queueId: 12, port: 4, properties: [] },
    ],
  },
  roleRequest: { role: 2, generationId: 0x8000000000000001n },
  roleReply: { role: 3, generationId: 0x8000000000000002n },
  getAsyncRequest: {},
  getAsyncReply: { packetInMask: [0x7, 0x1], portStatusMask: [0x6, 0x5], flowRemovedMask: [0xf, 0x2] },
  setAsync: { packetInMask: [0x1, 0x2], portStatusMask: [0x3, 0x4], flowRemovedMask: [0x5, 0x6] },
  meterMod: { command: 0, flags: 13, meterId: 81, bands: BANDS },
};

const REQUEST_SAMPLES: { readonly [T in MultipartType]: BodyOf<MultipartRequestBody, T> } = {
  desc: {},
  flow: FLOW_REQUEST,
  aggregate: { ...FLOW_REQUEST, tableId: 8 },
  table: {},
  portStats: { portNo: 91 },
  queue: { portNo: 92, queueId: 93 },
  group: { groupId: 94 },
  groupDesc: {},
  groupFeatures: {},
  meter: { meterId: 95 },
  meterConfig: { meterId: 96 },
  meterFeatures: {},
  tableFeatures: { entries: [TABLE_SAMPLE] },
  portDesc: {},
  experimenter: { experimenter: 0x00aabbcc, expType: 6, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
};

const REPLY_SAMPLES: { readonly [T in MultipartType]: BodyOf<MultipartReplyBody, T> } = {
  desc: { mfrDesc: 'Sluice Works', hwDesc: 'a table', swDesc: '0.1', serialNum: 'SN-1', dpDesc: 'gateway of plant A' },
  flow: {
    entries: [
      {
        tableId: 1,
        durationSec: 2,
        durationNsec: 3_000_000,
        priority: 4,
        idleTimeout: 5,
        hardTimeout: 6,
        flags: 1,
        cookie: 7n,
        packetCount: 8n,
        byteCount: 9n,
        match: TCP_MATCH,
        instructions: INSTRUCTION_LIST,
      },
      {
        tableId: 10,
        durationSec: 11,
        durationNsec: 12_000_000,
        priority: 13,
        idleTimeout: 14,
        hardTimeout: 15,
        flags: 0,
        cookie: 16n,
        packetCount: 17n,
        byteCount: 18n,
        match: [],
        instructions: [],
      },
    ],
  },
  aggregate: { packetCount: 7n, byteCount: 574n, flowCount: 6 },
  table: { entries: [{ tableId: 3, activeCount: 4, lookupCount: 5n, matchedCount: 6n }] },
  portStats: {
    entries: [
      {
        portNo: 21,
        rxPackets: 1n,
        txPackets: 2n,
        rxBytes: 3n,
        txBytes: 4n,
        rxDropped: 5n,
        txDropped: 6n,
        rxErrors: 7n,
        txErrors: 8n,
        rxFrameErrors: 9n,
        rxOverErrors: 10n,
        rxCrcErrors: 11n,
        collisions: 12n,
        durationSec: 13,
        durationNsec: 14_000_000,
      },
    ],
  },
  queue: {
    entries: [
      {
        portNo: 21,
        queueId: 22,
        txBytes: 23n,
        txPackets: 24n,
        txErrors: 25n,
        durationSec: 26,
        durationNsec: 27_000_000,
      },
    ],
  },
  group: {
    entries: [
      {
        groupId: 31,
        refCount: 32,
        packetCount: 33n,
        byteCount: 34n,
        durationSec: 35,
        durationNsec: 36_000_000,
        bucketStats: [
          { packetCount: 37n, byteCount: 38n },
          { packetCount: 39n, byteCount: 40n },
        ],
      },
    ],
  },
  groupDesc: { entries: [{ groupType: 1, groupId: 41, buckets: BUCKETS }] },
  groupFeatures: {
    types: 0xf,
    capabilities: 0x3,
    maxGroups: [51, 52, 53, 54],
    actions: [0x1, 0x20001, 0x400001, 0x2000001],
  },
  meter: {
    entries: [
      {
        meterId: 61,
        flowCount: 62,
        packetInCount: 63n,
        byteInCount: 64n,
        durationSec: 65,
        durationNsec: 66_000_000,
        bandStats: [{ packetBandCount: 67n, byteBandCount: 68n }],
      },
    ],
  },
  meterConfig: { entries: [{ flags: 5, meterId: 71, bands: BANDS }] },
  meterFeatures: { maxMeter: 81, bandTypes: 6, capabilities: 0xf, maxBands: 82, maxColor: 83 },
  tableFeatures: { entries: [TABLE_SAMPLE] },
  portDesc: { entries: [PORT_SAMPLE] },
  experimenter: { experimenter: 0x00aabbcc, expType: 7, data: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1) },
};

/** `flowMod`, `multipartRequest desc`, `multipartReply desc`, …: every name once, and its number as the transaction id. */
export const SAMPLES: Readonly<Record<string, Message>> = toSamples();

function toSamples(): Readonly<Record<string, Message>> {
  const samples: Record<string, Message> = {};
  const add = (name: string, message: object) => {
    samples[name] = { ...message, xid: 1000 + Object.keys(samples).length } as Message;
  };
  const types = Object.keys(MESSAGES) as MessageType[];
  for (const type of types) {
    if (type === 'multipartRequest' || type === 'multipartReply') {
      const bodies = type === 'multipartRequest' ? REQUEST_SAMPLES : REPLY_SAMPLES;
      for (const [name, body] of Object.entries(bodies)) {
        add(`${type} ${name}`, { type, flags: 0, body: { type: name, ...body } });
      }
    } else {
      add(type, { type, ...MESSAGE_SAMPLES[type] });
    }
  }
  return samples;
}
