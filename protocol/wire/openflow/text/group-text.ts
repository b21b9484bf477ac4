/**
 * Groups as `ovs-ofctl add-group` takes them and `dump-groups` prints them (ovs-ofctl(8), "Group Syntax"), with their counters.
 *
 * A bucket is the rest of the text up to the next `bucket=`: its own keys and its actions in any mixture. What makes a group of
 * its type is asked for while reading, because the text is where it can be mended: weights in a select group only, something
 * to watch in every bucket of a fast failover (OpenFlow 1.3.5, section 6.5 and 7.3.4.2).
 */
import type { Action } from '../action.ts';
import { type Bucket, GROUP, GROUP_COMMAND, GROUP_TYPE, type GroupDesc, type GroupStats } from '../group.ts';
import type { MessageOf } from '../message.ts';
import { PORT } from '../port.ts';
import { DROP_ALONE, formatActions, readAction } from './action-text.ts';
import { formatDuration } from './duration-text.ts';
import { readUint } from './number-text.ts';
import { ANY_PACKET, type PacketState } from './packet-state.ts';
import { formatPort, readPort } from './port-name.ts';
import { excerpt, fail, Scanner, type Token, toToken } from './scanner.ts';
import { suggest } from './suggestion.ts';

export type GroupMod = MessageOf<'groupMod'>;
export type GroupCommand = keyof typeof GROUP_COMMAND;

const TYPES = new Map<string, number>([
  ['all', GROUP_TYPE.all],
  ['select', GROUP_TYPE.select],
  ['indirect', GROUP_TYPE.indirect],
  ['ff', GROUP_TYPE.fastFailover],
  ['fast_failover', GROUP_TYPE.fastFailover],
]);

const TYPE_NAMES: readonly string[] = ['all', 'select', 'indirect', 'ff'];

/** In sentences; by number, as `TYPE_NAMES`. */
export const GROUP_TYPE_WORDS: readonly string[] = ['all', 'select', 'indirect', 'fast failover'];

/** Keys of `ovs-ofctl` that ask for more than OpenFlow 1.3 has. */
const REFUSED = new Map([
  ['selection_method', 'selection_method is a Netronome extension of OpenFlow 1.5; in 1.3 the switch selects'],
  ['selection_method_param', 'selection_method_param is a Netronome extension of OpenFlow 1.5'],
  ['fields', 'fields is a Netronome extension of OpenFlow 1.5'],
  ['command_bucket_id', 'command_bucket_id came with OpenFlow 1.5; in 1.3 a group is changed as a whole'],
  ['bucket_id', 'bucket_id came with OpenFlow 1.5; in 1.3 buckets are known by their place'],
]);

const GROUP_KEYS = ['group_id', 'type', 'bucket'];
const BUCKET_KEYS = ['weight', 'watch_port', 'watch_group', 'actions', 'bucket'];

const U16_MAX = 0xffff;

class BucketReader {
  readonly #at: number;
  readonly #actions: Action[] = [];
  #packet: PacketState = ANY_PACKET;
  #weight: { readonly value: number; readonly at: number } | undefined;
  #watchPort: number = PORT.any;
  #watchGroup: number = GROUP.any;
  #saysActions = false;
  #drop: Token | undefined;

  constructor(name: Token) {
    this.#at = name.at;
  }

  read(name: Token, scanner: Scanner): void {
    const refusal = REFUSED.get(name.text);
    if (refusal !== undefined) fail(name.at, refusal);
    switch (name.text) {
      case 'weight': {
        const token = requireValue(name, scanner);
        this.#weight = { value: readUint(token, 'weight', U16_MAX), at: name.at };
        break;
      }
      case 'watch_port':
        this.#watchPort = readPort(requireValue(name, scanner), 'watch_port');
        break;
      case 'watch_group':
        this.#watchGroup = readUint(requireValue(name, scanner), 'watch_group', GROUP.max);
        break;
      case 'action':
      case 'actions':
        scanner.skipAssignment();
        this.#saysActions = true;
        break;
      case 'drop':
        if (this.#actions.length > 0 || this.#drop || scanner.readValue()) fail(name.at, DROP_ALONE);
        this.#drop = name;
        break;
      case 'group_id':
      case 'type':
        fail(name.at, `${name.text} stands before the first bucket`);
        break;
      default:
        this.#readAction(name, scanner);
    }
  }

  toBucket(groupType: number): Bucket {
    if (!this.#saysActions && !this.#drop && this.#actions.length === 0) {
      fail(this.#at, 'this bucket has no actions; for none write bucket=actions=drop');
    }
    const isSelect = groupType === GROUP_TYPE.select;
    if (this.#weight && this.#weight.value !== 0 && !isSelect) {
      fail(this.#weight.at, 'only the buckets of a select group have weights');
    }
    const isWatching = this.#watchPort !== PORT.any || this.#watchGroup !== GROUP.any;
    if (groupType === GROUP_TYPE.fastFailover && !isWatching) {
      fail(this.#at, 'a bucket of a fast failover watches something: watch_port or watch_group');
    }
    return {
      weight: this.#weight?.value ?? (isSelect ? 1 : 0),
      watchPort: this.#watchPort,
      watchGroup: this.#watchGroup,
      actions: this.#actions,
    };
  }

  #readAction(name: Token, scanner: Scanner): void {
    if (this.#drop) fail(this.#drop.at, DROP_ALONE);
    const read = readAction(name, scanner, this.#packet, BUCKET_KEYS);
    this.#actions.push(...read.actions);
    this.#packet = read.packet;
  }
}

/** One group: `group_id=1,type=select,bucket=weight:10,actions=output:1,bucket=output:2`. The xid is 0. */
export function parseGroupMod(text: string, command: GroupCommand = 'add'): GroupMod {
  const scanner = new Scanner(toToken(text));
  const isDeletion = command === 'delete';
  let groupId: number | undefined;
  let groupType: number | undefined;
  const buckets: BucketReader[] = [];
  while (scanner.hasMore()) {
    const name = scanner.readName();
    if (isDeletion && name.text !== 'group_id') fail(name.at, 'a deletion names a group_id, and nothing else');
    const bucket = buckets.at(-1);
    if (name.text === 'bucket') {
      buckets.push(new BucketReader(name));
      scanner.skipAssignment();
    } else if (bucket) bucket.read(name, scanner);
    else if (name.text === 'group_id') groupId = readGroupId(requireValue(name, scanner), isDeletion);
    else if (name.text === 'type') groupType = readType(requireValue(name, scanner));
    else
      fail(
        name.at,
        REFUSED.get(name.text) ?? `${excerpt(name.text)} is not known here${suggest(name.text, GROUP_KEYS)}`,
      );
  }
  if (groupId === undefined && !isDeletion) fail(scanner.at, 'group_id=… is missing');
  if (groupType === undefined && !isDeletion) fail(scanner.at, `type=… is missing: ${TYPE_NAMES.join(', ')}`);
  const type = groupType ?? GROUP_TYPE.all;
  return {
    type: 'groupMod',
    xid: 0,
    command: GROUP_COMMAND[command],
    groupType: type,
    groupId: groupId ?? GROUP.all,
    buckets: buckets.map((bucket) => bucket.toBucket(type)),
  };
}

function requireValue(name: Token, scanner: Scanner): Token {
  const value = scanner.readValue();
  if (!value || value.text === '') fail(name.at + name.text.length, `${name.text} needs a value, ${name.text}=…`);
  return value;
}

function readGroupId(value: Token, isDeletion: boolean): number {
  if (value.text.toLowerCase() !== 'all') return readUint(value, 'group_id', GROUP.max);
  if (!isDeletion) fail(value.at, 'all groups can be deleted, not added or changed');
  return GROUP.all;
}

function readType(value: Token): number {
  const type = TYPES.get(value.text);
  return type ?? fail(value.at, `the type is one of ${TYPE_NAMES.join(', ')}${suggest(value.text, TYPES.keys())}`);
}

/** As `dump-groups` prints it, without the space before it: text that `parseGroupMod` reads back. */
export function formatGroup({ groupId, groupType, buckets }: Pick<GroupDesc, 'groupId' | 'groupType' | 'buckets'>) {
  const parts = [`group_id=${groupId}`, `type=${TYPE_NAMES[groupType] ?? 'unknown'}`];
  return [...parts, ...buckets.map((bucket) => `bucket=${formatBucket(bucket, groupType)}`)].join(',');
}

function formatBucket({ weight, watchPort, watchGroup, actions }: Bucket, groupType: number): string {
  const parts: string[] = [];
  if (weight !== (groupType === GROUP_TYPE.select ? 1 : 0)) parts.push(`weight:${weight}`);
  if (watchPort !== PORT.any) parts.push(`watch_port:${formatPort(watchPort)}`);
  if (watchGroup !== GROUP.any) parts.push(`watch_group:${watchGroup}`);
  return [...parts, `actions=${formatActions(actions)}`].join(',');
}

const VERBS: readonly string[] = ['ADD', 'MOD', 'DEL'];

/** As ofp-print shows a group_mod after its header. */
export function describeGroupMod(mod: GroupMod): string {
  return `\n ${VERBS[mod.command] ?? `cmd:${mod.command}`} ${formatGroup(mod)}`;
}

export function formatGroupId(groupId: number): string {
  return groupId === GROUP.all ? 'ALL' : groupId === GROUP.any ? 'ANY' : String(groupId);
}

/** A counter that the switch does not keep is all ones. */
const NOT_COUNTED = 0xffff_ffff_ffff_ffffn;
const NOT_TIMED = 0xffff_ffff;

/** As `dump-group-stats` prints it, without the space before it. */
export function formatGroupStats(stats: GroupStats): string {
  const parts = [`group_id=${stats.groupId}`];
  if (stats.durationSec !== NOT_TIMED) parts.push(`duration=${formatDuration(stats.durationSec, stats.durationNsec)}`);
  parts.push(`ref_count=${stats.refCount}`, `packet_count=${stats.packetCount}`, `byte_count=${stats.byteCount}`);
  stats.bucketStats.forEach(({ packetCount, byteCount }, index) => {
    if (packetCount !== NOT_COUNTED)
      parts.push(`bucket${index}:packet_count=${packetCount}`, `byte_count=${byteCount}`);
  });
  return parts.join(',');
}
