/**
 * What an OpenFlow pipeline means: tables and a packet in, steps and a verdict out (OpenFlow 1.3.5, sections 5.1 to 5.12).
 *
 * This is the specification put so that it can be run. It is the judge of the fast switch, and what trace, dry run and
 * explanations say about tables read back from any switch. Hence: no state, no clock, no chance (an `Environment` answers for
 * meters and choices), every decision a step, and never a thought for speed.
 */
import type { Action } from '../wire/openflow/action.ts';
import type { Instruction } from '../wire/openflow/instruction.ts';
import { PORT_CONFIG } from '../wire/openflow/port.ts';
import { COOKIE_NONE, drop, isSending, runActions, type Walk } from './action-run.ts';
import { type ActionSet, NO_ACTIONS, toActionList, writeActions } from './action-set.ts';
import { raiseDropPrecedence } from './dscp-remark.ts';
import type { Environment, FlowEntry, Pipeline } from './flow-entry.ts';
import { isUp } from './output-port.ts';
import type { Packet } from './packet.ts';
import { diffFields, readFields } from './packet-fields.ts';
import { readLayout } from './packet-layout.ts';
import type { Run, Step, Verdict } from './run.ts';
import { isTableMiss, lookUp } from './table-lookup.ts';

/** A packet comes in by its `inPort`. */
export function runPipeline(pipeline: Pipeline, packet: Packet, environment: Environment): Run {
  const walk = startWalk(pipeline, environment);
  const steps: Step[] = [{ type: 'arrival', inPort: packet.inPort, frameBytes: packet.bytes.length }];
  if (isReceived(walk, packet, steps)) runTables(walk, packet, steps);
  return toRun(walk, steps);
}

/** Section 7.3.7: a packet from the controller goes through a list of actions, and through the tables only if that says so. */
export function runPacketOut(
  pipeline: Pipeline,
  actions: readonly Action[],
  packet: Packet,
  environment: Environment,
): Run {
  const walk: Walk = {
    ...startWalk(pipeline, environment),
    submit: (submitted, inner) => {
      runTables({ ...walk, submit: undefined }, submitted, inner);
    },
  };
  const steps: Step[] = [];
  const origin = { tableId: 0, cookie: COOKIE_NONE, isTableMiss: false };
  runActions(walk, actions, packet, origin, steps);
  if (!actions.some(isSending)) drop(walk, steps, 'noOutput');
  return toRun(walk, steps);
}

function startWalk(pipeline: Pipeline, environment: Environment): Walk {
  return { pipeline, environment, outputs: [], packetIns: [], drops: [], copies: 0 };
}

function toRun({ outputs, packetIns, drops }: Walk, steps: readonly Step[]): Run {
  return { steps, outputs, packetIns, verdict: toVerdict(outputs.length, packetIns.length, drops) };
}

/** Of several reasons the first that says more than that nothing was sent. */
function toVerdict(outputs: number, packetIns: number, drops: Walk['drops']): Verdict {
  if (outputs > 0) return { type: 'forwarded' };
  if (packetIns > 0) return { type: 'toController' };
  return { type: 'dropped', reason: drops.find((reason) => reason !== 'noOutput') ?? 'noOutput' };
}

function isReceived(walk: Walk, { inPort, bytes }: Packet, steps: Step[]): boolean {
  const { ports, dropsFragments } = walk.pipeline;
  const port = ports.get(inPort);
  if (port && !isUp(port)) drop(walk, steps, 'portDown');
  else if (port && (port.config & PORT_CONFIG.noRecv) !== 0) drop(walk, steps, 'noReceive');
  else if (dropsFragments && readLayout(bytes).ip?.isFragment) drop(walk, steps, 'fragment');
  else return true;
  return false;
}

interface Stage {
  readonly packet: Packet;
  readonly actionSet: ActionSet;
  /** Undefined: the tables end here. */
  readonly nextTableId?: number | undefined;
}

function runTables(walk: Walk, packet: Packet, steps: Step[]): void {
  let stage: Stage = { packet, actionSet: NO_ACTIONS, nextTableId: 0 };
  let tableId = 0;
  while (stage.nextTableId !== undefined) {
    tableId = stage.nextTableId;
    const next = runTable(walk, tableId, stage, steps);
    if (!next) return;
    stage = next;
  }
  runActionSet(walk, stage, tableId, steps);
}

/** Undefined if the packet was dropped. */
function runTable(walk: Walk, tableId: number, { packet, actionSet }: Stage, steps: Step[]): Stage | undefined {
  const { entry, rivals } = lookUp(walk.pipeline.tables.get(tableId) ?? [], readFields(packet));
  const isMiss = entry !== undefined && isTableMiss(entry);
  const frameBytes = packet.bytes.length;
  steps.push({ type: 'lookup', tableId, frameBytes, packet, entry, isTableMiss: isMiss, rivals });
  if (!entry) return drop(walk, steps, 'tableMiss');
  let stage: Stage | undefined = { packet, actionSet };
  for (const instruction of toOrder(entry.instructions)) {
    stage = runInstruction(walk, instruction, entry, tableId, stage, steps);
    if (!stage) return undefined;
  }
  return stage;
}

/** Section 5.9: an entry's instructions are a set, carried out in this order. */
const ORDER: readonly Instruction['type'][] = [
  'meter',
  'applyActions',
  'clearActions',
  'writeActions',
  'writeMetadata',
  'experimenter',
  'unknown',
  'gotoTable',
];

function toOrder(instructions: readonly Instruction[]): readonly Instruction[] {
  return instructions.toSorted((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
}

function runInstruction(
  walk: Walk,
  instruction: Instruction,
  entry: FlowEntry,
  tableId: number,
  stage: Stage,
  steps: Step[],
): Stage | undefined {
  const { packet, actionSet } = stage;
  switch (instruction.type) {
    case 'meter':
      return runMeter(walk, instruction.meterId, stage, steps);
    case 'applyActions': {
      const inner: Step[] = [];
      steps.push({ type: 'applyActions', steps: inner });
      const origin = { tableId, cookie: entry.cookie, isTableMiss: isTableMiss(entry) };
      const applied = runActions(walk, instruction.actions, packet, origin, inner);
      return applied && { ...stage, packet: applied };
    }
    case 'clearActions':
      steps.push({ type: 'clearActions' });
      return { ...stage, actionSet: NO_ACTIONS };
    case 'writeActions': {
      const written = writeActions(actionSet, instruction.actions);
      steps.push({ type: 'writeActions', actions: instruction.actions, set: toActionList(written) });
      return { ...stage, actionSet: written };
    }
    case 'writeMetadata': {
      const before = packet.metadata ?? 0n;
      const after = (before & ~instruction.mask) | (instruction.metadata & instruction.mask);
      steps.push({ type: 'writeMetadata', before, after });
      return { ...stage, packet: { ...packet, metadata: after } };
    }
    case 'gotoTable':
      steps.push({ type: 'gotoTable', tableId: instruction.tableId });
      if (instruction.tableId <= tableId) return drop(walk, steps, 'gotoBackwards');
      return { ...stage, nextTableId: instruction.tableId };
    default:
      steps.push({ type: 'ignoredInstruction', instruction });
      return stage;
  }
}

function runMeter(walk: Walk, meterId: number, stage: Stage, steps: Step[]): Stage | undefined {
  const { packet } = stage;
  const frameBytes = packet.bytes.length;
  const verdict = walk.environment.meter(meterId, frameBytes);
  const metered = typeof verdict === 'object' ? raiseDropPrecedence(packet, verdict.remark) : packet;
  steps.push({ type: 'meter', meterId, frameBytes, verdict, changes: diffFields(packet, metered) });
  return verdict === 'drop' ? drop(walk, steps, 'meter') : { ...stage, packet: metered };
}

function runActionSet(walk: Walk, { packet, actionSet }: Stage, tableId: number, steps: Step[]): void {
  const list = toActionList(actionSet);
  const inner: Step[] = [];
  steps.push({ type: 'actionSet', steps: inner });
  const origin = { tableId, cookie: COOKIE_NONE, isTableMiss: false };
  const isAlive = runActions(walk, list, packet, origin, inner) !== undefined;
  // After outputs on the way an empty action set is the usual end, and nothing to tell.
  const isSent = walk.outputs.length + walk.packetIns.length > 0;
  if (isAlive && !isSent && !list.some(isSending)) drop(walk, inner, 'noOutput');
}
