/**
 * Which buckets of a group a packet goes through, and which of them are live (OpenFlow 1.3.5, section 5.6.1).
 */
import { GROUP, GROUP_TYPE } from '../wire/openflow/group.ts';
import { PORT, PORT_STATE } from '../wire/openflow/port.ts';
import type { Environment, GroupEntry, LiveBucket, Pipeline } from './flow-entry.ts';
import { isUp } from './output-port.ts';
import type { PacketFields } from './packet-fields.ts';

/** Empty when there is no live bucket to choose. All and indirect do not ask which is live. */
export function chooseBuckets(
  group: GroupEntry,
  pipeline: Pipeline,
  environment: Environment,
  fields: PacketFields,
): readonly LiveBucket[] {
  const buckets = group.buckets.map((bucket, index) => ({ index, bucket }));
  switch (group.groupType) {
    case GROUP_TYPE.all:
      return buckets;
    case GROUP_TYPE.indirect:
      return buckets.slice(0, 1);
    case GROUP_TYPE.fastFailover:
      return liveBuckets(group, buckets, pipeline).slice(0, 1);
    case GROUP_TYPE.select: {
      const live = liveBuckets(group, buckets, pipeline);
      const chosen = live.length === 0 ? [] : (environment.selectBucket(group, live, fields) ?? []);
      return 'bucket' in chosen ? [chosen] : chosen;
    }
    default:
      return [];
  }
}

function liveBuckets(group: GroupEntry, buckets: readonly LiveBucket[], pipeline: Pipeline): readonly LiveBucket[] {
  return buckets.filter(({ bucket }) => isBucketLive(group, bucket, pipeline));
}

export function isBucketLive(group: GroupEntry, bucket: LiveBucket['bucket'], pipeline: Pipeline): boolean {
  return isLiveByItself(group, bucket, pipeline) || isGroupLive(pipeline, bucket.watchGroup);
}

/** By its port; or because it watches nothing, which in fast failover would leave nothing to fail over from. */
function isLiveByItself(
  group: GroupEntry,
  { watchPort, watchGroup }: LiveBucket['bucket'],
  pipeline: Pipeline,
): boolean {
  if (watchPort !== PORT.any) return isPortLive(pipeline, watchPort);
  return watchGroup === GROUP.any && group.groupType !== GROUP_TYPE.fastFailover;
}

export function isPortLive({ ports }: Pipeline, portNo: number): boolean {
  const port = ports.get(portNo);
  return port !== undefined && isUp(port) && (port.state & PORT_STATE.live) !== 0;
}

/** A group is live if one of its buckets is, which may be for another group. Each is looked at once: watching may go in circles. */
export function isGroupLive(pipeline: Pipeline, groupId: number): boolean {
  const reached = new Set([groupId]);
  for (const id of reached) {
    const group = pipeline.groups.get(id);
    if (!group) continue;
    if (group.buckets.some((bucket) => isLiveByItself(group, bucket, pipeline))) return true;
    // A set is walked in the order of adding, and what is added meanwhile is walked too.
    for (const { watchGroup } of group.buckets) reached.add(watchGroup);
  }
  return false;
}
