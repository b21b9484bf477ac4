/**
 * The tables of a fabric switch as data, and the only way to build a rule for one: what a table does not allow cannot be built.
 *
 *   0 admit    who sends here: a link's frame has a label and goes to `forward`; a known host's goes on; what the controller must hear goes there
 *   1 policy   what two hosts may say to each other, and which route it takes; a route that is not the usual one is written into the metadata
 *   2 service  where a frame is for: the switch of its destination goes into the metadata; group addresses to `flood`; unknown ones to the controller
 *   3 forward  gives a frame the label of its way and sends it; passes labelled frames on; takes labels off where they end
 *   4 egress   out to the hosts of this switch
 *   5 flood    out to all of them; as many tables as the list of ports needs
 *
 * The metadata is two numbers: the route (16 bits) and the location (48 bits), see `metadata.ts`.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import type { Oxm } from '../../protocol/wire/openflow/oxm.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import type { Rule } from '../rule.ts';

/** Marks our rules for who looks at a switch from elsewhere: "sluice" in ASCII before two zero bytes. */
export const SYSTEM_COOKIE = 0x736c_7569_6365_0000n;

interface TableLayout {
  readonly id: number;
  readonly matches: readonly Oxm['type'][];
  readonly actions: readonly Action['type'][];
  readonly hasMeter: boolean;
  /** The bits of the metadata that it may write. */
  readonly writes: bigint;
  readonly next: readonly TableName[];
}

export type TableName = 'admit' | 'policy' | 'service' | 'forward' | 'egress' | 'flood';

/** The number of the route; the rest is the location. */
export const ROUTE_MASK = 0xffffn << 48n;
export const LOCATION_MASK = (1n << 48n) - 1n;

const PACKET_FIELDS: readonly Oxm['type'][] = [
  'ethSrc',
  'ethDst',
  'ethType',
  'ipProto',
  'ipv4Src',
  'ipv4Dst',
  'ipv6Src',
  'ipv6Dst',
  'tcpSrc',
  'tcpDst',
  'udpSrc',
  'udpDst',
  'sctpSrc',
  'sctpDst',
  'icmpv6Type',
];

const LABEL_ACTIONS: readonly Action['type'][] = ['pushVlan', 'setField', 'popVlan', 'output', 'group'];

export const LAYOUT: { readonly [N in TableName]: TableLayout } = {
  admit: {
    id: 0,
    matches: ['inPort', 'vlanVid', ...PACKET_FIELDS],
    actions: ['output'],
    hasMeter: false,
    writes: 0n,
    next: ['policy', 'service', 'forward'],
  },
  policy: {
    id: 1,
    matches: ['arpOp', ...PACKET_FIELDS],
    actions: LABEL_ACTIONS,
    hasMeter: true,
    writes: ROUTE_MASK,
    next: ['service'],
  },
  service: {
    id: 2,
    matches: ['ethSrc', 'ethDst'],
    actions: LABEL_ACTIONS,
    hasMeter: false,
    writes: LOCATION_MASK,
    next: ['forward', 'flood'],
  },
  forward: {
    id: 3,
    matches: ['inPort', 'vlanVid', 'vlanPcp', 'metadata'],
    actions: LABEL_ACTIONS,
    hasMeter: false,
    writes: 0n,
    next: ['egress', 'flood'],
  },
  egress: { id: 4, matches: ['ethDst'], actions: ['output'], hasMeter: false, writes: 0n, next: [] },
  flood: {
    id: 5,
    matches: PACKET_FIELDS,
    actions: ['output'],
    hasMeter: false,
    writes: 0n,
    next: ['flood'],
  },
};

export interface RuleBody {
  readonly apply?: readonly Action[];
  readonly meterId?: number;
  readonly metadata?: { readonly value: bigint; readonly mask: bigint };
  readonly next?: TableName;
  /** Of tables that are several: how far behind the first this one, and the next one, stand. */
  readonly offset?: number;
  readonly nextOffset?: number;
}

export function fabricRule(table: TableName, priority: number, match: Match, body: RuleBody = {}): Rule {
  const layout = LAYOUT[table];
  const { apply = [], meterId, metadata, next, offset = 0, nextOffset = 0 } = body;
  assert(priority >= 0 && priority <= 0xffff, 'a priority has 16 bits');
  for (const { type } of match) assert(layout.matches.includes(type), 'a table matches only its fields');
  for (const { type } of apply) assert(layout.actions.includes(type), 'a table takes only its actions');
  const instructions: Instruction[] = [];
  if (meterId !== undefined) {
    assert(layout.hasMeter, 'a table meters if its layout says so');
    instructions.push({ type: 'meter', meterId });
  }
  if (apply.length > 0) instructions.push({ type: 'applyActions', actions: apply });
  if (metadata) {
    assert((metadata.mask & ~layout.writes) === 0n, 'a table writes only its bits of the metadata');
    instructions.push({ type: 'writeMetadata', metadata: metadata.value, mask: metadata.mask });
  }
  if (next) {
    assert(layout.next.includes(next), 'a table goes on only where its layout says');
    instructions.push({ type: 'gotoTable', tableId: LAYOUT[next].id + nextOffset });
  }
  return {
    tableId: layout.id + offset,
    priority,
    match,
    instructions,
    cookie: SYSTEM_COOKIE,
    idleTimeout: 0,
    hardTimeout: 0,
    flags: 0,
  };
}
