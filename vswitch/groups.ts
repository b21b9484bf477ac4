/**
 * OpenFlow 1.3.5, sections 5.6 and 6.5: the groups of a switch, and which buckets of one a packet goes through.
 *
 * A select group hashes the packet's link, network and transport fields with the switch's seed (not metadata, not the port: packets
 * of one conversation take one bucket), and lays the hash on the live buckets' weights: of two switches with different seeds
 * each spreads what the other has bundled. The hash is FNV-like over the key's words with a final avalanche, so that all its
 * bits depend on all words, and it is the same in every run.
 *
 * A group must not lead back to itself, and chains have a bound, so that a packet's way through groups ends and the stack does too.
 */
import { type Bucket, GROUP, GROUP_TYPE } from '../protocol/wire/openflow/group.ts';
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import { KEY, KEY_WORDS } from './flow-key.ts';
import { type GroupBucket, GroupEntry, linksOf } from './group-entry.ts';
import { type Leniences, STRICT } from './lenience.ts';
import type { Ports } from './ports.ts';
import { refuse } from './refusal.ts';

/** Each step of a chain takes some of the machine's stack. */
export const CHAIN_MAX = 64;

export const GROUPS_MAX = 65_536;

export class Groups {
  readonly #byId = new Map<number, GroupEntry>();
  /** By group, those that hand packets on to it or watch it. */
  readonly #above = new Map<number, Set<number>>();
  #changes = 0;
  readonly #ports: Ports;
  readonly #seed: number;
  readonly #lenient: Leniences;

  constructor(ports: Ports, seed: number, lenient: Leniences = STRICT) {
    this.#ports = ports;
    this.#seed = seed;
    this.#lenient = lenient;
  }

  get(groupId: number): GroupEntry | undefined {
    return this.#byId.get(groupId);
  }

  has(groupId: number): boolean {
    return this.#byId.has(groupId);
  }

  all(): readonly GroupEntry[] {
    return [...this.#byId.values()].sort((a, b) => a.groupId - b.groupId);
  }

  /** What is refused leaves the groups as they were. The message has been validated. */
  add({ groupId, groupType, buckets }: MessageOf<'groupMod'>, now: number): void {
    if (this.#byId.has(groupId)) refuse('GROUP_MOD_FAILED/GROUP_EXISTS', `group ${groupId} is there already`);
    if (this.#byId.size >= GROUPS_MAX) refuse('GROUP_MOD_FAILED/OUT_OF_GROUPS', `at most ${GROUPS_MAX} groups`);
    this.#check(groupId, buckets);
    this.#put(new GroupEntry(groupId, groupType, buckets, now));
  }

  modify({ groupId, groupType, buckets }: MessageOf<'groupMod'>, now: number): void {
    const before = this.#byId.get(groupId);
    if (!before) refuse('GROUP_MOD_FAILED/UNKNOWN_GROUP', `there is no group ${groupId}`);
    this.#check(groupId, buckets);
    this.#remove(groupId);
    const group = new GroupEntry(groupId, groupType, buckets, now);
    group.takeCounts(before);
    this.#put(group);
  }

  /** The groups that are gone; a group that is not there need not be deleted. */
  delete(groupId: number): readonly number[] {
    if (groupId === GROUP.all) {
      const gone = [...this.#byId.keys()];
      for (const id of gone) this.#remove(id);
      return gone;
    }
    for (const above of this.#lenient.has('later-groups') ? [] : (this.#above.get(groupId) ?? [])) {
      if (this.#byId.get(above)!.next.includes(groupId)) {
        refuse('GROUP_MOD_FAILED/CHAINED_GROUP', `group ${above} hands packets on to it`);
      }
    }
    return this.#remove(groupId) ? [groupId] : [];
  }

  #put(group: GroupEntry): void {
    this.#byId.set(group.groupId, group);
    this.#changes++;
    for (const next of group.links) {
      const above = this.#above.get(next);
      if (above) above.add(group.groupId);
      else this.#above.set(next, new Set([group.groupId]));
    }
  }

  #remove(groupId: number): boolean {
    const group = this.#byId.get(groupId);
    if (!group) return false;
    this.#byId.delete(groupId);
    this.#changes++;
    for (const next of group.links) {
      const above = this.#above.get(next)!;
      above.delete(groupId);
      if (above.size === 0) this.#above.delete(next);
    }
    return true;
  }

  #check(groupId: number, buckets: readonly Bucket[]): void {
    if (!this.#lenient.has('absent-ports')) this.#checkPorts(buckets);
    if (!this.#lenient.has('later-groups')) this.#checkGroups(groupId, buckets);
    const heights = new Map<number, number>();
    let height = 1;
    for (const next of linksOf(buckets)) height = Math.max(height, 1 + this.#heightOf(next, groupId, heights));
    const length = height + this.#depthOf(groupId, new Map());
    if (length > CHAIN_MAX) {
      refuse('GROUP_MOD_FAILED/CHAINING_UNSUPPORTED', `a chain of ${length} groups, at most ${CHAIN_MAX}`);
    }
  }

  #checkPorts(buckets: readonly Bucket[]): void {
    for (const { watchPort } of buckets) {
      if (watchPort !== PORT.any && !this.#ports.has(watchPort)) {
        refuse('GROUP_MOD_FAILED/BAD_WATCH', `there is no port ${watchPort}`);
      }
    }
  }

  #checkGroups(groupId: number, buckets: readonly Bucket[]): void {
    for (const { watchGroup, actions } of buckets) {
      if (watchGroup !== GROUP.any && !this.#byId.has(watchGroup)) {
        refuse('GROUP_MOD_FAILED/BAD_WATCH', `there is no group ${watchGroup}`);
      }
      for (const action of actions) {
        if (action.type === 'group' && action.groupId !== groupId && !this.#byId.has(action.groupId)) {
          refuse('BAD_ACTION/BAD_OUT_GROUP', `there is no group ${action.groupId}`);
        }
      }
    }
  }

  /** Groups in the longest chain from here on, which must not meet `origin`. */
  #heightOf(groupId: number, origin: number, heights: Map<number, number>): number {
    if (groupId === origin) refuse('GROUP_MOD_FAILED/LOOP', `group ${origin} leads back to itself`);
    const known = heights.get(groupId);
    if (known !== undefined) return known;
    let height = 0;
    for (const next of this.#byId.get(groupId)?.links ?? []) {
      height = Math.max(height, this.#heightOf(next, origin, heights));
    }
    heights.set(groupId, height + 1);
    return height + 1;
  }

  /** Groups in the longest chain that leads here. */
  #depthOf(groupId: number, depths: Map<number, number>): number {
    const known = depths.get(groupId);
    if (known !== undefined) return known;
    let depth = 0;
    for (const above of this.#above.get(groupId) ?? []) depth = Math.max(depth, 1 + this.#depthOf(above, depths));
    depths.set(groupId, depth);
    return depth;
  }

  /** The bucket of a select or fast failover group, -1 when none is live. */
  choose(group: GroupEntry, key: Uint32Array): number {
    return group.groupType === GROUP_TYPE.select ? this.#select(group, key) : this.#failOver(group);
  }

  #failOver({ buckets }: GroupEntry): number {
    for (let i = 0; i < buckets.length; i++) {
      const { watchPort, watchGroup } = buckets[i]!.sent;
      if ((watchPort !== PORT.any || watchGroup !== GROUP.any) && this.#isLive(buckets[i]!)) return i;
    }
    return -1;
  }

  #select({ buckets }: GroupEntry, key: Uint32Array): number {
    let total = 0;
    for (let i = 0; i < buckets.length; i++) if (this.#isLive(buckets[i]!)) total += buckets[i]!.sent.weight;
    if (total === 0) return -1;
    let rest = hashKey(key, this.#seed) % total;
    for (let i = 0; i < buckets.length; i++) {
      if (!this.#isLive(buckets[i]!)) continue;
      rest -= buckets[i]!.sent.weight;
      if (rest < 0) return i;
    }
    return -1;
  }

  /** Either of what it watches is enough; who watches nothing is always live. */
  #isLive({ sent: { watchPort, watchGroup } }: GroupBucket): boolean {
    if (watchPort === PORT.any && watchGroup === GROUP.any) return true;
    if (watchPort !== PORT.any && this.#ports.get(watchPort)?.isUp === true) return true;
    return watchGroup !== GROUP.any && this.#isGroupLive(watchGroup);
  }

  /** Asked for each packet and decided when something changed: watched groups that watch groups would multiply the work. */
  #isGroupLive(groupId: number): boolean {
    const group = this.#byId.get(groupId);
    if (group === undefined) return false;
    const time = this.#changes + this.#ports.changes;
    if (group.judgedAt !== time) {
      let isLive = false;
      for (let i = 0; i < group.buckets.length && !isLive; i++) isLive = this.#isLive(group.buckets[i]!);
      group.isLive = isLive;
      group.judgedAt = time;
    }
    return group.isLive;
  }
}

/** An unsigned 32-bit hash of the packet's own fields. */
export function hashKey(key: Uint32Array, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i: number = KEY.ethernet; i < KEY_WORDS; i++) {
    hash = Math.imul(hash ^ key[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
