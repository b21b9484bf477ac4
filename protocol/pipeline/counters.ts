/**
 * By how much a run raises the counters of a switch (OpenFlow 1.3.5, section 5.8): of tables, entries, groups, buckets, meters and ports.
 *
 * Derived from the steps, so that counting is written once and cannot disagree with what is shown. Bytes are those of the frame
 * as it is where it is counted, without its check sequence.
 */
import { FLOW_FLAG } from '../wire/openflow/flow.ts';
import { PORT } from '../wire/openflow/port.ts';
import type { FlowEntry } from './flow-entry.ts';
import type { LookupStep, Run, Step } from './run.ts';

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

export interface CounterRise {
  readonly tables: ReadonlyMap<number, { readonly lookups: number; readonly matches: number }>;
  /** Without the counters that an entry's flags forbid. */
  readonly flows: ReadonlyMap<FlowEntry, Count>;
  readonly groups: ReadonlyMap<number, Count>;
  /** By group, then by the bucket's place in it. */
  readonly buckets: ReadonlyMap<number, ReadonlyMap<number, Count>>;
  /** What went into a meter, whatever became of it. */
  readonly meters: ReadonlyMap<number, Count>;
  readonly received: ReadonlyMap<number, Count>;
  /** Received, and dropped before the first table. */
  readonly receiveDrops: ReadonlyMap<number, number>;
  readonly sent: ReadonlyMap<number, Count>;
}

interface Tally extends CounterRise {
  readonly tables: Map<number, { lookups: number; matches: number }>;
  readonly flows: Map<FlowEntry, Count>;
  readonly groups: Map<number, Count>;
  readonly buckets: Map<number, Map<number, Count>>;
  readonly meters: Map<number, Count>;
  readonly received: Map<number, Count>;
  readonly receiveDrops: Map<number, number>;
  readonly sent: Map<number, Count>;
}

export function countRun(run: Run): CounterRise {
  const tally: Tally = {
    tables: new Map(),
    flows: new Map(),
    groups: new Map(),
    buckets: new Map(),
    meters: new Map(),
    received: new Map(),
    receiveDrops: new Map(),
    sent: new Map(),
  };
  countArrival(tally, run.steps);
  countSteps(tally, run.steps);
  for (const { port, bytes } of run.outputs) {
    // Where the normal pipeline sends it, it counts itself.
    if (port !== PORT.normal) add(tally.sent, port, bytes.length);
  }
  return tally;
}

/** A port that is down receives nothing; one that does not listen does. */
function countArrival(tally: Tally, [first, second]: readonly Step[]): void {
  if (first?.type !== 'arrival') return;
  const drop = second?.type === 'drop' ? second.reason : undefined;
  if (drop === 'portDown') return;
  add(tally.received, first.inPort, first.frameBytes);
  if (drop !== undefined) tally.receiveDrops.set(first.inPort, 1);
}

function countSteps(tally: Tally, steps: readonly Step[]): void {
  for (const step of steps) {
    switch (step.type) {
      case 'lookup':
        countLookup(tally, step);
        break;
      case 'meter':
        add(tally.meters, step.meterId, step.frameBytes);
        break;
      case 'group': {
        add(tally.groups, step.groupId, step.frameBytes);
        const buckets = tally.buckets.get(step.groupId) ?? new Map<number, Count>();
        tally.buckets.set(step.groupId, buckets);
        for (const { index, steps: inner } of step.buckets) {
          add(buckets, index, step.frameBytes);
          countSteps(tally, inner);
        }
        break;
      }
      case 'applyActions':
      case 'actionSet':
      case 'submit':
        countSteps(tally, step.steps);
        break;
      default:
    }
  }
}

function countLookup(tally: Tally, { tableId, entry, frameBytes }: LookupStep): void {
  const table = tally.tables.get(tableId) ?? { lookups: 0, matches: 0 };
  table.lookups++;
  tally.tables.set(tableId, table);
  if (!entry) return;
  table.matches++;
  const { packets, bytes } = tally.flows.get(entry) ?? { packets: 0, bytes: 0 };
  tally.flows.set(entry, {
    packets: packets + ((entry.flags & FLOW_FLAG.noPktCounts) === 0 ? 1 : 0),
    bytes: bytes + ((entry.flags & FLOW_FLAG.noBytCounts) === 0 ? frameBytes : 0),
  });
}

function add<K>(counts: Map<K, Count>, key: K, frameBytes: number): void {
  const { packets, bytes } = counts.get(key) ?? { packets: 0, bytes: 0 };
  counts.set(key, { packets: packets + 1, bytes: bytes + frameBytes });
}
