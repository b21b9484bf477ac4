/**
 * OpenFlow 1.3.5, section 7.3.5: what can be asked of a switch at length: descriptions, counters, features.
 *
 * A long answer goes out in as many messages as it takes, each entry whole in one of them.
 */
import type { Codec } from '../protocol/wire/openflow/codec.ts';
import { type FlowStats, flowStats } from '../protocol/wire/openflow/flow.ts';
import { GROUP, groupDesc, groupStats } from '../protocol/wire/openflow/group.ts';
import { MESSAGE_BYTES_MAX } from '../protocol/wire/openflow/message.ts';
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
import { toDuration } from './duration.ts';
import type { FlowRule } from './flow-rule.ts';
import { describeGroupFeatures } from './group-features.ts';
import type { MeterEntry } from './meter-entry.ts';
import { BANDS_MAX, METERS_MAX } from './meters.ts';
import { sendsTo } from './program.ts';
import { listQueueStats } from './queue-requests.ts';
import { refuse } from './refusal.ts';
import type { RequestContext } from './request.ts';
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
    replyList(
      context,
      xid,
      'flow',
      flowStats,
      rules.map((rule) => toFlowStats(rule, context.now)),
    );
  },
  aggregate: (body, context, xid) => reply(context, xid, { type: 'aggregate', ...sumUp(selectRules(body, context)) }),
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
    const rules = asked.length === 0 ? [] : [...tables.rules()];
    const entries = asked.map((group) => {
      const users = rules.filter(({ instructions }) => sendsTo(instructions, 'group', group.groupId)).length;
      const above = groups.all().filter((other) => other.next.includes(group.groupId)).length;
      return group.toStats(users + above, context.now);
    });
    replyList(context, xid, 'group', groupStats, entries);
  },
  groupDesc: (_body, context, xid) =>
    replyList(
      context,
      xid,
      'groupDesc',
      groupDesc,
      context.datapath.groups.all().map((group) => group.describe()),
    ),
  groupFeatures: (_body, context, xid) => reply(context, xid, { type: 'groupFeatures', ...describeGroupFeatures() }),
  meter: ({ meterId }, context, xid) => {
    const rules = [...context.datapath.tables.rules()];
    const entries = selectMeters(meterId, context).map((meter) => {
      const users = rules.filter(({ instructions }) =>
        instructions.some((it) => it.type === 'meter' && it.meterId === meter.meterId),
      );
      return meter.toStats(users.length, context.now);
    });
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

function reply({ connection }: RequestContext, xid: number, body: MultipartReplyBody, flags = 0): void {
  connection.send({ type: 'multipartReply', xid, flags, body });
}

type ListBody = Extract<MultipartReplyBody, { readonly entries: readonly unknown[] }>;
type EntryOf<T extends ListBody['type']> = Extract<ListBody, { readonly type: T }>['entries'][number];

/** The headers of a message and of a multipart reply. */
const REPLY_BYTES = 16;

/** In as many messages as it takes, one at least. */
function replyList<T extends ListBody['type']>(
  context: RequestContext,
  xid: number,
  type: T,
  codec: Codec<EntryOf<T>>,
  entries: readonly EntryOf<T>[],
): void {
  let part: EntryOf<T>[] = [];
  let bytes = REPLY_BYTES;
  for (const entry of entries) {
    const size = sizeOf(codec, entry);
    if (bytes + size > MESSAGE_BYTES_MAX) {
      reply(context, xid, { type, entries: part } as unknown as MultipartReplyBody, MULTIPART_MORE);
      part = [];
      bytes = REPLY_BYTES;
    }
    part.push(entry);
    bytes += size;
  }
  reply(context, xid, { type, entries: part } as unknown as MultipartReplyBody);
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

function selectRules(body: RuleQuestion, { datapath }: RequestContext): FlowRule[] {
  if (body.tableId !== TABLE.all && !datapath.setup.has(body.tableId)) {
    refuse('BAD_REQUEST/BAD_TABLE_ID', `there is no table ${body.tableId}`);
  }
  return datapath.tables.select(body);
}

function toFlowStats(rule: FlowRule, now: number): FlowStats {
  return {
    tableId: rule.tableId,
    ...toDuration(now - rule.createdAt),
    priority: rule.priority,
    idleTimeout: rule.idleTimeout,
    hardTimeout: rule.hardTimeout,
    flags: rule.flags,
    cookie: rule.cookie,
    packetCount: BigInt(rule.packetCount),
    byteCount: BigInt(rule.byteCount),
    match: rule.match,
    instructions: rule.instructions,
  };
}

function sumUp(rules: readonly FlowRule[]) {
  const packets = rules.reduce((sum, rule) => sum + rule.packetCount, 0);
  const bytes = rules.reduce((sum, rule) => sum + rule.byteCount, 0);
  return { packetCount: BigInt(packets), byteCount: BigInt(bytes), flowCount: rules.length };
}

function selectMeters(meterId: number, { datapath: { meters } }: RequestContext): readonly MeterEntry[] {
  if (meterId === METER.all) return meters.all();
  const meter = meters.get(meterId);
  return meter ? [meter] : refuse('METER_MOD_FAILED/UNKNOWN_METER', `there is no meter ${meterId}`);
}
