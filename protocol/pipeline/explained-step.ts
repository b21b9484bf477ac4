/**
 * The steps of a run as an explanation lists them, and what is noted on the way: frames that leave, losses, doubts.
 *
 * Nested steps come out as one list with depths. A place says where a step is, and on which choices of the switch it depends.
 */
import { formatHex } from '../wire/hex.ts';
import type { Action } from '../wire/openflow/action.ts';
import { METER_FLAG, type MeterBand, type MeterConfig } from '../wire/openflow/meter.ts';
import { PORT } from '../wire/openflow/port.ts';
import { formatAction, formatActions } from '../wire/openflow/text/action-text.ts';
import { formatInstructions } from '../wire/openflow/text/instruction-text.ts';
import { assert } from '../wire/wire-error.ts';
import type {
  Cause,
  Choice,
  Doubt,
  EditRun,
  ExplainedStep,
  MeterRun,
  PlainBand,
  PlainChange,
  SentFrame,
  ShownPacket,
} from './explanation.ts';
import type { Environment } from './flow-entry.ts';
import { explainGroup } from './group-explanation.ts';
import type { Packet } from './packet.ts';
import { diffFields } from './packet-fields.ts';
import { toPlainChanges } from './plain-field.ts';
import type { ReadBack } from './read-back.ts';
import type { GroupStep, MeterStep, Output, OutputStep, SentPacketIn, Step } from './run.ts';

export type Place = Pick<Cause, 'tableId' | 'isInActionSet' | 'groupId' | 'bucket' | 'choices'>;

interface Subject {
  readonly tables: ReadBack;
  /** As it arrived. */
  readonly packet: Packet;
  readonly known: Partial<Environment>;
  readonly outputs: readonly Output[];
}

export interface RunNotes extends Subject {
  readonly frames: SentFrame[];
  readonly packetIns: ShownPacket[];
  readonly losses: Cause[];
  readonly doubts: Doubt[];
  /** Once, however often there is reason for it. */
  doubt(doubt: Doubt): void;
  nameOf(port: number): { readonly portName?: string };
}

export function startNotes(subject: Subject): RunNotes {
  const doubts = new Map<string, Doubt>();
  const list: Doubt[] = [];
  return {
    ...subject,
    frames: [],
    packetIns: [],
    losses: [],
    doubts: list,
    doubt(doubt) {
      const key = JSON.stringify(doubt);
      if (doubts.has(key)) return;
      doubts.set(key, doubt);
      list.push(doubt);
    },
    nameOf(port) {
      const name = subject.tables.ports.get(port)?.name;
      return name ? { portName: name } : {};
    },
  };
}

export function explainSteps(
  steps: readonly Step[],
  place: Place,
  notes: RunNotes,
  depth = 0,
): readonly ExplainedStep[] {
  return steps.flatMap((step, index) => explainStep(step, steps[index - 1], place, notes, depth));
}

function explainStep(
  step: Step,
  before: Step | undefined,
  place: Place,
  notes: RunNotes,
  depth: number,
): readonly ExplainedStep[] {
  switch (step.type) {
    case 'meter':
      return [{ depth, ...explainMeter(step, place, notes) }];
    case 'applyActions':
      return [{ depth, type: 'applyActions' }, ...explainSteps(step.steps, place, notes, depth + 1)];
    case 'writeActions': {
      const set = step.set.map(formatAction);
      return [{ depth, type: 'writeActions', actions: formatActions(step.actions), set }];
    }
    case 'writeMetadata':
      return [{ depth, type: 'writeMetadata', before: String(step.before), after: String(step.after) }];
    case 'clearActions':
    case 'gotoTable':
    case 'setQueue':
      return [{ depth, ...step }];
    case 'ignoredInstruction': {
      const instruction = formatInstructions([step.instruction]);
      notes.doubt({ type: 'notUnderstood', tableId: place.tableId!, text: instruction });
      return [{ depth, type: 'ignoredInstruction', instruction }];
    }
    case 'edit':
      return [{ depth, ...explainEdit(step) }];
    case 'noEffect': {
      const action = formatAction(step.action);
      if (step.reason === 'unknownAction' || step.reason === 'unknownField') {
        notes.doubt({ type: 'notUnderstood', tableId: place.tableId!, text: action });
      }
      return [{ depth, type: 'noEffect', action, reason: step.reason }];
    }
    case 'group':
      return explainGroupStep(step, place, notes, depth);
    case 'output':
      noteOutput(step, place, notes);
      return [{ depth, type: 'output', port: step.port, sent: step.sent, held: step.held }];
    case 'packetIn':
      notePacketIn(step.packetIn, place, notes);
      return [{ depth, type: 'packetIn', reason: step.packetIn.reason, maxLen: step.packetIn.maxLen }];
    case 'drop':
      noteDrop(step, before, place, notes);
      return [{ depth, ...step }];
    case 'arrival':
    case 'lookup':
    case 'actionSet':
      return [];
    case 'submit':
      assert(false, 'only what a controller sends is given to the tables by an action');
  }
}

type StepOf<T extends Step['type']> = Extract<Step, { readonly type: T }>;

/** After a meter a drop is the meter's. */
function noteDrop({ reason, groupId }: StepOf<'drop'>, before: Step | undefined, place: Place, notes: RunNotes): void {
  notes.losses.push({
    reason,
    ...place,
    ...(groupId === undefined ? {} : { groupId }),
    ...(reason === 'meter' && before?.type === 'meter' ? { meterId: before.meterId } : {}),
  });
  if (reason === 'invalidTtl' && notes.tables.invalidTtlToController === undefined) notes.doubt({ type: 'invalidTtl' });
}

/** Frames are noted in the order in which the run sent them, which is that of its steps. */
function noteOutput({ sent, held }: OutputStep, place: Place, notes: RunNotes): void {
  const { choices } = place;
  for (const port of sent) {
    const output = notes.outputs[notes.frames.length];
    assert(output?.port === port, 'a run sends what its steps say');
    const { queueId, bytes } = output;
    notes.frames.push({
      port,
      ...notes.nameOf(port),
      ...(queueId === undefined ? {} : { queueId }),
      ...describeFrame(bytes, notes),
      choices,
    });
    if (port === PORT.normal) notes.doubt({ type: 'normal' });
  }
  if (sent.length === 0) for (const { port, reason } of held) notes.losses.push({ reason, ...place, port });
}

function notePacketIn({ reason, tableId, cookie, maxLen, bytes }: SentPacketIn, { choices }: Place, notes: RunNotes) {
  const frame = describeFrame(bytes, notes);
  notes.packetIns.push({ reason, tableId, cookie: String(cookie), maxLen, ...frame, choices });
}

function describeFrame(bytes: Uint8Array, { packet }: RunNotes) {
  const changes: readonly PlainChange[] = toPlainChanges(diffFields(packet, { ...packet, bytes }));
  return { frameBytes: bytes.length, frame: formatHex(bytes), changes };
}

const HEADERS: Readonly<Partial<Record<Action['type'], EditRun['header']>>> = {
  pushVlan: { change: 'pushed', kind: 'vlan' },
  popVlan: { change: 'popped', kind: 'vlan' },
  pushMpls: { change: 'pushed', kind: 'mpls' },
  popMpls: { change: 'popped', kind: 'mpls' },
  pushPbb: { change: 'pushed', kind: 'pbb' },
  popPbb: { change: 'popped', kind: 'pbb' },
};

function explainEdit({ action, changes, bytes }: StepOf<'edit'>): EditRun {
  const header = HEADERS[action.type];
  return {
    type: 'edit',
    action: formatAction(action),
    ...(header ? { header } : {}),
    changes: toPlainChanges(changes),
    frameBytes: bytes.length,
  };
}

/** Buckets that a select group may or may not take are choices; all others just happen. */
function explainGroupStep(step: GroupStep, place: Place, notes: RunNotes, depth: number): readonly ExplainedStep[] {
  const { groupId, buckets } = step;
  const group = explainGroup(step, notes);
  const isChoice = group.choice === 'oneOf';
  if (isChoice) notes.doubt({ type: 'select', groupId });
  const inner = buckets.flatMap(({ index, steps }) => {
    const choice: readonly Choice[] = isChoice ? [{ groupId, bucket: index }] : [];
    const bucketPlace = { ...place, groupId, bucket: index, choices: [...place.choices, ...choice] };
    const followed = explainSteps(steps, bucketPlace, notes, depth + 2);
    return [{ depth: depth + 1, type: 'bucket', groupId, index } as const, ...followed];
  });
  return [{ depth, ...group }, ...inner];
}

function explainMeter({ meterId, verdict, changes }: MeterStep, place: Place, notes: RunNotes): MeterRun {
  const config = notes.tables.meters.get(meterId);
  const bands = (config?.bands ?? []).map((band) => toPlainBand(band, config!));
  const isKnown = notes.known.meter !== undefined;
  const effects = [...new Set(bands.map(({ type }) => type))];
  if (!isKnown && effects.length > 0) notes.doubt({ type: 'meter', tableId: place.tableId!, meterId, effects });
  return {
    type: 'meter',
    meterId,
    isConfigured: config !== undefined,
    unit: config && (config.flags & METER_FLAG.pktps) !== 0 ? 'pktps' : 'kbps',
    bands,
    verdict: typeof verdict === 'object' ? 'remark' : verdict,
    isKnown,
    changes: toPlainChanges(changes),
  };
}

function toPlainBand(band: MeterBand, { flags }: MeterConfig): PlainBand {
  if (band.type === 'unknown') return { type: 'other' };
  const { rate } = band;
  const burst = (flags & METER_FLAG.burst) === 0 ? {} : { burst: band.burstSize };
  switch (band.type) {
    case 'drop':
      return { type: 'drop', rate, ...burst };
    case 'dscpRemark':
      return { type: 'dscpRemark', rate, ...burst, precLevel: band.precLevel };
    case 'experimenter':
      return { type: 'other', rate, ...burst };
  }
}
