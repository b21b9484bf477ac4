/**
 * What a live migration will take, in closed form: the pre-copy model.
 *
 * While memory M is carried at rate R, the guest dirties D bytes a second, so each round carries λ = D/R of the one before: round i takes (M/R)·λ^i. The guest is
 * stopped when what is left takes no longer than the limit: after n = ⌈log_λ(limit·R/M)⌉ rounds, and then rests for (M/R)·λⁿ and the time to resume. With λ ≥ 1 it
 * never gets there. (`workloads.md`, 3.7; parameters as in SpringerPlus 2016, s40064-016-2642-2, table 1.)
 */
import { type Nanos, SECOND } from './clock.ts';

export interface MigrationFigures {
  readonly memoryBytes: number;
  /** Payload, bytes a second. */
  readonly budgetBps: number;
  /** Bytes a second that the guest dirties. */
  readonly dirtyBps: number;
  /** How long the guest may rest, but for its resumption. */
  readonly downtimeLimitNs: Nanos;
  readonly resumeNs: Nanos;
}

export interface MigrationPlan {
  /** With the guest running. */
  readonly rounds: number;
  readonly sentBytes: number;
  readonly totalNs: Nanos;
  readonly downtimeNs: Nanos;
}

/** Undefined where the model never ends: the guest dirties as fast as is carried. */
export function planMigration(figures: MigrationFigures): MigrationPlan | undefined {
  const { memoryBytes, budgetBps, dirtyBps, downtimeLimitNs, resumeNs } = figures;
  const ratio = dirtyBps / budgetBps;
  if (ratio >= 1) return undefined;
  const share = (downtimeLimitNs / SECOND) * (budgetBps / memoryBytes);
  // One round there is always: that the rest is small is known only behind it.
  const rounds = ratio === 0 ? 1 : Math.max(1, Math.ceil(Math.log(share) / Math.log(ratio)));
  const wholeNs = (memoryBytes / budgetBps) * SECOND;
  const sum = (1 - ratio ** (rounds + 1)) / (1 - ratio);
  return {
    rounds,
    sentBytes: Math.round(memoryBytes * sum),
    totalNs: Math.round(wholeNs * sum) + resumeNs,
    downtimeNs: Math.round(wholeNs * ratio ** rounds) + resumeNs,
  };
}
