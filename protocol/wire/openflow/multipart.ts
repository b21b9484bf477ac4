/**
 * OpenFlow 1.3.5, section 7.3.5: multipart requests and replies: one table of what is asked and what is answered.
 *
 * A long answer comes in several messages of the same xid with the flag `more`; putting them together is the business of who
 * asked (and has a bound), so here each message stands alone.
 */
import { WireError } from '../wire-error.ts';
import type { Codec, ValueOf } from './codec.ts';
import { EmptyBody, ExperimenterBody } from './experimenter.ts';
import { AggregateStatsReply, FlowStatsReply, FlowStatsRequest } from './flow.ts';
import { GroupDescReply, GroupFeaturesReply, GroupStatsReply, GroupStatsRequest } from './group.ts';
import { MeterConfigReply, MeterFeaturesReply, MeterRequest, MeterStatsReply } from './meter.ts';
import { PortDescReply, PortStatsReply, PortStatsRequest } from './port.ts';
import { QueueStatsReply, QueueStatsRequest } from './queue.ts';
import type { StructCodec } from './struct.ts';
import { DescReply } from './switch.ts';
import { TableFeaturesBody, TableStatsReply } from './table.ts';

export const MULTIPARTS = {
  desc: { id: 0, request: EmptyBody, reply: DescReply },
  flow: { id: 1, request: FlowStatsRequest, reply: FlowStatsReply },
  aggregate: { id: 2, request: FlowStatsRequest, reply: AggregateStatsReply },
  table: { id: 3, request: EmptyBody, reply: TableStatsReply },
  portStats: { id: 4, request: PortStatsRequest, reply: PortStatsReply },
  queue: { id: 5, request: QueueStatsRequest, reply: QueueStatsReply },
  group: { id: 6, request: GroupStatsRequest, reply: GroupStatsReply },
  groupDesc: { id: 7, request: EmptyBody, reply: GroupDescReply },
  groupFeatures: { id: 8, request: EmptyBody, reply: GroupFeaturesReply },
  meter: { id: 9, request: MeterRequest, reply: MeterStatsReply },
  meterConfig: { id: 10, request: MeterRequest, reply: MeterConfigReply },
  meterFeatures: { id: 11, request: EmptyBody, reply: MeterFeaturesReply },
  tableFeatures: { id: 12, request: TableFeaturesBody, reply: TableFeaturesBody },
  portDesc: { id: 13, request: EmptyBody, reply: PortDescReply },
  experimenter: { id: 0xffff, request: ExperimenterBody, reply: ExperimenterBody },
} as const;

export type MultipartType = keyof typeof MULTIPARTS;

export type MultipartRequestBody = {
  [T in MultipartType]: { readonly type: T } & ValueOf<(typeof MULTIPARTS)[T]['request']>;
}[MultipartType];

export type MultipartReplyBody = {
  [T in MultipartType]: { readonly type: T } & ValueOf<(typeof MULTIPARTS)[T]['reply']>;
}[MultipartType];

/** The flag, in requests and replies, that more messages of this xid follow. */
export const MULTIPART_MORE = 1;

export interface MultipartRequest {
  readonly type: 'multipartRequest';
  readonly xid: number;
  readonly flags: number;
  readonly body: MultipartRequestBody;
}

export interface MultipartReply {
  readonly type: 'multipartReply';
  readonly xid: number;
  readonly flags: number;
  readonly body: MultipartReplyBody;
}

const BODY = 8;

const TYPES = new Map(
  Object.entries(MULTIPARTS).map(([type, { id, request, reply }]) => [
    id as number,
    { type, request: request as StructCodec<unknown>, reply: reply as StructCodec<unknown> },
  ]),
);

/** The type, flags and body of one direction, as a codec of `{flags, body}`. */
function multipart<B extends { readonly type: MultipartType }>(
  direction: 'request' | 'reply',
): Codec<{ readonly flags: number; readonly body: B }> {
  return {
    shape: {
      type: 'union',
      variants: Object.fromEntries(Object.entries(MULTIPARTS).map(([type, row]) => [type, row[direction]])),
      unknown: false,
    },
    sizeMin: BODY,
    fixed: false,
    extent: (_view, _at, end) => end,
    decode(view, at, end) {
      if (end - at < BODY) throw new WireError('BAD_REQUEST/BAD_LEN', at, `${end - at} bytes, at least ${BODY} needed`);
      const row = TYPES.get(view.getUint16(at));
      if (!row) throw new WireError('BAD_REQUEST/BAD_MULTIPART', at, `multipart type ${view.getUint16(at)}`);
      const body: Record<string, unknown> = { type: row.type };
      row[direction].decodeInto(body, view, at + BODY, end);
      return { flags: view.getUint16(at + 2), body: body as B };
    },
    encode({ flags, body }, view, at) {
      const row = MULTIPARTS[body.type];
      view.setUint16(at, row.id);
      view.setUint16(at + 2, flags);
      view.setUint32(at + 4, 0);
      return (row[direction] as StructCodec<unknown>).encode(body, view, at + BODY);
    },
  };
}

export const multipartRequest = multipart<MultipartRequestBody>('request');
export const multipartReply = multipart<MultipartReplyBody>('reply');
