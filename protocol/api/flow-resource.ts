/** Rules as REST reads and writes them. Match and actions are in the words of `ovs-ofctl`, 64-bit numbers are strings. */
import Type, { type Static } from 'typebox';
import { Dpid } from './network-resource.ts';
import { ProblemPart } from './problem.ts';

/** No text of this length makes a rule longer than an OpenFlow message: two characters become sixteen bytes at most. */
const FLOW_TEXT_MAX = 4096;

const U16 = { minimum: 0, maximum: 0xffff };

/** What a user asks for. */
export const FlowRequest = Type.Object(
  {
    priority: Type.Optional(Type.Integer({ ...U16, description: '32768 when left out.' })),
    match: Type.Optional(
      Type.String({
        maxLength: FLOW_TEXT_MAX,
        description: 'As in ovs-ofctl: `tcp,nw_dst=10.0.0.0/24,tp_dst=80`; empty matches all.',
      }),
    ),
    actions: Type.String({
      maxLength: FLOW_TEXT_MAX,
      description: 'As in ovs-ofctl: `output:2`, `drop`, `goto_table:1`.',
    }),
    cookie: Type.Optional(Type.String({ pattern: '^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$' })),
    idleTimeout: Type.Optional(Type.Integer({ ...U16, description: 'Seconds without traffic; 0 for never.' })),
    hardTimeout: Type.Optional(Type.Integer({ ...U16, description: 'Seconds; 0 for never.' })),
  },
  { additionalProperties: false },
);
export type FlowRequest = Static<typeof FlowRequest>;

/** What the switch has, as it said just now. */
export const FlowResource = Type.Object({
  id: Type.String({ description: 'A stable hash of table, priority and match.' }),
  owner: Type.Union([Type.Literal('system'), Type.Literal('user'), Type.Literal('foreign')]),
  tableId: Type.Integer(),
  priority: Type.Integer(),
  match: Type.String(),
  actions: Type.String(),
  cookie: Type.String({ description: 'Decimal.' }),
  idleTimeout: Type.Integer(),
  hardTimeout: Type.Integer(),
  durationSeconds: Type.Number(),
  packetCount: Type.String(),
  byteCount: Type.String(),
});
export type FlowResource = Static<typeof FlowResource>;

export const FlowList = Type.Object({
  tableName: Type.Optional(
    Type.Union(
      [
        Type.Literal('admit'),
        Type.Literal('policy'),
        Type.Literal('service'),
        Type.Literal('forward'),
        Type.Literal('egress'),
        Type.Literal('flood'),
      ],
      { description: 'What the controller uses the table for, if it has rules of its own in it.' },
    ),
  ),
  planned: Type.Integer({
    description: 'Rules of its own that the controller has counted for the table, before it installs them.',
  }),
  room: Type.Optional(
    Type.Integer({
      description: 'Rules that the table holds, as the switch says; asked only of tables that many are planned for.',
    }),
  ),
  items: Type.Array(FlowResource),
});
export type FlowList = Static<typeof FlowList>;

/** The answer to a dry run: the rule as it would be sent, and what speaks against it. */
export const FlowDraft = Type.Object({
  id: Type.String(),
  installed: Type.Literal(false),
  rule: Type.Omit(FlowResource, ['id', 'owner', 'durationSeconds', 'packetCount', 'byteCount']),
  replaces: Type.Boolean({ description: 'A rule of ours with this table, priority and match is installed now.' }),
  warnings: Type.Array(ProblemPart),
});
export type FlowDraft = Static<typeof FlowDraft>;

/** The answer to a write: the switch confirmed the barrier behind it. */
export const FlowInstalled = Type.Object({ id: Type.String(), installed: Type.Literal(true) });

/** Table 255 is all tables, and none. */
const TableId = Type.Integer({ minimum: 0, maximum: 254 });

export const TableParams = Type.Object({ dpid: Dpid, tableId: TableId });
export type TableParams = Static<typeof TableParams>;

export const FlowParams = Type.Object({
  dpid: Dpid,
  tableId: TableId,
  flowId: Type.String({ pattern: '^[0-9a-f]{16}$' }),
});
export type FlowParams = Static<typeof FlowParams>;

export const FlowWriteQuery = Type.Object(
  { dryRun: Type.Optional(Type.Boolean({ description: 'Change nothing, and tell what would be sent.' })) },
  { additionalProperties: false },
);
export type FlowWriteQuery = Static<typeof FlowWriteQuery>;
