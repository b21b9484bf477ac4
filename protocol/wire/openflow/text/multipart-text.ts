/** Multipart requests and replies as ofp-print describes them (OpenFlow 1.3.5, section 7.3.5). */
import type { GroupDesc } from '../group.ts';
import { METER_BANDS, METER_FLAG } from '../meter.ts';
import {
  MULTIPART_MORE,
  type MultipartReply,
  type MultipartReplyBody,
  type MultipartRequest,
  type MultipartRequestBody,
  type MultipartType,
} from '../multipart.ts';
import { PORT } from '../port.ts';
import { TABLE } from '../table.ts';
import { formatActionBits } from './ability-text.ts';
import { formatBits } from './bits-text.ts';
import { formatFlowStats } from './flow-text.ts';
import { formatGroup, formatGroupId, formatGroupStats, GROUP_TYPE_WORDS } from './group-text.ts';
import { formatHexDump } from './hex-dump.ts';
import { formatMatch } from './match-text.ts';
import { describeMeterId, formatMeter, formatMeterStats } from './meter-text.ts';
import { formatHexNumber, formatPaddedHex } from './number-text.ts';
import { formatPort } from './port-name.ts';
import { describePortStats, describePorts } from './port-text.ts';
import { describeQueueStats, formatQueueId } from './queue-text.ts';
import { describeDesc } from './switch-text.ts';
import { describeTableFeatures, describeTableStats } from './table-text.ts';

/** `OFPST_`, from before multiparts had their name; ovs-ofctl has kept it. */
export function multipartName(type: MultipartType): string {
  return type === 'portStats' ? 'PORT' : type.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}

/** The flags of a multipart, which stand before its body. */
export function describeMultipartFlags(flags: number): string {
  if (flags === 0) return '';
  const unknown = flags & ~MULTIPART_MORE;
  const more = (flags & MULTIPART_MORE) === 0 ? '' : '[more]';
  return ` flags=${more}${unknown === 0 ? '' : `[***unknown flags ${formatPaddedHex(unknown, 4)}***]`}`;
}

type BodyOf<B, T> = Extract<B, { readonly type: T }>;

type Describers<B extends { readonly type: MultipartType }> = {
  readonly [T in B['type']]: (body: BodyOf<B, T>) => string;
};

function nothing(): string {
  return '';
}

const REQUESTS: Describers<MultipartRequestBody> = {
  desc: nothing,
  flow: describeFlowRequest,
  aggregate: describeFlowRequest,
  table: nothing,
  portStats: ({ portNo }) => ` port_no=${formatPort(portNo)}`,
  queue: ({ portNo, queueId }) => ` port=${formatPort(portNo)} queue=${formatQueueId(queueId)}`,
  group: ({ groupId }) => ` group_id=${formatGroupId(groupId)}`,
  // From OpenFlow 1.5 on these two name what they ask for; in 1.3 they ask for all.
  groupDesc: () => ' group_id=ALL',
  portDesc: () => ' port=ANY',
  groupFeatures: nothing,
  meter: ({ meterId }) => ` ${describeMeterId(meterId)}`,
  meterConfig: ({ meterId }) => ` ${describeMeterId(meterId)}`,
  meterFeatures: nothing,
  tableFeatures: ({ entries }) => describeTableFeatures(entries),
  experimenter: describeExperimenter,
};

const REPLIES: Describers<MultipartReplyBody> = {
  desc: describeDesc,
  flow: ({ entries }) => entries.map((entry) => `\n ${formatFlowStats(entry)}`).join(''),
  aggregate: ({ packetCount, byteCount, flowCount }) =>
    ` packet_count=${packetCount} byte_count=${byteCount} flow_count=${flowCount}`,
  table: ({ entries }) => describeTableStats(entries),
  portStats: ({ entries }) => describePortStats(entries),
  queue: ({ entries }) => describeQueueStats(entries),
  group: ({ entries }) => entries.map((entry) => `\n ${formatGroupStats(entry)}`).join(''),
  groupDesc: ({ entries }) => entries.map((entry: GroupDesc) => `\n ${formatGroup(entry)}`).join(''),
  groupFeatures: describeGroupFeatures,
  meter: ({ entries }) => entries.map((entry) => `\n${formatMeterStats(entry)}\n`).join(''),
  meterConfig: ({ entries }) => entries.map((entry) => `\n${formatMeter(entry)}\n`).join(''),
  meterFeatures: describeMeterFeatures,
  tableFeatures: ({ entries }) => describeTableFeatures(entries),
  portDesc: ({ entries }) => describePorts(entries),
  experimenter: describeExperimenter,
};

export function describeMultipartRequest({ body }: MultipartRequest): string {
  return (REQUESTS[body.type] as (body: MultipartRequestBody) => string)(body);
}

export function describeMultipartReply({ body }: MultipartReply): string {
  return (REPLIES[body.type] as (body: MultipartReplyBody) => string)(body);
}

/** What ofp-print leaves out, the group and the cookie asked for, stands before the match. */
function describeFlowRequest(request: BodyOf<MultipartRequestBody, 'flow' | 'aggregate'>): string {
  const parts: string[] = [];
  if (request.tableId !== TABLE.all) parts.push(`table=${request.tableId}`);
  if (request.outPort !== PORT.any) parts.push(`out_port=${formatPort(request.outPort)}`);
  if (request.outGroup !== PORT.any) parts.push(`out_group=${request.outGroup}`);
  if (request.cookieMask !== 0n) {
    parts.push(`cookie=0x${request.cookie.toString(16)}/0x${request.cookieMask.toString(16)}`);
  }
  const match = formatMatch(request.match);
  if (match !== '') parts.push(match);
  return parts.map((part) => ` ${part}`).join('');
}

function describeGroupFeatures(features: BodyOf<MultipartReplyBody, 'groupFeatures'>): string {
  const types = GROUP_TYPE_WORDS.flatMap((word, type) =>
    (features.types & (1 << type)) === 0
      ? []
      : [
          `    ${word} group:`,
          `       max_groups=${formatHexNumber(features.maxGroups[type]!)}`,
          `       actions: ${formatActionBits(features.actions[type]!) || '<none>'}`,
        ],
  );
  return [
    '',
    ' Group table:',
    `    Types:  0x${features.types.toString(16)}`,
    `    Capabilities:  0x${features.capabilities.toString(16)}`,
    ...types,
  ].join('\n');
}

const BAND_TYPE_NAMES = new Map<number, string>([
  [1 << METER_BANDS.drop.id, 'drop'],
  [1 << METER_BANDS.dscpRemark.id, 'dscp_remark'],
]);

const METER_CAPABILITY_NAMES = new Map<number, string>([
  [METER_FLAG.kbps, 'kbps'],
  [METER_FLAG.pktps, 'pktps'],
  [METER_FLAG.burst, 'burst'],
  [METER_FLAG.stats, 'stats'],
]);

function describeMeterFeatures(features: BodyOf<MultipartReplyBody, 'meterFeatures'>): string {
  return [
    '',
    `max_meter:${features.maxMeter} max_bands:${features.maxBands} max_color:${features.maxColor}`,
    `band_types: ${formatBits(features.bandTypes, BAND_TYPE_NAMES)}`,
    `capabilities: ${formatBits(features.capabilities, METER_CAPABILITY_NAMES)}`,
  ].join('\n');
}

/** What experimenters say is theirs to read: their number and their bytes. */
export function describeExperimenter(message: {
  readonly experimenter: number;
  readonly expType: number;
  readonly data: Uint8Array;
}): string {
  const { experimenter, expType, data } = message;
  const who = ` experimenter=${formatPaddedHex(experimenter, 8)} exp_type=${formatPaddedHex(expType, 8)}`;
  return data.length === 0 ? who : `${who}\n${formatHexDump(data)}`;
}
