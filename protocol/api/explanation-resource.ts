/**
 * Why a packet goes where it goes, as REST tells it and pages show it: the contract of what `protocol/pipeline` finds out.
 *
 * The same data as `protocol/pipeline/explanation.ts`, where each part is explained; a test holds the two equal, in types and in values.
 */
import Type, { type Static, type TProperties } from 'typebox';

/** Nothing is told that is not in here: what the two descriptions do not share would show. */
function plain<P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

function oneOf<Code extends string>(...codes: readonly Code[]) {
  return Type.Enum<Code[]>([...codes]);
}

const Value = Type.Union([Type.String(), Type.Number()]);

const HoldReason = ['ingressPort', 'noSuchPort', 'portDown', 'noForward', 'blocked'] as const;

const DropReason = oneOf(
  ...HoldReason,
  'noReceive',
  'fragment',
  'tableMiss',
  'gotoBackwards',
  'meter',
  'invalidTtl',
  'noOutput',
  'noSuchGroup',
  'noLiveBucket',
  'groupLoop',
  'tooManyGroups',
  'noPacketIn',
);

const PacketInReason = oneOf('noMatch', 'action', 'invalidTtl');

const FieldValue = plain({ field: Type.String(), value: Value });

const FieldChange = plain({
  field: Type.String(),
  before: Type.Optional(Value),
  after: Type.Optional(Value),
});

const Changes = Type.Array(FieldChange);

const Arrival = plain({
  inPort: Type.Integer(),
  portName: Type.Optional(Type.String()),
  frameBytes: Type.Integer(),
  frame: Type.String({ description: 'Hex.' }),
  fields: Type.Array(FieldValue),
  dropped: Type.Optional(DropReason),
});

const Rule = plain({
  tableId: Type.Integer(),
  index: Type.Integer(),
  priority: Type.Integer(),
  cookie: Type.String({ description: 'Decimal.' }),
  match: Type.String(),
  actions: Type.String(),
});

const Wanted = plain({
  field: Type.String(),
  value: Value,
  mask: Type.Optional(Value),
  header: Type.Optional(Type.String()),
});

const Difference = Type.Union([
  plain({ type: Type.Literal('value'), wanted: Wanted, found: Value }),
  plain({
    type: Type.Literal('prerequisite'),
    wanted: Wanted,
    needs: plain({ field: Type.String(), values: Type.Array(Value), found: Type.Optional(Value) }),
  }),
  plain({ type: Type.Literal('absent'), wanted: Wanted }),
  plain({ type: Type.Literal('laterFragment'), wanted: Wanted }),
  plain({ type: Type.Literal('unknownField'), wanted: Wanted }),
]);

const NearMiss = plain({
  rule: Rule,
  isHigher: Type.Boolean(),
  agreed: Type.Integer(),
  asked: Type.Integer(),
  difference: Difference,
});

const depth = Type.Integer({ description: 'In so many other steps.' });

const BandType = oneOf('drop', 'dscpRemark', 'other');

const Band = plain({
  type: BandType,
  rate: Type.Optional(Type.Integer()),
  burst: Type.Optional(Type.Integer()),
  precLevel: Type.Optional(Type.Integer()),
});

const Meter = plain({
  depth,
  type: Type.Literal('meter'),
  meterId: Type.Integer(),
  isConfigured: Type.Boolean(),
  unit: oneOf('kbps', 'pktps'),
  bands: Type.Array(Band),
  verdict: oneOf('pass', 'drop', 'remark'),
  isKnown: Type.Boolean(),
  changes: Changes,
});

const Edit = plain({
  depth,
  type: Type.Literal('edit'),
  action: Type.String(),
  header: Type.Optional(plain({ change: oneOf('pushed', 'popped'), kind: oneOf('vlan', 'mpls', 'pbb') })),
  changes: Changes,
  frameBytes: Type.Integer(),
});

const Watch = plain({
  type: oneOf('port', 'group'),
  number: Type.Integer(),
  isLive: Type.Boolean(),
  reason: Type.Optional(oneOf('noSuchPort', 'portDown', 'notLive', 'noSuchGroup', 'noLiveBucket')),
});

const Bucket = plain({
  index: Type.Integer(),
  actions: Type.String(),
  isFollowed: Type.Boolean(),
  weight: Type.Optional(Type.Integer()),
  isLive: Type.Optional(Type.Boolean()),
  watches: Type.Array(Watch),
});

const Group = plain({
  depth,
  type: Type.Literal('group'),
  groupId: Type.Integer(),
  groupType: oneOf('all', 'select', 'indirect', 'fastFailover', 'unknown'),
  choice: oneOf('every', 'only', 'firstLive', 'oneOf', 'chosen', 'none'),
  buckets: Type.Array(Bucket),
});

const Output = plain({
  depth,
  type: Type.Literal('output'),
  port: Type.Integer(),
  sent: Type.Array(Type.Integer()),
  held: Type.Array(plain({ port: Type.Integer(), reason: oneOf(...HoldReason) })),
});

const NoEffectReason = oneOf(
  'noSuchHeader',
  'noTypeField',
  'noSuchLength',
  'notSettable',
  'unknownField',
  'unknownAction',
);

const Step = Type.Union([
  Meter,
  plain({ depth, type: Type.Literal('applyActions') }),
  plain({ depth, type: Type.Literal('clearActions') }),
  plain({ depth, type: Type.Literal('writeActions'), actions: Type.String(), set: Type.Array(Type.String()) }),
  plain({ depth, type: Type.Literal('writeMetadata'), before: Type.String(), after: Type.String() }),
  plain({ depth, type: Type.Literal('gotoTable'), tableId: Type.Integer() }),
  plain({ depth, type: Type.Literal('ignoredInstruction'), instruction: Type.String() }),
  Edit,
  plain({ depth, type: Type.Literal('noEffect'), action: Type.String(), reason: NoEffectReason }),
  plain({ depth, type: Type.Literal('setQueue'), queueId: Type.Integer() }),
  Group,
  plain({ depth, type: Type.Literal('bucket'), groupId: Type.Integer(), index: Type.Integer() }),
  Output,
  plain({ depth, type: Type.Literal('packetIn'), reason: PacketInReason, maxLen: Type.Integer() }),
  plain({ depth, type: Type.Literal('drop'), reason: DropReason, groupId: Type.Optional(Type.Integer()) }),
]);

const Steps = Type.Array(Step);
const Rules = Type.Array(Rule);

const TableVisit = plain({
  tableId: Type.Integer(),
  ruleCount: Type.Integer(),
  fields: Type.Array(FieldValue),
  matched: Type.Optional(Rule),
  isTableMiss: Type.Boolean(),
  higherCount: Type.Integer(),
  rivalCount: Type.Integer(),
  rivals: Rules,
  shadowedCount: Type.Integer(),
  shadowed: Rules,
  nearly: Type.Array(NearMiss),
  steps: Steps,
});

const choices = Type.Array(plain({ groupId: Type.Integer(), bucket: Type.Integer() }));

const Cause = plain({
  reason: DropReason,
  tableId: Type.Optional(Type.Integer()),
  isInActionSet: Type.Optional(Type.Literal(true)),
  groupId: Type.Optional(Type.Integer()),
  bucket: Type.Optional(Type.Integer()),
  port: Type.Optional(Type.Integer()),
  meterId: Type.Optional(Type.Integer()),
  choices,
});

const SentFrame = plain({
  port: Type.Integer(),
  portName: Type.Optional(Type.String()),
  queueId: Type.Optional(Type.Integer()),
  frameBytes: Type.Integer(),
  frame: Type.String(),
  changes: Changes,
  choices,
});

const ShownPacket = plain({
  reason: PacketInReason,
  tableId: Type.Integer(),
  cookie: Type.String(),
  maxLen: Type.Integer(),
  frameBytes: Type.Integer(),
  frame: Type.String(),
  changes: Changes,
  choices,
});

const Doubt = Type.Union([
  plain({
    type: Type.Literal('meter'),
    tableId: Type.Integer(),
    meterId: Type.Integer(),
    effects: Type.Array(BandType),
  }),
  plain({ type: Type.Literal('select'), groupId: Type.Integer() }),
  plain({ type: Type.Literal('firstChoicesOnly') }),
  plain({ type: Type.Literal('waitingActions'), tableId: Type.Integer(), actions: Type.Array(Type.String()) }),
  plain({ type: Type.Literal('rivals'), tableId: Type.Integer() }),
  plain({ type: Type.Literal('unknownField'), tableId: Type.Integer(), index: Type.Integer() }),
  plain({ type: Type.Literal('notUnderstood'), tableId: Type.Integer(), text: Type.String() }),
  plain({ type: Type.Literal('normal') }),
  plain({ type: Type.Literal('invalidTtl') }),
  plain({ type: Type.Literal('unknownInPort'), port: Type.Integer() }),
]);

export const ExplanationResource = plain({
  arrival: Arrival,
  tables: Type.Array(TableVisit),
  actionSet: Type.Optional(
    plain({ actions: Type.Array(Type.String()), withheld: Type.Array(Type.String()), steps: Steps }),
  ),
  outcome: plain({
    type: oneOf('forwarded', 'toController', 'dropped'),
    cause: Type.Optional(Cause),
    outputs: Type.Array(SentFrame),
    packetIns: Type.Array(ShownPacket),
    losses: Type.Array(Cause),
  }),
  doubts: Type.Array(Doubt),
});

/** Nobody who is shown an explanation changes it. */
type Unchanging<T> = T extends readonly (infer I)[]
  ? readonly Unchanging<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Unchanging<T[K]> }
    : T;

export type ExplanationResource = Unchanging<Static<typeof ExplanationResource>>;
