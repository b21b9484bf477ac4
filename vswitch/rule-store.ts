/**
 * OpenFlow 1.3.5, section 5.2: the flow entries of a switch, as rows of typed arrays. A rule is the number of its row.
 *
 * A million rules as objects are a million objects for the garbage collector to walk, and some three hundred bytes each; as rows they are
 * seventy, plus the key in its subtable. What a packet reads or writes of a rule stands together: eight words, and four doubles
 * behind each other, one cache line each at most. Match and instructions are shared (`match-shapes.ts`, `rule-programs.ts`).
 *
 * Counters are doubles: they count exactly up to 2^53, which at a hundred gigabit per second takes eight days of bytes and centuries
 * of packets, and adding to one costs less than carrying between two words. The wire gets them as 64 bits.
 *
 * Rows of rules that are gone are used again; arrays grow by a quarter, because at a million rules what is spare costs, too.
 */
import { FLOW_FLAG } from '../protocol/wire/openflow/flow.ts';
import { type MatchShape, MatchShapes } from './match-shapes.ts';
import { type RuleProgram, RulePrograms } from './rule-programs.ts';
import type { SwitchClock } from './switch-clock.ts';

/** No rule. */
export const RULE_NONE = -1;

const WORDS = 8;
/** Words of a row. */
const PROGRAM = 0;
const SHAPE = 1;
/** Where in its subtable the rule's key is. */
const SLOT = 2;
/** The rule of the same key that comes next in priority; of a row that is free, the next free one. */
const NEXT = 3;
/** Priority (16), flags (16). */
const RANK = 4;
/** Idle (16) and hard (16) timeout. */
const TIMEOUTS = 5;
/** How often the row was used before (22), table-miss (1), table (8). */
const PLACE = 6;
/** Its index among the rules that wait for their end, or -1. */
const DEADLINE = 7;

const TABLE_MISS = 0x100;
const USE_SHIFT = 10;

/** Rows of a ticket; beyond what memory holds. */
const TICKET_ROWS = 2 ** 31;

const DOUBLES = 4;
const PACKETS = 0;
const BYTES = 1;
const USED_AT = 2;
const CREATED_AT = 3;

const ROWS_MIN = 16;
const GROWTH = 1.25;

const SECOND_NS = 1_000_000_000;

export interface RuleOptions {
  readonly tableId: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly flags: number;
}

export class RuleStore {
  readonly clock: SwitchClock;
  readonly shapes = new MatchShapes();
  readonly programs = new RulePrograms();
  #words = new Int32Array(0);
  #doubles = new Float64Array(0);
  #cookies = new BigUint64Array(0);
  #used = 0;
  #free = RULE_NONE;

  constructor(clock: SwitchClock) {
    this.clock = clock;
  }

  /** A new rule, which is created now, in no table yet. */
  create(
    { tableId, priority, cookie, idleTimeout, hardTimeout, flags }: RuleOptions,
    shape: MatchShape,
    program: RuleProgram,
  ): number {
    shape.ruleCount++;
    program.ruleCount++;
    const rule = this.#takeRow();
    const at = rule * WORDS;
    const words = this.#words;
    words[at + PROGRAM] = program.id;
    words[at + SHAPE] = shape.id;
    words[at + SLOT] = 0;
    words[at + NEXT] = RULE_NONE;
    words[at + RANK] = (priority << 16) | flags;
    words[at + TIMEOUTS] = (idleTimeout << 16) | hardTimeout;
    const use = words[at + PLACE]! >>> USE_SHIFT;
    words[at + PLACE] = (use << USE_SHIFT) | (priority === 0 && shape.isEmpty ? TABLE_MISS : 0) | tableId;
    words[at + DEADLINE] = -1;
    const doubles = this.#doubles;
    const base = rule * DOUBLES;
    doubles[base + PACKETS] = 0;
    doubles[base + BYTES] = 0;
    doubles[base + USED_AT] = this.clock.now;
    doubles[base + CREATED_AT] = this.clock.now;
    this.#cookies[rule] = cookie;
    return rule;
  }

  #takeRow(): number {
    const row = this.#free;
    if (row !== RULE_NONE) {
      this.#free = this.#words[row * WORDS + NEXT]!;
      return row;
    }
    if (this.#used === this.#cookies.length) this.#grow();
    return this.#used++;
  }

  #grow(): void {
    const rows = Math.max(ROWS_MIN, Math.ceil(this.#used * GROWTH));
    const words = new Int32Array(rows * WORDS);
    words.set(this.#words);
    this.#words = words;
    const doubles = new Float64Array(rows * DOUBLES);
    doubles.set(this.#doubles);
    this.#doubles = doubles;
    const cookies = new BigUint64Array(rows);
    cookies.set(this.#cookies);
    this.#cookies = cookies;
  }

  /** The rule is in no table, and nobody asks for it any more. */
  release(rule: number): void {
    this.shapes.drop(this.shapeOf(rule));
    this.programs.drop(this.programOf(rule));
    this.#words[rule * WORDS + NEXT] = this.#free;
    this.#words[rule * WORDS + PLACE]! += 1 << USE_SHIFT;
    this.#free = rule;
  }

  /** A number that stands for the rule as long as it is there, and for nothing afterwards: for who comes back later. */
  ticketOf(rule: number): number {
    return (this.#words[rule * WORDS + PLACE]! >>> USE_SHIFT) * TICKET_ROWS + rule;
  }

  /** The rule, or `RULE_NONE` when it is gone. */
  ruleOf(ticket: number): number {
    const rule = ticket % TICKET_ROWS;
    return this.ticketOf(rule) === ticket ? rule : RULE_NONE;
  }

  shapeOf(rule: number): MatchShape {
    return this.shapes.get(this.#words[rule * WORDS + SHAPE]!);
  }

  programOf(rule: number): RuleProgram {
    return this.programs.get(this.#words[rule * WORDS + PROGRAM]!);
  }

  setProgram(rule: number, program: RuleProgram): void {
    program.ruleCount++;
    this.programs.drop(this.programOf(rule));
    this.#words[rule * WORDS + PROGRAM] = program.id;
  }

  slotOf(rule: number): number {
    return this.#words[rule * WORDS + SLOT]!;
  }

  setSlot(rule: number, slot: number): void {
    this.#words[rule * WORDS + SLOT] = slot;
  }

  nextOf(rule: number): number {
    return this.#words[rule * WORDS + NEXT]!;
  }

  setNext(rule: number, next: number): void {
    this.#words[rule * WORDS + NEXT] = next;
  }

  priorityOf(rule: number): number {
    return this.#words[rule * WORDS + RANK]! >>> 16;
  }

  flagsOf(rule: number): number {
    return this.#words[rule * WORDS + RANK]! & 0xffff;
  }

  idleTimeoutOf(rule: number): number {
    return this.#words[rule * WORDS + TIMEOUTS]! >>> 16;
  }

  hardTimeoutOf(rule: number): number {
    return this.#words[rule * WORDS + TIMEOUTS]! & 0xffff;
  }

  tableIdOf(rule: number): number {
    return this.#words[rule * WORDS + PLACE]! & 0xff;
  }

  /** Section 5.4: matches everything at priority 0. */
  isTableMiss(rule: number): boolean {
    return (this.#words[rule * WORDS + PLACE]! & TABLE_MISS) !== 0;
  }

  deadlineIndexOf(rule: number): number {
    return this.#words[rule * WORDS + DEADLINE]!;
  }

  setDeadlineIndex(rule: number, index: number): void {
    this.#words[rule * WORDS + DEADLINE] = index;
  }

  cookieOf(rule: number): bigint {
    return this.#cookies[rule]!;
  }

  packetCountOf(rule: number): number {
    return this.#doubles[rule * DOUBLES + PACKETS]!;
  }

  byteCountOf(rule: number): number {
    return this.#doubles[rule * DOUBLES + BYTES]!;
  }

  createdAtOf(rule: number): number {
    return this.#doubles[rule * DOUBLES + CREATED_AT]!;
  }

  /** A packet of so many bytes uses the rule now. */
  count(rule: number, bytes: number): void {
    const flags = this.#words[rule * WORDS + RANK]!;
    const doubles = this.#doubles;
    const at = rule * DOUBLES;
    if ((flags & FLOW_FLAG.noPktCounts) === 0) doubles[at + PACKETS]! += 1;
    if ((flags & FLOW_FLAG.noBytCounts) === 0) doubles[at + BYTES]! += bytes;
    doubles[at + USED_AT] = this.clock.now;
  }

  /** Of the rule whose place it takes. */
  takeCounts(rule: number, other: number): void {
    const at = rule * DOUBLES;
    const from = other * DOUBLES;
    this.#doubles[at + PACKETS] = this.#doubles[from + PACKETS]!;
    this.#doubles[at + BYTES] = this.#doubles[from + BYTES]!;
  }

  resetCounts(rule: number): void {
    this.#doubles[rule * DOUBLES + PACKETS] = 0;
    this.#doubles[rule * DOUBLES + BYTES] = 0;
  }

  hasTimeout(rule: number): boolean {
    return this.#words[rule * WORDS + TIMEOUTS] !== 0;
  }

  hardEndOf(rule: number): number {
    const seconds = this.hardTimeoutOf(rule);
    return seconds === 0 ? Number.POSITIVE_INFINITY : this.createdAtOf(rule) + seconds * SECOND_NS;
  }

  /** When the rule ends, if it is not used before. */
  endOf(rule: number): number {
    const seconds = this.idleTimeoutOf(rule);
    const hardEnd = this.hardEndOf(rule);
    if (seconds === 0) return hardEnd;
    return Math.min(hardEnd, this.#doubles[rule * DOUBLES + USED_AT]! + seconds * SECOND_NS);
  }
}
