/**
 * Why a packet goes where it goes, as plain data: what each table made of it, which rules nearly matched, and what came of it.
 *
 * An explanation is for people and for programs far from the switch, so it is JSON as it stands: no bigint, no bytes, nothing
 * undefined. Values are written by the rules of `wire/openflow/json.ts`, rules and actions in the words of ovs-ofctl, frames in hex.
 * Reasons are codes with what they are about; the words of a language are put to them elsewhere.
 *
 * What a switch does not tell is not guessed. Where it has a choice that its tables do not decide (the bucket of a select group, a
 * meter that may or may not drop), every possibility is followed and `doubts` says so; what depends on a choice says on which.
 */
import type { GROUP_TYPE } from '../wire/openflow/group.ts';
import type { HoldReason } from './output-port.ts';
import type { NoEffectReason } from './packet-edit.ts';
import type { DropReason, SentPacketIn, Verdict } from './run.ts';

export interface Explanation {
  readonly arrival: Arrival;
  /** In the order in which the packet came through them. */
  readonly tables: readonly TableVisit[];
  /** Absent: the packet did not reach the end of the tables. */
  readonly actionSet?: ActionSetRun;
  readonly outcome: Outcome;
  /** What the tables alone do not decide; empty if the outcome is certain. */
  readonly doubts: readonly Doubt[];
}

export interface Arrival {
  readonly inPort: number;
  readonly portName?: string;
  readonly frameBytes: number;
  readonly frame: string;
  readonly fields: readonly FieldValue[];
  /** Dropped before the first table. */
  readonly dropped?: DropReason;
}

export type PlainValue = string | number;

/** `field` is the specification's name in snake case, or `nw_ttl` or `mpls_ttl`. */
export interface FieldValue {
  readonly field: string;
  readonly value: PlainValue;
}

/** A field that is not there has no value. */
export interface PlainChange {
  readonly field: string;
  readonly before?: PlainValue;
  readonly after?: PlainValue;
}

/** What a match asks of one field; of one that is `unknown`, the `header` of its TLV. */
export interface WantedField extends FieldValue {
  readonly mask?: PlainValue;
  readonly header?: string;
}

export interface RuleReference {
  readonly tableId: number;
  /** Its place in the table as that was given, so that who asked finds the entry again. */
  readonly index: number;
  readonly priority: number;
  /** Decimal. */
  readonly cookie: string;
  readonly match: string;
  readonly actions: string;
}

export interface TableVisit {
  readonly tableId: number;
  readonly ruleCount: number;
  /** The fields of the packet as it came into the table. */
  readonly fields: readonly FieldValue[];
  /** Absent: no rule matched, and there is no table-miss rule. */
  readonly matched?: RuleReference;
  readonly isTableMiss: boolean;
  /** Rules before the one that matched, none of which did; without one, all. */
  readonly higherCount: number;
  /** Of its priority and matching too: which of them a switch takes is undefined (OpenFlow 1.3.5, section 5.3). */
  readonly rivalCount: number;
  readonly rivals: readonly RuleReference[];
  /** Matching too, but of lower priority. */
  readonly shadowedCount: number;
  readonly shadowed: readonly RuleReference[];
  /** The best of those that did not match, in the order of `near-miss.ts`. */
  readonly nearly: readonly NearMiss[];
  readonly steps: readonly ExplainedStep[];
}

export interface NearMiss {
  readonly rule: RuleReference;
  /** It comes before the rule that matched, and would have had the packet. */
  readonly isHigher: boolean;
  /** So many of the fields that it asks for are as it wants them. */
  readonly agreed: number;
  readonly asked: number;
  /** The first field of its match in which it and the packet differ. */
  readonly difference: Difference;
}

export type Difference =
  | { readonly type: 'value'; readonly wanted: WantedField; readonly found: PlainValue }
  /** The packet has no such field, because it is of another kind. */
  | { readonly type: 'prerequisite'; readonly wanted: WantedField; readonly needs: FieldNeed }
  /** The packet is of the right kind, but its header is cut off, contradicts itself or has no such part. */
  | { readonly type: 'absent'; readonly wanted: WantedField }
  /** The packet is a later fragment, in which nothing behind IP is looked at. */
  | { readonly type: 'laterFragment'; readonly wanted: WantedField }
  /** A field that is not of OpenFlow 1.3: the switch may know better. */
  | { readonly type: 'unknownField'; readonly wanted: WantedField };

/** `field` would have to be one of `values`; of a VLAN id, which has none listed, any tag will do. */
export interface FieldNeed {
  readonly field: string;
  readonly values: readonly PlainValue[];
  readonly found?: PlainValue;
}

export interface ActionSetRun {
  /** In the order of execution. */
  readonly actions: readonly string[];
  /** Written, but not carried out: an output beside a group (OpenFlow 1.3.5, section 5.10). */
  readonly withheld: readonly string[];
  readonly steps: readonly ExplainedStep[];
}

/** Steps stand in one list; `depth` says in how many others (an instruction, a group, a bucket) one is. */
export type ExplainedStep = { readonly depth: number } & (
  | MeterRun
  /** What it does follows, one deeper. */
  | { readonly type: 'applyActions' }
  | { readonly type: 'clearActions' }
  /** `set` is the action set from here on, in the order of execution. */
  | { readonly type: 'writeActions'; readonly actions: string; readonly set: readonly string[] }
  | { readonly type: 'writeMetadata'; readonly before: string; readonly after: string }
  | { readonly type: 'gotoTable'; readonly tableId: number }
  | { readonly type: 'ignoredInstruction'; readonly instruction: string }
  | EditRun
  | { readonly type: 'noEffect'; readonly action: string; readonly reason: NoEffectReason }
  | { readonly type: 'setQueue'; readonly queueId: number }
  | GroupRun
  /** What follows, one deeper, happens in this bucket, to a copy of the packet. */
  | { readonly type: 'bucket'; readonly groupId: number; readonly index: number }
  | OutputRun
  | { readonly type: 'packetIn'; readonly reason: SentPacketIn['reason']; readonly maxLen: number }
  | { readonly type: 'drop'; readonly reason: DropReason; readonly groupId?: number }
);

export interface MeterRun {
  readonly type: 'meter';
  readonly meterId: number;
  /** False: the switch says nothing of such a meter. */
  readonly isConfigured: boolean;
  readonly unit: 'kbps' | 'pktps';
  readonly bands: readonly PlainBand[];
  readonly verdict: 'pass' | 'drop' | 'remark';
  /** False: how full its buckets are cannot be read back, and it is taken to let the packet pass. */
  readonly isKnown: boolean;
  readonly changes: readonly PlainChange[];
}

/** A `dscpRemark` makes a packet easier to drop by `precLevel`; what an `other` band does is the switch's own affair. */
export interface PlainBand {
  readonly type: 'drop' | 'dscpRemark' | 'other';
  readonly rate?: number;
  readonly burst?: number;
  readonly precLevel?: number;
}

export interface EditRun {
  readonly type: 'edit';
  readonly action: string;
  readonly header?: { readonly change: 'pushed' | 'popped'; readonly kind: 'vlan' | 'mpls' | 'pbb' };
  readonly changes: readonly PlainChange[];
  readonly frameBytes: number;
}

export interface GroupRun {
  readonly type: 'group';
  readonly groupId: number;
  readonly groupType: keyof typeof GROUP_TYPE | 'unknown';
  /** `oneOf`: the switch takes one of those that are followed, and does not tell how it chooses. */
  readonly choice: 'every' | 'only' | 'firstLive' | 'oneOf' | 'chosen' | 'none';
  readonly buckets: readonly BucketState[];
}

export interface BucketState {
  readonly index: number;
  readonly actions: string;
  readonly isFollowed: boolean;
  /** Of select groups. */
  readonly weight?: number;
  /** Of groups that ask for it: select and fast failover. */
  readonly isLive?: boolean;
  readonly watches: readonly Watch[];
}

export interface Watch {
  readonly type: 'port' | 'group';
  readonly number: number;
  readonly isLive: boolean;
  /** Why not. */
  readonly reason?: 'noSuchPort' | 'portDown' | 'notLive' | 'noSuchGroup' | 'noLiveBucket';
}

/** `port` is as the action says; `sent` are the ports that the packet left by, `held` those that kept it. */
export interface OutputRun {
  readonly type: 'output';
  readonly port: number;
  readonly sent: readonly number[];
  readonly held: readonly { readonly port: number; readonly reason: HoldReason }[];
}

export interface Outcome {
  /** With doubts, `forwarded` if anything may leave by a port. */
  readonly type: Verdict['type'];
  /** Why it was dropped; absent if it was not. */
  readonly cause?: Cause;
  /** In the order of sending. */
  readonly outputs: readonly SentFrame[];
  readonly packetIns: readonly ShownPacket[];
  /** Every copy that got lost, or was held back, on the way. */
  readonly losses: readonly Cause[];
}

/** A bucket that a select group may have taken. */
export interface Choice {
  readonly groupId: number;
  readonly bucket: number;
}

/** Happens only if the switch makes all of these choices; without any, it happens. */
interface Conditional {
  readonly choices: readonly Choice[];
}

export interface SentFrame extends Conditional {
  readonly port: number;
  readonly portName?: string;
  readonly queueId?: number;
  readonly frameBytes: number;
  readonly frame: string;
  /** Of the headers, against the frame that arrived. */
  readonly changes: readonly PlainChange[];
}

export interface ShownPacket extends Conditional {
  readonly reason: SentPacketIn['reason'];
  readonly tableId: number;
  readonly cookie: string;
  /** So many bytes are sent up if the switch keeps the rest. */
  readonly maxLen: number;
  readonly frameBytes: number;
  readonly frame: string;
  readonly changes: readonly PlainChange[];
}

/** Why a copy went no further, and where. */
export interface Cause extends Conditional {
  readonly reason: DropReason;
  /** Absent: before the first table. */
  readonly tableId?: number;
  /** At the end of the tables, when the action set was carried out. */
  readonly isInActionSet?: true;
  readonly groupId?: number;
  readonly bucket?: number;
  readonly port?: number;
  readonly meterId?: number;
}

export type Doubt =
  /** What the meter may do to the packet. */
  | {
      readonly type: 'meter';
      readonly tableId: number;
      readonly meterId: number;
      readonly effects: readonly PlainBand['type'][];
    }
  /** Which bucket the group takes. */
  | { readonly type: 'select'; readonly groupId: number }
  /** There are too many choices to follow them all; of each select group the first candidate is followed. */
  | { readonly type: 'firstChoicesOnly' }
  /**
   * The packet ended in a table, by a miss or because its time to live was up, while actions were waiting in its action set. They go
   * with it; Open vSwitch, for one, carries them out all the same.
   */
  | { readonly type: 'waitingActions'; readonly tableId: number; readonly actions: readonly string[] }
  /** Rules of one priority match. */
  | { readonly type: 'rivals'; readonly tableId: number }
  /** This rule, if not another, would come first if the packet has what it asks for in a field that is not of OpenFlow 1.3. */
  | { readonly type: 'unknownField'; readonly tableId: number; readonly index: number }
  /** An action or instruction that is the switch's own was passed over. */
  | { readonly type: 'notUnderstood'; readonly tableId: number; readonly text: string }
  /** What OFPP_NORMAL does is beyond OpenFlow. */
  | { readonly type: 'normal' }
  /** Whether some controller wants to see packets whose time to live is up. */
  | { readonly type: 'invalidTtl' }
  /** The switch has no such port. */
  | { readonly type: 'unknownInPort'; readonly port: number };
