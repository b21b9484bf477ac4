/** A group as an explanation shows it: its buckets, which of them are live and why, and which the packet went through. */
import { GROUP, GROUP_TYPE } from '../wire/openflow/group.ts';
import { PORT } from '../wire/openflow/port.ts';
import { formatActions } from '../wire/openflow/text/action-text.ts';
import { assert } from '../wire/wire-error.ts';
import type { RunNotes } from './explained-step.ts';
import type { BucketState, GroupRun, Watch } from './explanation.ts';
import type { GroupEntry, LiveBucket, Pipeline } from './flow-entry.ts';
import { isBucketLive, isGroupLive, isPortLive } from './group-choice.ts';
import { isUp } from './output-port.ts';
import type { GroupStep } from './run.ts';

type GroupTypeName = keyof typeof GROUP_TYPE;

const TYPE_NAMES = new Map<number, GroupTypeName>(
  (Object.keys(GROUP_TYPE) as GroupTypeName[]).map((name) => [GROUP_TYPE[name], name]),
);

/**
 * The buckets that a select group may take. One without weight has no share (section 7.3.4.2); where none has one, switches differ:
 * some take none, some one all the same.
 */
export function findCandidates(live: readonly LiveBucket[]): readonly LiveBucket[] {
  const weighty = live.filter(({ bucket }) => bucket.weight > 0);
  return weighty.length > 0 ? weighty : live;
}

export function explainGroup({ groupId, groupType, buckets }: GroupStep, { tables, known }: RunNotes): GroupRun {
  const group = tables.groups.get(groupId);
  assert(group !== undefined, 'a group that was run is there');
  const followed = new Set(buckets.map(({ index }) => index));
  const all = group.buckets.map((bucket, index) => ({ index, bucket }));
  return {
    type: 'group',
    groupId,
    groupType: TYPE_NAMES.get(groupType!) ?? 'unknown',
    choice: followed.size === 0 ? 'none' : toChoice(group, all, tables, known.selectBucket !== undefined),
    buckets: all.map((bucket) => explainBucket(group, bucket, tables, followed.has(bucket.index))),
  };
}

function toChoice(
  group: GroupEntry,
  buckets: readonly LiveBucket[],
  pipeline: Pipeline,
  isKnown: boolean,
): GroupRun['choice'] {
  switch (group.groupType) {
    case GROUP_TYPE.all:
      return 'every';
    case GROUP_TYPE.indirect:
      return 'only';
    case GROUP_TYPE.fastFailover:
      return 'firstLive';
    default: {
      if (isKnown) return 'chosen';
      const candidates = findCandidates(buckets.filter(({ bucket }) => isBucketLive(group, bucket, pipeline)));
      const isSure = candidates.length === 1 && candidates[0]!.bucket.weight > 0;
      return isSure ? 'only' : 'oneOf';
    }
  }
}

function explainBucket(
  group: GroupEntry,
  { index, bucket }: LiveBucket,
  pipeline: Pipeline,
  isFollowed: boolean,
): BucketState {
  const isSelect = group.groupType === GROUP_TYPE.select;
  const asksForLife = isSelect || group.groupType === GROUP_TYPE.fastFailover;
  return {
    index,
    actions: formatActions(bucket.actions),
    isFollowed,
    ...(isSelect ? { weight: bucket.weight } : {}),
    ...(asksForLife ? { isLive: isBucketLive(group, bucket, pipeline) } : {}),
    watches: explainWatches(bucket, pipeline),
  };
}

function explainWatches({ watchPort, watchGroup }: LiveBucket['bucket'], pipeline: Pipeline): readonly Watch[] {
  const watches: Watch[] = [];
  if (watchPort !== PORT.any) watches.push({ type: 'port', number: watchPort, ...portState(watchPort, pipeline) });
  if (watchGroup !== GROUP.any)
    watches.push({ type: 'group', number: watchGroup, ...groupState(watchGroup, pipeline) });
  return watches;
}

type State = Pick<Watch, 'isLive' | 'reason'>;

function portState(portNo: number, pipeline: Pipeline): State {
  if (isPortLive(pipeline, portNo)) return { isLive: true };
  const port = pipeline.ports.get(portNo);
  if (!port) return { isLive: false, reason: 'noSuchPort' };
  return { isLive: false, reason: isUp(port) ? 'notLive' : 'portDown' };
}

function groupState(groupId: number, pipeline: Pipeline): State {
  if (isGroupLive(pipeline, groupId)) return { isLive: true };
  return { isLive: false, reason: pipeline.groups.has(groupId) ? 'noLiveBucket' : 'noSuchGroup' };
}
