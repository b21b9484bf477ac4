/**
 * OpenFlow 1.3.5, section 5.6: one group: its buckets, compiled, and its counters.
 *
 * A bucket's actions are an action set, so they are put in the set's order once, when the group is made.
 */
import { type Bucket, GROUP, type GroupDesc, type GroupStats } from '../protocol/wire/openflow/group.ts';
import { toSetProgram } from './action-set.ts';
import { toDuration } from './duration.ts';
import { compileActions, type Program } from './program.ts';

export class GroupBucket {
  readonly sent: Bucket;
  readonly program: Program;
  packetCount = 0;
  byteCount = 0;

  constructor(sent: Bucket) {
    this.sent = sent;
    this.program = toSetProgram(compileActions(sent.actions));
  }
}

export class GroupEntry {
  readonly groupId: number;
  readonly groupType: number;
  readonly buckets: readonly GroupBucket[];
  packetCount = 0;
  byteCount = 0;
  /** Groups that its buckets hand packets on to, or watch. */
  readonly links: readonly number[];
  /** Kept by `Groups`: whether one of its buckets was live when ports or groups last changed. */
  isLive = false;
  judgedAt = -1;
  #createdAt: number;

  constructor(groupId: number, groupType: number, buckets: readonly Bucket[], now: number) {
    this.groupId = groupId;
    this.groupType = groupType;
    this.buckets = buckets.map((bucket) => new GroupBucket(bucket));
    this.links = linksOf(buckets);
    this.#createdAt = now;
  }

  /** Section 6.5: a group that is modified goes on counting, its buckets begin anew. */
  takeCounts(before: GroupEntry): void {
    this.packetCount = before.packetCount;
    this.byteCount = before.byteCount;
    this.#createdAt = before.#createdAt;
  }

  /** Groups that its buckets hand packets on to. */
  get next(): number[] {
    return this.buckets.flatMap(({ sent }) =>
      sent.actions.flatMap((action) => (action.type === 'group' ? [action.groupId] : [])),
    );
  }

  describe(): GroupDesc {
    return { groupId: this.groupId, groupType: this.groupType, buckets: this.buckets.map(({ sent }) => sent) };
  }

  toStats(refCount: number, now: number): GroupStats {
    return {
      groupId: this.groupId,
      refCount,
      packetCount: BigInt(this.packetCount),
      byteCount: BigInt(this.byteCount),
      ...toDuration(now - this.#createdAt),
      bucketStats: this.buckets.map((bucket) => ({
        packetCount: BigInt(bucket.packetCount),
        byteCount: BigInt(bucket.byteCount),
      })),
    };
  }
}

/** Groups that the buckets hand packets on to, or watch. */
export function linksOf(buckets: readonly Bucket[]): readonly number[] {
  const links = buckets.flatMap(({ watchGroup, actions }) => [
    ...(watchGroup === GROUP.any ? [] : [watchGroup]),
    ...actions.flatMap((action) => (action.type === 'group' ? [action.groupId] : [])),
  ]);
  return [...new Set(links)];
}
