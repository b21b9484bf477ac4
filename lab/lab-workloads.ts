/** Guests of a lab as the REST API shows them, and what becomes of what is asked of them. */
import type {
  MigrationRequest,
  MigrationResource,
  WorkloadOutcome,
  WorkloadResource,
  WorkloadVerb,
} from '../protocol/api/workload-resource.ts';
import { MILLISECOND, type Nanos } from '../sim/clock.ts';
import type { Guest } from '../sim/guest.ts';
import { GuestRefusal } from '../sim/guest-refusal.ts';
import type { MigrationReport } from '../sim/migration.ts';
import type { Workloads } from '../sim/workloads.ts';
import { formatProfile } from '../topologies/guest-profiles.ts';

export function listWorkloads(workloads: Workloads): readonly WorkloadResource[] {
  return [...workloads.guests.values()].map((guest) => toWorkload(workloads, guest));
}

/** What it then is, or why not. */
export function actOnWorkload(workloads: Workloads, name: string, verb: WorkloadVerb): WorkloadOutcome {
  return attempt(workloads, name, () => workloads[verb](name));
}

/** It begins; how it goes on is told by the workload. */
export function migrateWorkload(
  workloads: Workloads,
  name: string,
  { to, force, budgetBytesPerSecond, downtimeLimitMs }: MigrationRequest,
): WorkloadOutcome {
  const downtimeLimitNs = downtimeLimitMs === undefined ? undefined : downtimeLimitMs * MILLISECOND;
  return attempt(workloads, name, () =>
    workloads.migrate(name, to, { force, budgetBps: budgetBytesPerSecond, downtimeLimitNs }),
  );
}

function attempt(workloads: Workloads, name: string, work: () => unknown): WorkloadOutcome {
  try {
    work();
  } catch (error) {
    if (!(error instanceof GuestRefusal)) throw error;
    return { refusal: { code: error.code, reason: error.message } };
  }
  return { workload: toWorkload(workloads, workloads.guest(name)) };
}

function toWorkload(workloads: Workloads, guest: Guest): WorkloadResource {
  const { name, state, profile, spec, node, card, stopReason = '' } = guest;
  const migration = workloads.migrationOf(name);
  return {
    name,
    kind: profile.kind,
    state,
    node: node?.name ?? '',
    link: card.linkName ?? '',
    profile: formatProfile(profile),
    bootMs: spec.bootNs / MILLISECOND,
    memoryBytes: spec.demand.memoryBytes,
    cpus: spec.demand.cpus,
    stopReason,
    migration: migration ? toMigration(migration.report) : null,
  };
}

function toMigration(report: MigrationReport): MigrationResource {
  const { from, to, state, reason = '', rounds, sentBytes, totalNs, plan } = report;
  return {
    from,
    to,
    state,
    reason,
    rounds: rounds.map(({ bytes, durationNs }) => ({ bytes, durationMs: durationNs / MILLISECOND })),
    sentBytes,
    totalMs: toMs(totalNs),
    plannedDowntimeMs: toMs(plan?.downtimeNs),
    predictedDowntimeMs: toMs(report.predictedDowntimeNs),
    measuredDowntimeMs: toMs(report.measuredDowntimeNs),
  };
}

function toMs(time: Nanos | undefined): number | null {
  return time === undefined ? null : time / MILLISECOND;
}
