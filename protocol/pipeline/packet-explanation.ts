/**
 * Explains what a switch does with a packet: a run of the pipeline, told as an `Explanation`.
 *
 * The run decides everything; here nothing has a meaning of its own. What is added is what a run does not look for, because it does
 * not change the outcome: the rules that did not match, what a group watches, what a meter might do.
 *
 * A select group whose choice is not known is run through all its candidates at once, each with its own copy of the packet. Buckets do
 * not see each other, so what is told of one is what would happen if the switch took it. Only the bound on copies sees them all; where
 * that ends the run, the explanation falls back to the first candidate of each group, and says so.
 */
import { formatHex } from '../wire/hex.ts';
import { formatAction } from '../wire/openflow/text/action-text.ts';
import { type ActionSet, NO_ACTIONS, toActionList, writeActions } from './action-set.ts';
import { explainSteps, type Place, type RunNotes, startNotes } from './explained-step.ts';
import type { ActionSetRun, Arrival, Cause, Explanation, Outcome, TableVisit } from './explanation.ts';
import type { Environment, FlowEntry } from './flow-entry.ts';
import { findCandidates } from './group-explanation.ts';
import { findNearMisses, findUnknowable } from './near-miss.ts';
import type { Packet } from './packet.ts';
import { readFields } from './packet-fields.ts';
import { runPipeline } from './pipeline.ts';
import { toPlainFields } from './plain-field.ts';
import type { ReadBack } from './read-back.ts';
import { toRuleReference } from './rule-reference.ts';
import type { LookupStep, Run, Step } from './run.ts';
import { findMismatch } from './table-lookup.ts';

export interface ExplanationOptions {
  /** What is known of the switch beyond its tables: how it selects, what a meter decides. */
  readonly known?: Partial<Environment>;
  /** Of each kind and table, so many rules are shown beside the one that matched. */
  readonly rulesMax?: number;
}

const RULES_MAX = 3;

/** A packet comes in by its `inPort`. */
export function explainPacket(
  tables: ReadBack,
  packet: Packet,
  { known = {}, rulesMax = RULES_MAX }: ExplanationOptions = {},
): Explanation {
  const { run, isPartial } = runAll(tables, packet, known);
  const notes = startNotes({ tables, packet, known, outputs: run.outputs });
  if (isPartial) notes.doubt({ type: 'firstChoicesOnly' });
  if (!tables.ports.has(packet.inPort)) notes.doubt({ type: 'unknownInPort', port: packet.inPort });
  const parts = splitRun(run.steps);
  const arrival = explainArrival(parts.arrival, packet, notes);
  const visits = parts.visits.map((visit) => explainVisit(visit, notes, rulesMax));
  const actionSet = parts.actionSet && explainActionSet(parts, parts.actionSet, notes);
  doubtWaitingActions(parts, notes);
  return {
    arrival,
    tables: visits,
    ...(actionSet ? { actionSet } : {}),
    outcome: toOutcome(run, notes),
    doubts: notes.doubts,
  };
}

interface FollowedRun {
  readonly run: Run;
  /** Of the candidates of select groups only the first were followed. */
  readonly isPartial: boolean;
}

function runAll(tables: ReadBack, packet: Packet, known: Partial<Environment>): FollowedRun {
  const meter = known.meter ?? (() => 'pass');
  if (known.selectBucket) {
    return { run: runPipeline(tables, packet, { meter, selectBucket: known.selectBucket }), isPartial: false };
  }
  const run = runPipeline(tables, packet, { meter, selectBucket: (_group, live) => findCandidates(live) });
  if (!hasTooManyGroups(run.steps)) return { run, isPartial: false };
  const selectBucket: Environment['selectBucket'] = (_group, live) => findCandidates(live)[0];
  return { run: runPipeline(tables, packet, { meter, selectBucket }), isPartial: true };
}

function hasTooManyGroups(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    if (step.type === 'drop') return step.reason === 'tooManyGroups';
    if (step.type === 'group') return step.buckets.some((bucket) => hasTooManyGroups(bucket.steps));
    return 'steps' in step && hasTooManyGroups(step.steps);
  });
}

interface Visit {
  readonly lookup: LookupStep;
  readonly steps: Step[];
}

interface RunParts {
  readonly arrival: readonly Step[];
  readonly visits: readonly Visit[];
  readonly actionSet: readonly Step[] | undefined;
}

function splitRun(steps: readonly Step[]): RunParts {
  const arrival: Step[] = [];
  const visits: Visit[] = [];
  let actionSet: readonly Step[] | undefined;
  for (const step of steps) {
    if (step.type === 'lookup') visits.push({ lookup: step, steps: [] });
    else if (step.type === 'actionSet') actionSet = step.steps;
    else (visits.at(-1)?.steps ?? arrival).push(step);
  }
  return { arrival, visits, actionSet };
}

function explainArrival(steps: readonly Step[], packet: Packet, notes: RunNotes): Arrival {
  const { inPort, bytes } = packet;
  const drop = steps.find((step) => step.type === 'drop');
  explainSteps(steps, { choices: [] }, notes);
  return {
    inPort,
    ...notes.nameOf(inPort),
    frameBytes: bytes.length,
    frame: formatHex(bytes),
    fields: toPlainFields(readFields(packet)),
    ...(drop ? { dropped: drop.reason } : {}),
  };
}

function explainVisit({ lookup, steps }: Visit, notes: RunNotes, rulesMax: number): TableVisit {
  const { tableId, packet, entry, isTableMiss } = lookup;
  const entries = notes.tables.tables.get(tableId) ?? [];
  const fields = readFields(packet);
  const indexOf = new Map(entries.map((each, index) => [each, index]));
  const refer = (each: FlowEntry) => toRuleReference(each, indexOf.get(each)!);
  const shadowed = entries
    .filter(({ priority, match }) => entry && priority < entry.priority && findMismatch(match, fields) === undefined)
    .sort((a, b) => b.priority - a.priority);
  if (lookup.rivals.length > 0) notes.doubt({ type: 'rivals', tableId });
  const unknowable = findUnknowable(entries, packet, entry);
  if (unknowable !== undefined) notes.doubt({ type: 'unknownField', tableId, index: unknowable });
  return {
    tableId,
    ruleCount: entries.length,
    fields: toPlainFields(fields),
    ...(entry ? { matched: refer(entry) } : {}),
    isTableMiss,
    higherCount: entries.filter(({ priority }) => !entry || priority > entry.priority).length,
    rivalCount: lookup.rivals.length,
    rivals: lookup.rivals.slice(0, rulesMax).map(refer),
    shadowedCount: shadowed.length,
    shadowed: shadowed.slice(0, rulesMax).map(refer),
    nearly: findNearMisses(entries, packet, entry, rulesMax),
    steps: explainSteps(steps, { tableId, choices: [] }, notes),
  };
}

/** Sections 5.4 and 5.12: what matches nothing, or has no time left to live, is dropped with all that was written for it. */
function doubtWaitingActions({ visits }: RunParts, notes: RunNotes): void {
  const isDoubtful = notes.losses.some(({ reason, isInActionSet, groupId }) => {
    return reason === 'tableMiss' || (reason === 'invalidTtl' && !isInActionSet && groupId === undefined);
  });
  const actions = toActionList(collectActionSet(visits)).map(formatAction);
  if (!isDoubtful || actions.length === 0) return;
  notes.doubt({ type: 'waitingActions', tableId: visits.at(-1)!.lookup.tableId, actions });
}

function collectActionSet(visits: readonly Visit[]): ActionSet {
  let set = NO_ACTIONS;
  for (const step of visits.flatMap((visit) => visit.steps)) {
    if (step.type === 'clearActions') set = NO_ACTIONS;
    else if (step.type === 'writeActions') set = writeActions(set, step.actions);
  }
  return set;
}

function explainActionSet({ visits }: RunParts, steps: readonly Step[], notes: RunNotes): ActionSetRun {
  const set = collectActionSet(visits);
  const list = toActionList(set);
  const place: Place = { tableId: visits.at(-1)!.lookup.tableId, isInActionSet: true, choices: [] };
  return {
    actions: list.map(formatAction),
    withheld: [...set.values()].filter((action) => !list.includes(action)).map(formatAction),
    steps: explainSteps(steps, place, notes),
  };
}

function toOutcome({ verdict }: Run, { losses, frames, packetIns }: RunNotes): Outcome {
  const outcome = { type: verdict.type, outputs: frames, packetIns, losses };
  return verdict.type === 'dropped' ? { ...outcome, cause: findCause(losses, verdict.reason) } : outcome;
}

/** The verdict's reason is that of some loss; where it was the reason first is what to look at. */
function findCause(losses: readonly Cause[], reason: Cause['reason']): Cause {
  return losses.find((loss) => loss.reason === reason) ?? { reason, choices: [] };
}
