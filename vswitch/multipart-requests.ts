/**
 * OpenFlow 1.3.5, section 7.3.5: what can be asked of a switch at length: descriptions, counters, features.
 *
 * A long answer goes out in as many messages as it takes, each entry whole in one of them: the entries that were there when it was
 * asked for, as they are when their message is made.
 */
import type { Codec } from '../protocol/wire/openflow/codec.ts';
import { type FlowStats, flowStats } from '../protocol/wire/openflow/flow.ts';
import { GROUP, groupDesc, groupStats } from '../protocol/wire/openflow/group.ts';
import { MESSAGE_BYTES_MAX, type Message } from '../protocol/wire/openflow/message.ts';
import { METER, METER_BANDS, METER_FLAG, meterConfig, meterStats } from '../protocol/wire/openflow/meter.ts';
import {
  MULTIPART_MORE,
  type MultipartReplyBody,
  type MultipartRequest,
  type MultipartRequestBody,
  type MultipartType,
} from '../protocol/wire/openflow/multipart.ts';
import { sizeOf } from '../protocol/wire/openflow/place.ts';
import { PORT, port, portStats } from '../protocol/wire/openflow/port.ts';
import { queueStats } from '../protocol/wire/openflow/queue.ts';
import { TABLE, tableFeatures, tableStats } from '../protocol/wire/openflow/table.ts';
import { describeGroupFeatures } from './group-features.ts';
import type { MeterEntry } from './meter-entry.ts';
import { BANDS_MAX, METERS_MAX } from './meters.ts';
import { listQueueStats } from './queue-requests.ts';
import { refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
import { RULE_NONE } from './rule-store.ts';
import { countGroupUsers, countMeterUsers } from './user-counts.ts';
import { cutName, DESC_BYTES } from './wire-name.ts';

type Asker<T extends MultipartType> = (
  body: Extract<MultipartRequestBody, { readonly type: T }>,
  context: RequestContext,
  xid: number,
) => void;

const ASKERS: { readonly [T in MultipartType]: Asker<T> } = {
  desc: (_body, context, xid) => reply(context, xid, { type: 'desc', ...describeSwitch(context) }),
  flow: (body, context, xid) => {
    const rules = selectRules(body, context);
    replyList(context, xid, 'flow', flowStats, describeRules(rules, context));
  },
  aggregate: (body, context, xid) =>
    reply(context, xid, { type: 'aggregate', ...sumUp(selectRules(body, context), context) }),
  table: (_body, context, xid) => {
    const { tables, setup } = context.datapath;
    const present = tables.tables.filter(({ tableId }) => setup.has(tableId));
    const entries = present.map((table) => ({
      tableId: table.tableId,
      activeCount: table.count,
      lookupCount: BigInt(table.lookupCount),
      matchedCount: BigInt(table.matchedCount),
    }));
    replyList(context, xid, 'table', tableStats, entries);
  },
  portStats: ({ portNo }, context, xid) => {
    const { ports } = context.datapath;
    if (portNo !== PORT.any && !ports.has(portNo)) refuse('BAD_REQUEST/BAD_PORT', `there is no port ${portNo}`);
    const asked = ports.all.filter((candidate) => portNo === PORT.any || candidate.portNo === portNo);
    replyList(
      context,
      xid,
      'portStats',
      portStats,
      asked.map((each) => each.toStats(context.now)),
    );
  },
  queue: (body, context, xid) => replyList(context, xid, 'queue', queueStats, listQueueStats(body, context)),
  group: ({ groupId }, context, xid) => {
    const { groups, tables } = context.datapath;
    const asked = groups.all().filter((group) => groupId === GROUP.all || group.groupId === groupId);
    const users = countGroupUsers(asked.length === 0 ? [] : tables.rules.programs.all(), groups.all());
    const entries = mapEach(asked, (group) => group.toStats(users.get(group.groupId) ?? 0, context.now));
    replyList(context, xid, 'group', groupStats, entries);
  },
  groupDesc: (_body, context, xid) =>
    replyList(
      context,
      xid,
      'groupDesc',
      groupDesc,
      mapEach(context.datapath.groups.all(), (group) => group.describe()),
    ),
  groupFeatures: (_body, context, xid) => reply(context, xid, { type: 'groupFeatures', ...describeGroupFeatures() }),
  meter: ({ meterId }, context, xid) => {
    const asked = selectMeters(meterId, context);
    const users = countMeterUsers(asked.length === 0 ? [] : context.datapath.tables.rules.programs.all());
    const entries = mapEach(asked, (meter) => meter.toStats(users.get(meter.meterId) ?? 0, context.now));
    replyList(context, xid, 'meter', meterStats, entries);
  },
  meterConfig: ({ meterId }, context, xid) =>
    replyList(
      context,
      xid,
      'meterConfig',
      meterConfig,
      selectMeters(meterId, context).map((meter) => meter.describe()),
    ),
  meterFeatures: (_body, context, xid) =>
    reply(context, xid, {
      type: 'meterFeatures',
      maxMeter: METERS_MAX,
      bandTypes: (1 << METER_BANDS.drop.id) | (1 << METER_BANDS.dscpRemark.id),
      capabilities: Object.values(METER_FLAG).reduce((bits: number, flag) => bits | flag, 0),
      maxBands: BANDS_MAX,
      maxColor: 0,
    }),
  tableFeatures: ({ entries }, context, xid) => {
    const { setup } = context.datapath;
    if (entries.length > 0) setup.configure(entries);
    replyList(context, xid, 'tableFeatures', tableFeatures, setup.describe());
  },
  portDesc: (_body, context, xid) =>
    replyList(
      context,
      xid,
      'portDesc',
      port,
      context.datapath.ports.all.map((each) => each.describe()),
    ),
  experimenter: ({ experimenter }) => refuse('BAD_REQUEST/BAD_EXPERIMENTER', `experimenter ${experimenter}`),
};

export function replyMultipart({ xid, body }: MultipartRequest, context: RequestContext): void {
  (ASKERS[body.type] as Asker<MultipartType>)(body as never, context, xid);
}

function reply({ connection }: RequestContext, xid: number, body: MultipartReplyBody): void {
  connection.send({ type: 'multipartReply', xid, flags: 0, body });
}

type ListBody = Extract<MultipartReplyBody, { readonly entries: readonly unknown[] }>;
type EntryOf<T extends ListBody['type']> = Extract<ListBody, { readonly type: T }>['entries'][number];

/** The headers of a message and of a multipart reply. */
const REPLY_BYTES = 16;

/** Entries are made as they are sent: of a thousand rules or a million. */
function replyList<T extends ListBody['type']>(
  { connection }: RequestContext,
  xid: number,
  type: T,
  codec: Codec<EntryOf<T>>,
  entries: Iterable<EntryOf<T>>,
): void {
  connection.sendAll(toReplies(xid, type, codec, entries));
}

/** In as many messages as it takes, one at least. */
function* toReplies<T extends ListBody['type']>(
  xid: number,
  type: T,
  codec: Codec<EntryOf<T>>,
  entries: Iterable<EntryOf<T>>,
): Generator<Message> {
  const toReply = (part: readonly EntryOf<T>[], flags: number): Message => ({
    type: 'multipartReply',
    xid,
    flags,
    body: { type, entries: part } as unknown as MultipartReplyBody,
  });
  let part: EntryOf<T>[] = [];
  let bytes = REPLY_BYTES;
  for (const entry of entries) {
    const size = sizeOf(codec, entry);
    if (bytes + size > MESSAGE_BYTES_MAX) {
      yield toReply(part, MULTIPART_MORE);
      part = [];
      bytes = REPLY_BYTES;
    }
    part.push(entry);
    bytes += size;
  }
  yield toReply(part, 0);
}

/** Rules that are still there when their turn comes. */
function describeRules(rules: readonly number[], { datapath }: RequestContext): Generator<FlowStats> {
  const { tables } = datapath;
  const tickets = rules.map((rule) => tables.rules.ticketOf(rule));
  return (function* describe() {
    for (const ticket of tickets) {
      const rule = tables.rules.ruleOf(ticket);
      if (rule !== RULE_NONE) yield tables.describe(rule);
    }
  })();
}

function* mapEach<From, To>(items: Iterable<From>, convert: (item: From) => To): Generator<To> {
  for (const item of items) yield convert(item);
}

function describeSwitch({ datapath }: RequestContext) {
  return {
    mfrDesc: 'sluice',
    hwDesc: 'emulated switch',
    swDesc: 'sluice vswitch',
    serialNum: datapath.dpid.toString(16).padStart(16, '0'),
    dpDesc: cutName(datapath.name, DESC_BYTES),
  };
}

type RuleQuestion = Extract<MultipartRequestBody, { readonly type: 'flow' | 'aggregate' }>;

function selectRules(body: RuleQuestion, { datapath }: RequestContext): readonly number[] {
  if (body.tableId !== TABLE.all && !datapath.setup.has(body.tableId)) {
    refuse('BAD_REQUEST/BAD_TABLE_ID', `there is no table ${body.tableId}`);
  }
  return datapath.tables.select(body);
}

function sumUp(rules: readonly number[], { datapath }: RequestContext) {
  const store = datapath.tables.rules;
  const packets = rules.reduce((sum, rule) => sum + store.packetCountOf(rule), 0);
  const bytes = rules.reduce((sum, rule) => sum + store.byteCountOf(rule), 0);
  return { packetCount: BigInt(packets), byteCount: BigInt(bytes), flowCount: rules.length };
}

function selectMeters(meterId: number, { datapath: { meters } }: RequestContext): readonly MeterEntry[] {
  if (meterId === METER.all) return meters.all();
  const meter = meters.get(meterId);
  return meter ? [meter] : refuse('METER_MOD_FAILED/UNKNOWN_METER', `there is no meter ${meterId}`);
}
