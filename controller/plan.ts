/**
 * What every switch should have, in parts: rules, groups and meters that are wanted for one reason, and what must be in force elsewhere first.
 *
 * Frames travel between switches under labels. What a label means at all switches together is a *program*, and a program never changes: another tree or
 * path is another program with another label. So a part that carries a program out may be put in place at any time, since nothing is sent under
 * its label yet; a part that sends under it *needs* it, and replaces what it replaces only when the whole program is confirmed; and a program is taken
 * away when nothing that needs it is left and what was under way has arrived. A frame meets one program from end to end, whatever the switches' delays.
 *
 * Parts that did not change are the same objects, so that the difference to what was wanted before costs nothing for them.
 */
import type { GroupDesc } from '../protocol/wire/openflow/group.ts';
import type { MeterConfig } from '../protocol/wire/openflow/meter.ts';
import type { Rule } from './rule.ts';

/** As a switch describes it; equal ids have equal content among all parts of a switch. */
export type PlannedGroup = GroupDesc;

/** As a switch describes it; wanted by one part. Its content may change under its number. */
export type PlannedMeter = MeterConfig;

export interface PlanPart {
  /** No two parts of a switch have the same rule. */
  readonly rules: readonly Rule[];
  /** What the rules refer to. Several parts of a switch may list the same group. */
  readonly groups: readonly PlannedGroup[];
  readonly meters: readonly PlannedMeter[];
  /** The program that this part carries out at its switch, by its key. */
  readonly program: string | undefined;
  /** The programs, by their keys, that must be confirmed at all switches that have a part of them before these rules are put in force. */
  readonly needs: readonly string[];
  /** The ids of the policies that it carries out. */
  readonly policies?: readonly string[];
  /**
   * Whether what these rules send under a program can pass a switch. Those that it cannot pass are not waited for; without this, all are.
   */
  readonly canPass?: (program: string, dpid: string) => boolean;
}

/** By a key that is the part's own within its switch. */
export type SwitchPlan = ReadonlyMap<string, PlanPart>;

/** By dpid. */
export type Plan = ReadonlyMap<string, SwitchPlan>;
