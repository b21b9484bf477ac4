/**
 * OpenFlow 1.3.5, sections 7.3.4.2 and 7.3.5.7 to 7.3.5.9: groups: modification, counters, description, features.
 */
import { actions } from './action.ts';
import { pad, u8, u16, u32, u64, type ValueOf } from './codec.ts';
import { array, list, selfLength, struct } from './struct.ts';

/** Reserved group numbers; every number up to and including `max` is a group of its own. */
export const GROUP = { max: 0xffffff00, all: 0xfffffffc, any: 0xffffffff } as const;

export const GROUP_TYPE = { all: 0, select: 1, indirect: 2, fastFailover: 3 } as const;

export const GROUP_COMMAND = { add: 0, modify: 1, delete: 2 } as const;

/** Bits of `capabilities` in group features. */
export const GROUP_CAPABILITY = { selectWeight: 1, selectLiveness: 2, chaining: 4, chainingChecks: 8 } as const;

const BAD_BUCKET = 'GROUP_MOD_FAILED/BAD_BUCKET';

export const bucket = struct(
  { _length: selfLength, weight: u16, watchPort: u32, watchGroup: u32, _pad: pad(4), actions },
  BAD_BUCKET,
);
export type Bucket = ValueOf<typeof bucket>;

export const GroupModBody = struct({
  command: u16,
  groupType: u8,
  _pad: pad(1),
  groupId: u32,
  buckets: list(bucket, BAD_BUCKET),
});

export const GroupStatsRequest = struct({ groupId: u32, _pad: pad(4) });

const bucketCounter = struct({ packetCount: u64, byteCount: u64 });

export const groupStats = struct({
  _length: selfLength,
  _pad: pad(2),
  groupId: u32,
  refCount: u32,
  _pad2: pad(4),
  packetCount: u64,
  byteCount: u64,
  durationSec: u32,
  durationNsec: u32,
  bucketStats: list(bucketCounter),
});
export type GroupStats = ValueOf<typeof groupStats>;

export const GroupStatsReply = struct({ entries: list(groupStats) });

export const groupDesc = struct({
  _length: selfLength,
  groupType: u8,
  _pad: pad(1),
  groupId: u32,
  buckets: list(bucket, BAD_BUCKET),
});
export type GroupDesc = ValueOf<typeof groupDesc>;

export const GroupDescReply = struct({ entries: list(groupDesc) });

/** The arrays are indexed by group type; `actions` are bits `1 << action type`. */
export const GroupFeaturesReply = struct({
  types: u32,
  capabilities: u32,
  maxGroups: array(u32, 4),
  actions: array(u32, 4),
});
