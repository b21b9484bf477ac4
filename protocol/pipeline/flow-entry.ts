/**
 * What a pipeline consists of, as a switch describes it (OpenFlow 1.3.5, sections 5.1 to 5.7): data, and no live object.
 *
 * The types are cut from those of the wire, so that what multipart replies carry (flow statistics, group and port descriptions)
 * is a pipeline as it is.
 */
import type { FlowStats } from '../wire/openflow/flow.ts';
import type { GroupDesc } from '../wire/openflow/group.ts';
import type { Port } from '../wire/openflow/port.ts';
import type { PacketFields } from './packet-fields.ts';

export type FlowEntry = Pick<FlowStats, 'tableId' | 'priority' | 'match' | 'instructions' | 'cookie' | 'flags'>;

export type GroupEntry = GroupDesc;

export type PortEntry = Pick<Port, 'config' | 'state'>;

export interface Pipeline {
  /** A table without entries may be left out. */
  readonly tables: ReadonlyMap<number, readonly FlowEntry[]>;
  readonly groups: ReadonlyMap<number, GroupEntry>;
  /** All ports that exist, OFPP_LOCAL too if the switch has it. */
  readonly ports: ReadonlyMap<number, PortEntry>;
  /** Bytes of a packet that go to the controller when no output action says how many. */
  readonly missSendLen: number;
  /** Some controller has asked for packets whose TTL is up. Absent: none. */
  readonly invalidTtlToController?: boolean | undefined;
  /** OFPC_FRAG_DROP is set: fragments are not looked at. Absent: they are handled like any packet. */
  readonly dropsFragments?: boolean | undefined;
}

/** Time and choice belong to the caller: the same answers make the same run. */
export interface Environment {
  /** What the meter decides about a packet of so many bytes that comes now. */
  meter(meterId: number, frameBytes: number): MeterVerdict;
  /** One of `live`, which is not empty; undefined for none. Several where it is not known which: then each is followed. */
  selectBucket(
    group: GroupEntry,
    live: readonly LiveBucket[],
    fields: PacketFields,
  ): LiveBucket | readonly LiveBucket[] | undefined;
}

/** `remark` is by how many levels the packet becomes easier to drop. */
export type MeterVerdict = 'pass' | 'drop' | { readonly remark: number };

export interface LiveBucket {
  readonly index: number;
  readonly bucket: GroupEntry['buckets'][number];
}
