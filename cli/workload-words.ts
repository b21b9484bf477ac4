/** Guests in the words of the shell: who is where and how, and starting, stopping and moving them. */
import { MILLISECOND, SECOND } from '../sim/clock.ts';
import type { Guest } from '../sim/guest.ts';
import { GuestRefusal } from '../sim/guest-refusal.ts';
import type { MigrationReport } from '../sim/migration.ts';
import type { Workloads } from '../sim/workloads.ts';
import { formatProfile } from '../topologies/guest-profiles.ts';

const VERBS = ['create', 'start', 'pause', 'resume', 'stop', 'delete'] as const;

const USAGE = `workload: workload ${VERBS.join('|')} NAME, or workload migrate NAME NODE [force]`;

type Enter = (work: () => void) => void;

export function listWorkloads({ guests }: Workloads): string {
  if (guests.size === 0) return 'workloads: the topology has no guests';
  return [...guests.values()].map(describe).join('\n');
}

export function changeWorkload(
  workloads: Workloads,
  enter: Enter,
  [word = '', name = '', node = '', force = '']: readonly string[],
): string | Promise<string> {
  const isForced = force === 'force';
  if (word === 'migrate' && name !== '' && node !== '' && (force === '' || isForced)) {
    return migrate(workloads, enter, name, node, isForced);
  }
  const verb = VERBS.find((known) => known === word);
  if (!verb || name === '' || node !== '') return USAGE;
  let said = '';
  enter(() => {
    said = attempt(() => {
      workloads[verb](name);
      return describe(workloads.guest(name));
    });
  });
  return said;
}

function describe({ name, state, node, profile, stopReason }: Guest): string {
  const where = node ? ` on ${node.name}` : '';
  return `${name} ${state}${where} ${formatProfile(profile)}${stopReason === undefined ? '' : `, ${stopReason}`}`;
}

function migrate(workloads: Workloads, enter: Enter, name: string, node: string, force: boolean): Promise<string> {
  return new Promise((resolve) => {
    enter(() => {
      const refused = attempt(() => {
        workloads.migrate(name, node, { force }, (report) => resolve(tell(report)));
        return '';
      });
      if (refused !== '') resolve(refused);
    });
  });
}

function tell({ guest, to, state, reason, rounds, totalNs = 0, measuredDowntimeNs = 0 }: MigrationReport): string {
  if (state === 'failed') return `${guest} stays: ${reason}`;
  const total = (totalNs / SECOND).toFixed(1);
  const downtime = (measuredDowntimeNs / MILLISECOND).toFixed(1);
  return `${guest} on ${to} after ${total} s and ${rounds.length} rounds; it rested for ${downtime} ms`;
}

function attempt(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof GuestRefusal) return `workload: ${error.message}`;
    throw error;
  }
}
