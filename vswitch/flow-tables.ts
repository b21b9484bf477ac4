/**
 * OpenFlow 1.3.5, sections 5.5 and 6.4: all flow tables of a switch: the five commands of a flow_mod, and rules that end by themselves.
 *
 * A command is checked whole before anything is changed, so that what is refused leaves the tables as they were. Whoever removes
 * rules is told which (`onRemoved`), for flow-removed messages are the agent's.
 */
import { FLOW_COMMAND, FLOW_FLAG, FLOW_REMOVED_REASON, type FlowMod } from '../protocol/wire/openflow/flow.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import type { Match } from '../protocol/wire/openflow/match.ts';
import { PORT } from '../protocol/wire/openflow/port.ts';
import { TABLE } from '../protocol/wire/openflow/table.ts';
import { FlowRule } from './flow-rule.ts';
import { FlowTable, TABLE_ENTRIES_MAX } from './flow-table.ts';
import { MatchKey } from './match-key.ts';
import { sendsTo } from './program.ts';
import { refuse } from './refusal.ts';
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

export type RuleRemoved = (rule: FlowRule, reason: number, now: number) => void;

export class FlowTables {
  readonly tables: readonly FlowTable[];
  readonly #timeouts = new Timeouts();
  readonly #onRemoved: RuleRemoved;
  /** Commands come one at a time. */
  readonly #match = new MatchKey();

  constructor(tableCount: number, onRemoved: RuleRemoved, entriesMax: number = TABLE_ENTRIES_MAX) {
    this.tables = Array.from({ length: tableCount }, (_, tableId) => new FlowTable(tableId, entriesMax));
    this.#onRemoved = onRemoved;
  }

  /** The message has been validated, and what its instructions refer to is there. */
  apply(message: FlowMod, now: number): void {
    this.#match.set(message.match);
    switch (message.command) {
      case FLOW_COMMAND.add:
        this.#add(message, now);
        return;
      case FLOW_COMMAND.modify:
      case FLOW_COMMAND.modifyStrict:
        this.#modify(message);
        return;
      default:
        this.#delete(message, now);
    }
  }

  #add(message: FlowMod, now: number): void {
    const { tableId, priority, flags } = message;
    const table = this.#tableOf(tableId);
    if ((flags & FLOW_FLAG.checkOverlap) !== 0 && table.hasOverlap(this.#match, priority)) {
      refuse('FLOW_MOD_FAILED/OVERLAP', `a rule of priority ${priority} overlaps`);
    }
    if (table.isFull && !table.find(this.#match, priority)) {
      refuse('FLOW_MOD_FAILED/TABLE_FULL', `table ${tableId} holds at most ${table.entriesMax} rules`);
    }
    const rule = new FlowRule({ ...message, now });
    const replaced = table.add(rule, this.#match);
    if (replaced) {
      this.#timeouts.remove(replaced);
      if ((flags & FLOW_FLAG.resetCounts) === 0) rule.takeCounts(replaced);
    }
    this.#timeouts.add(rule);
  }

  #modify(message: FlowMod): void {
    const { tableId, command, priority, flags, cookie, cookieMask, instructions } = message;
    const table = this.#tableOf(tableId);
    const isStrict = command === FLOW_COMMAND.modifyStrict;
    for (const rule of isStrict ? toList(table.find(this.#match, priority)) : table.findWithin(this.#match)) {
      if ((rule.cookie & cookieMask) !== (cookie & cookieMask)) continue;
      rule.replaceInstructions(instructions);
      if ((flags & FLOW_FLAG.resetCounts) !== 0) rule.resetCounts();
    }
  }

  #delete(message: FlowMod, now: number): void {
    const isStrict = message.command === FLOW_COMMAND.deleteStrict;
    for (const table of this.#tablesOf(message.tableId)) {
      const found = isStrict ? toList(table.find(this.#match, message.priority)) : table.findWithin(this.#match);
      for (const rule of found) if (isMeant(rule, message)) this.#remove(rule, FLOW_REMOVED_REASON.delete, now);
    }
  }

  #remove(rule: FlowRule, reason: number, now: number): void {
    this.tables[rule.tableId]!.remove(rule);
    this.#timeouts.remove(rule);
    this.#onRemoved(rule, reason, now);
  }

  /** Section 7.3.5.5.1: a table that is configured anew loses its rules, and nobody is told. */
  clear(tableId: number): void {
    const table = this.tables[tableId]!;
    for (const rule of [...table.rules()]) {
      table.remove(rule);
      this.#timeouts.remove(rule);
    }
  }

  /** Groups and meters take the rules that use them along (sections 6.5 and 6.6). */
  removeWhere(isUnwanted: (rule: FlowRule) => boolean, reason: number, now: number): void {
    for (const table of this.tables) {
      if (table.count === 0) continue;
      for (const rule of [...table.rules()].filter(isUnwanted)) this.#remove(rule, reason, now);
    }
  }

  /** Rules as a request for statistics means them, in the order of their tables. */
  select(filter: RuleFilter): FlowRule[] {
    this.#match.set(filter.match);
    return this.#tablesOf(filter.tableId).flatMap((table) =>
      table.count === 0 ? [] : table.findWithin(this.#match).filter((rule) => isMeant(rule, filter)),
    );
  }

  *rules(): Generator<FlowRule> {
    for (const table of this.tables) if (table.count > 0) yield* table.rules();
  }

  /** Removes the rules whose time is up. */
  expire(now: number): void {
    for (let rule = this.#timeouts.takeEnded(now); rule !== undefined; rule = this.#timeouts.takeEnded(now)) {
      const reason = rule.hardEndsAt <= now ? FLOW_REMOVED_REASON.hardTimeout : FLOW_REMOVED_REASON.idleTimeout;
      this.tables[rule.tableId]!.remove(rule);
      this.#onRemoved(rule, reason, now);
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
}

function toList(rule: FlowRule | undefined): FlowRule[] {
  return rule ? [rule] : [];
}

function isMeant(rule: FlowRule, { cookie, cookieMask, outPort, outGroup }: RuleFilter): boolean {
  if ((rule.cookie & cookieMask) !== (cookie & cookieMask)) return false;
  if (outPort !== PORT.any && !sendsTo(rule.instructions, 'output', outPort)) return false;
  return outGroup === GROUP.any || sendsTo(rule.instructions, 'group', outGroup);
}
