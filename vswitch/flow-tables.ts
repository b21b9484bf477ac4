/**
 * OpenFlow 1.3.5, sections 5.5 and 6.4: all flow tables of a switch: the five commands of a flow_mod, and rules that end by themselves.
 *
 * A command is checked whole before anything is changed, so that what is refused leaves the tables as they were. Whoever removes
 * rules is told which (`onRemoved`), for flow-removed messages are the agent's.
 */
import {
  FLOW_COMMAND,
  FLOW_FLAG,
  FLOW_REMOVED_REASON,
  type FlowMod,
  type FlowStats,
} from '../protocol/wire/openflow/flow.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import type { Match } from '../protocol/wire/openflow/match.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import { TABLE } from '../protocol/wire/openflow/table.ts';
import { toDuration } from './duration.ts';
import { FlowTable, TABLE_ENTRIES_MAX } from './flow-table.ts';
import { MatchKey } from './match-key.ts';
import { refuse } from './refusal.ts';
import type { RuleProgram } from './rule-programs.ts';
import { RULE_NONE, RuleStore } from './rule-store.ts';
import type { SwitchClock } from './switch-clock.ts';
import { Timeouts } from './timeouts.ts';

/** Which rules a request is about. */
export interface RuleFilter {
  readonly tableId: number;
  readonly match: Match;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly outPort: number;
  readonly outGroup: number;
}

/** Told of a rule while it can still be described. */
export type RuleRemoved = (rule: number, reason: number) => void;

export class FlowTables {
  readonly tables: readonly FlowTable[];
  readonly rules: RuleStore;
  readonly #timeouts: Timeouts;
  readonly #onRemoved: RuleRemoved;
  /** Commands come one at a time. */
  readonly #match = new MatchKey();

  constructor(tableCount: number, clock: SwitchClock, onRemoved: RuleRemoved, entriesMax: number = TABLE_ENTRIES_MAX) {
    this.rules = new RuleStore(clock);
    this.tables = Array.from({ length: tableCount }, (_, tableId) => new FlowTable(tableId, entriesMax, this.rules));
    this.#timeouts = new Timeouts(this.rules);
    this.#onRemoved = onRemoved;
  }

  /** The message has been validated, and what its instructions refer to is there. */
  apply(message: FlowMod): void {
    this.#match.set(message.match);
    switch (message.command) {
      case FLOW_COMMAND.add:
        this.#add(message);
        return;
      case FLOW_COMMAND.modify:
      case FLOW_COMMAND.modifyStrict:
        this.#modify(message);
        return;
      default:
        this.#delete(message);
    }
  }

  #add(message: FlowMod): void {
    const { tableId, priority, flags } = message;
    const table = this.#tableOf(tableId);
    if ((flags & FLOW_FLAG.checkOverlap) !== 0 && table.hasOverlap(this.#match, priority)) {
      refuse('FLOW_MOD_FAILED/OVERLAP', `a rule of priority ${priority} overlaps`);
    }
    if (table.isFull && table.find(this.#match, priority) === RULE_NONE) {
      refuse('FLOW_MOD_FAILED/TABLE_FULL', `table ${tableId} holds at most ${table.entriesMax} rules`);
    }
    const { rules } = this;
    const shape = rules.shapes.intern(message.match, this.#match);
    const rule = rules.create(message, shape, rules.programs.intern(message.instructions));
    const replaced = table.add(rule, this.#match);
    if (replaced !== RULE_NONE) {
      this.#timeouts.remove(replaced);
      if ((flags & FLOW_FLAG.resetCounts) === 0) rules.takeCounts(rule, replaced);
      rules.release(replaced);
    }
    this.#timeouts.add(rule);
  }

  #modify(message: FlowMod): void {
    const { tableId, command, priority, flags, cookie, cookieMask, instructions } = message;
    const table = this.#tableOf(tableId);
    const isStrict = command === FLOW_COMMAND.modifyStrict;
    let program: RuleProgram | undefined;
    for (const rule of isStrict ? toList(table.find(this.#match, priority)) : table.findWithin(this.#match)) {
      if ((this.rules.cookieOf(rule) & cookieMask) !== (cookie & cookieMask)) continue;
      program ??= this.rules.programs.intern(instructions);
      this.rules.setProgram(rule, program);
      if ((flags & FLOW_FLAG.resetCounts) !== 0) this.rules.resetCounts(rule);
    }
  }

  #delete(message: FlowMod): void {
    const isStrict = message.command === FLOW_COMMAND.deleteStrict;
    for (const table of this.#tablesOf(message.tableId)) {
      const found = isStrict ? toList(table.find(this.#match, message.priority)) : table.findWithin(this.#match);
      for (const rule of found) if (this.#isMeant(rule, message)) this.#remove(rule, FLOW_REMOVED_REASON.delete);
    }
  }

  #remove(rule: number, reason: number): void {
    this.#onRemoved(rule, reason);
    this.tables[this.rules.tableIdOf(rule)]!.remove(rule);
    this.#timeouts.remove(rule);
    this.rules.release(rule);
  }

  /** Section 7.3.5.5.1: a table that is configured anew loses its rules, and nobody is told. */
  clear(tableId: number): void {
    const table = this.tables[tableId]!;
    for (const rule of [...table.rules()]) {
      table.remove(rule);
      this.#timeouts.remove(rule);
      this.rules.release(rule);
    }
  }

  /** Groups and meters take the rules that use them along (sections 6.5 and 6.6). */
  removeUsers(isUnwanted: (program: RuleProgram) => boolean, reason: number): void {
    const unwanted = new Set([...this.rules.programs.all()].filter(isUnwanted));
    if (unwanted.size === 0) return;
    for (const table of this.tables) {
      if (table.count === 0) continue;
      const users = [...table.rules()].filter((rule) => unwanted.has(this.rules.programOf(rule)));
      for (const rule of users) this.#remove(rule, reason);
    }
  }

  /** Rules as a request for statistics means them, in the order of their tables. */
  select(filter: RuleFilter): number[] {
    this.#match.set(filter.match);
    return this.#tablesOf(filter.tableId).flatMap((table) =>
      table.count === 0 ? [] : table.findWithin(this.#match).filter((rule) => this.#isMeant(rule, filter)),
    );
  }

  describe(rule: number): FlowStats {
    const { rules } = this;
    const tableId = rules.tableIdOf(rule);
    return {
      tableId,
      ...toDuration(rules.clock.now - rules.createdAtOf(rule)),
      priority: rules.priorityOf(rule),
      idleTimeout: rules.idleTimeoutOf(rule),
      hardTimeout: rules.hardTimeoutOf(rule),
      flags: rules.flagsOf(rule),
      cookie: rules.cookieOf(rule),
      packetCount: BigInt(rules.packetCountOf(rule)),
      byteCount: BigInt(rules.byteCountOf(rule)),
      match: this.tables[tableId]!.matchOf(rule),
      instructions: rules.programOf(rule).instructions,
    };
  }

  /** Whether there may be rules whose time is up. */
  get hasEnded(): boolean {
    return this.#timeouts.isDue;
  }

  /** Removes the rules whose time is up. */
  expire(): void {
    for (let rule = this.#timeouts.takeEnded(); rule !== RULE_NONE; rule = this.#timeouts.takeEnded()) {
      // Whoever looks late finds both times up: the one that came first ended it.
      const isHard = this.rules.hardEndOf(rule) <= this.rules.endOf(rule);
      this.#remove(rule, isHard ? FLOW_REMOVED_REASON.hardTimeout : FLOW_REMOVED_REASON.idleTimeout);
    }
  }

  get expiresAt(): number | undefined {
    return this.#timeouts.nextAt;
  }

  #tableOf(tableId: number): FlowTable {
    const table = this.tables[tableId];
    return table ?? refuse('FLOW_MOD_FAILED/BAD_TABLE_ID', `there is no table ${tableId}`);
  }

  #tablesOf(tableId: number): readonly FlowTable[] {
    return tableId === TABLE.all ? this.tables : [this.#tableOf(tableId)];
  }

  #isMeant(rule: number, { cookie, cookieMask, outPort, outGroup }: RuleFilter): boolean {
    if ((this.rules.cookieOf(rule) & cookieMask) !== (cookie & cookieMask)) return false;
    if (outPort === PORT.any && outGroup === GROUP.any) return true;
    const program = this.rules.programOf(rule);
    if (outPort !== PORT.any && !program.sendsTo('output', outPort)) return false;
    return outGroup === GROUP.any || program.sendsTo('group', outGroup);
  }
}

function toList(rule: number): readonly number[] {
  return rule === RULE_NONE ? [] : [rule];
}
