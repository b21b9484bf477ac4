/**
 * What happened to one packet, as data: the steps it went through, in the order of the specification, and what came of it.
 *
 * Steps nest where the specification nests: actions within an instruction, buckets within a group. Each says what it decided
 * and from what; the words for people are elsewhere.
 */
import type { Action } from '../wire/openflow/action.ts';
import type { Instruction } from '../wire/openflow/instruction.ts';
import type { Match } from '../wire/openflow/match.ts';
import type { PACKET_IN_REASON } from '../wire/openflow/packet.ts';
import type { FlowEntry, MeterVerdict } from './flow-entry.ts';
import type { HoldReason, PortChoice } from './output-port.ts';
import type { Packet } from './packet.ts';
import type { NoEffectReason } from './packet-edit.ts';
import type { FieldChange } from './packet-fields.ts';

export interface Run {
  readonly steps: readonly Step[];
  readonly outputs: readonly Output[];
  readonly packetIns: readonly SentPacketIn[];
  readonly verdict: Verdict;
}

/** `port` may be OFPP_LOCAL or OFPP_NORMAL, the switch's own business from there. */
export interface Output {
  readonly port: number;
  readonly queueId: number | undefined;
  readonly bytes: Uint8Array;
}

/** A packet as it is when it goes to the controller; cutting it to `maxLen` and buffering it is up to who sends it. */
export interface SentPacketIn {
  readonly reason: keyof typeof PACKET_IN_REASON;
  readonly tableId: number;
  readonly cookie: bigint;
  readonly maxLen: number;
  readonly match: Match;
  readonly bytes: Uint8Array;
}

/** `forwarded` if anything left by a port, else `toController` if the controller sees it. */
export type Verdict =
  | { readonly type: 'forwarded' | 'toController' }
  | { readonly type: 'dropped'; readonly reason: DropReason };

export type DropReason =
  | HoldReason
  /** OFPPC_NO_RECV. */
  | 'noReceive'
  /** The switch is told to drop fragments. */
  | 'fragment'
  /** No entry matches, and there is no table-miss entry. */
  | 'tableMiss'
  /** Section 5.1: from a table one can only go to a later one. */
  | 'gotoBackwards'
  | 'meter'
  | 'invalidTtl'
  /** The tables, or a bucket, end without an output. */
  | 'noOutput'
  | 'noSuchGroup'
  | 'noLiveBucket'
  | 'groupLoop'
  | 'tooManyGroups'
  /** OFPPC_NO_PACKET_IN: table misses on this port are not shown. */
  | 'noPacketIn';

export type Step =
  | { readonly type: 'arrival'; readonly inPort: number; readonly frameBytes: number }
  | LookupStep
  | MeterStep
  | { readonly type: 'applyActions'; readonly steps: readonly Step[] }
  | { readonly type: 'clearActions' }
  /** `set` is what the action set holds now, in the order in which it will be carried out. */
  | { readonly type: 'writeActions'; readonly actions: readonly Action[]; readonly set: readonly Action[] }
  | { readonly type: 'writeMetadata'; readonly before: bigint; readonly after: bigint }
  | { readonly type: 'gotoTable'; readonly tableId: number }
  | { readonly type: 'ignoredInstruction'; readonly instruction: Instruction }
  | { readonly type: 'actionSet'; readonly steps: readonly Step[] }
  | {
      readonly type: 'edit';
      readonly action: Action;
      readonly changes: readonly FieldChange[];
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'noEffect'; readonly action: Action; readonly reason: NoEffectReason }
  | { readonly type: 'setQueue'; readonly queueId: number }
  | GroupStep
  | OutputStep
  | { readonly type: 'packetIn'; readonly packetIn: SentPacketIn }
  /** A packet-out gives the packet to the tables. */
  | { readonly type: 'submit'; readonly steps: readonly Step[] }
  /** `groupId` is the group that could not be run, or not to its end. */
  | { readonly type: 'drop'; readonly reason: DropReason; readonly groupId?: number };

export interface LookupStep {
  readonly type: 'lookup';
  readonly tableId: number;
  readonly frameBytes: number;
  /** As it is here: what the entries were held against. */
  readonly packet: Packet;
  readonly entry: FlowEntry | undefined;
  readonly isTableMiss: boolean;
  readonly rivals: readonly FlowEntry[];
}

export interface MeterStep {
  readonly type: 'meter';
  readonly meterId: number;
  readonly frameBytes: number;
  readonly verdict: MeterVerdict;
  readonly changes: readonly FieldChange[];
}

export interface GroupStep {
  readonly type: 'group';
  readonly groupId: number;
  /** Absent: there is no such group. */
  readonly groupType: number | undefined;
  readonly frameBytes: number;
  readonly buckets: readonly { readonly index: number; readonly steps: readonly Step[] }[];
}

/** `port` is as the action says, `sent` and `held` what became of it. */
export interface OutputStep extends PortChoice {
  readonly type: 'output';
  readonly port: number;
}
