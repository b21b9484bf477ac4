/**
 * OpenFlow 1.3.5, sections 7.2.2, 7.3.6 and 7.3.5.10: queues: configuration as read from the switch, and counters.
 */
import { bytesRest, pad, u16, u32, u64, type ValueOf } from './codec.ts';
import { list, selfLength, struct, union } from './struct.ts';

/** All queues of a port, in a request for counters. */
export const QUEUE_ALL = 0xffffffff;

/** Rates are in tenths of a percent of the port's speed; above 1000 they mean "not configured". */
export const QUEUE_PROPERTIES = {
  minRate: { id: 1, body: struct({ _pad: pad(4), rate: u16, _pad2: pad(6) }) },
  maxRate: { id: 2, body: struct({ _pad: pad(4), rate: u16, _pad2: pad(6) }) },
  experimenter: { id: 0xffff, body: struct({ _pad: pad(4), experimenter: u32, _pad2: pad(4), data: bytesRest }) },
} as const;

export const queueProperty = union(QUEUE_PROPERTIES, { lengthError: 'BAD_REQUEST/BAD_LEN' });
export type QueueProperty = ValueOf<typeof queueProperty>;

export const packetQueue = struct({
  queueId: u32,
  port: u32,
  _length: selfLength,
  _pad: pad(6),
  properties: list(queueProperty),
});
export type PacketQueue = ValueOf<typeof packetQueue>;

export const QueueGetConfigRequestBody = struct({ port: u32, _pad: pad(4) });
export const QueueGetConfigReplyBody = struct({ port: u32, _pad: pad(4), queues: list(packetQueue) });

export const QueueStatsRequest = struct({ portNo: u32, queueId: u32 });

export const queueStats = struct({
  portNo: u32,
  queueId: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
  durationSec: u32,
  durationNsec: u32,
});
export type QueueStats = ValueOf<typeof queueStats>;

export const QueueStatsReply = struct({ entries: list(queueStats) });
