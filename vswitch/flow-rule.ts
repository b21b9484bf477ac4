/**
 * OpenFlow 1.3.5, section 5.2: a flow entry as the switch keeps it: what was sent, to be echoed exactly, and what the packet path needs.
 *
 * Counters are doubles: they count exactly up to 2^53, which at a hundred gigabit per second takes eight days of bytes and centuries
 * of packets, and adding to one costs less than carrying between two words. The wire gets them as 64 bits.
 */
import { FLOW_FLAG } from '../protocol/wire/openflow/flow.ts';
import type { Instruction } from '../protocol/wire/openflow/instruction.ts';
import type { Match } from '../protocol/wire/openflow/match.ts';
import type { Oxm } from '../protocol/wire/openflow/oxm.ts';
import { compileInstructions, type Program } from './program.ts';
import type { Subtable } from './subtable.ts';

export interface FlowRuleOptions {
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly flags: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
  readonly now: number;
}

const SECOND_NS = 1_000_000_000;

export class FlowRule {
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly flags: number;
  readonly match: Match;
  readonly createdAt: number;
  /** Section 5.4: matches everything at priority 0. */
  readonly isTableMiss: boolean;
  instructions: readonly Instruction[];
  program: Program;
  packetCount = 0;
  byteCount = 0;
  usedAt: number;
  /** The classifier's: where it is, the hash of its masked key, and the rule of the same mask and key that comes next in priority. */
  subtable: Subtable | undefined = undefined;
  hash = 0;
  next: FlowRule | undefined = undefined;
  /** The timeouts': its place among the rules that wait for their end, -1 if it does not. */
  deadline = 0;
  deadlineRank = 0;
  deadlineIndex = -1;

  constructor(options: FlowRuleOptions) {
    this.tableId = options.tableId;
    this.priority = options.priority;
    this.cookie = options.cookie;
    this.idleTimeout = options.idleTimeout;
    this.hardTimeout = options.hardTimeout;
    this.flags = options.flags;
    this.match = options.match;
    this.createdAt = options.now;
    this.isTableMiss = options.priority === 0 && options.match.every(isOmitted);
    this.instructions = options.instructions;
    this.program = compileInstructions(options.instructions);
    this.usedAt = options.now;
  }

  get sendsFlowRemoved(): boolean {
    return (this.flags & FLOW_FLAG.sendFlowRem) !== 0;
  }

  replaceInstructions(instructions: readonly Instruction[]): void {
    this.instructions = instructions;
    this.program = compileInstructions(instructions);
  }

  count(bytes: number, now: number): void {
    if ((this.flags & FLOW_FLAG.noPktCounts) === 0) this.packetCount++;
    if ((this.flags & FLOW_FLAG.noBytCounts) === 0) this.byteCount += bytes;
    this.usedAt = now;
  }

  /** Of the rule whose place it takes. */
  takeCounts(other: FlowRule): void {
    this.packetCount = other.packetCount;
    this.byteCount = other.byteCount;
  }

  resetCounts(): void {
    this.packetCount = 0;
    this.byteCount = 0;
  }

  get idleEndsAt(): number {
    return this.idleTimeout === 0 ? Number.POSITIVE_INFINITY : this.usedAt + this.idleTimeout * SECOND_NS;
  }

  get hardEndsAt(): number {
    return this.hardTimeout === 0 ? Number.POSITIVE_INFINITY : this.createdAt + this.hardTimeout * SECOND_NS;
  }
}

/** Section 7.2.3.5: a mask of zeros is as good as no field. */
function isOmitted(oxm: Oxm): boolean {
  return oxm.type !== 'unknown' && (oxm.mask === 0 || oxm.mask === 0n);
}
