/**
 * OpenFlow 1.3.5, sections 7.3.4.1, 7.4.2, 7.3.5.2 and 7.3.5.3: flow entries: modification, removal, counters one by one and summed.
 *
 * flow_mod and the entry of flow statistics come by the hundred thousand, so beside the tables, which define them, stand codecs
 * written by hand; a property test holds the two equal.
 */
import { WireError } from '../wire-error.ts';
import { type Codec, pad, u8, u16, u32, u64, type ValueOf } from './codec.ts';
import { type Instruction, instructions } from './instruction.ts';
import { decodeMatch, encodeMatch, type Match, match, matchExtent } from './match.ts';
import { list, selfLength, struct } from './struct.ts';

export const FLOW_COMMAND = { add: 0, modify: 1, modifyStrict: 2, delete: 3, deleteStrict: 4 } as const;

export const FLOW_FLAG = { sendFlowRem: 1, checkOverlap: 2, resetCounts: 4, noPktCounts: 8, noBytCounts: 16 } as const;

export const FLOW_REMOVED_REASON = { idleTimeout: 0, hardTimeout: 1, delete: 2, groupDelete: 3 } as const;

/** The middle of the 16 bits: what ovs-ofctl takes when a rule does not say. */
export const PRIORITY_DEFAULT = 0x8000;

/** struct ofp_flow_mod, after the 8-byte header. */
export const FlowModBody = struct({
  cookie: u64,
  cookieMask: u64,
  tableId: u8,
  command: u8,
  idleTimeout: u16,
  hardTimeout: u16,
  priority: u16,
  bufferId: u32,
  outPort: u32,
  outGroup: u32,
  flags: u16,
  _pad: pad(2),
  match,
  instructions,
});

export interface FlowMod {
  readonly type: 'flowMod';
  readonly xid: number;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly tableId: number;
  readonly command: number;
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly priority: number;
  readonly bufferId: number;
  readonly outPort: number;
  readonly outGroup: number;
  readonly flags: number;
  readonly match: Match;
  readonly instructions: readonly Instruction[];
}

const FLOW_MOD_MATCH = 40;

export function decodeFlowMod(xid: number, view: DataView, at: number, end: number): FlowMod {
  if (end - at < FlowModBody.sizeMin) {
    throw new WireError('BAD_REQUEST/BAD_LEN', at, `${end - at} bytes, at least ${FlowModBody.sizeMin} needed`);
  }
  const matchEnd = matchExtent(view, at + FLOW_MOD_MATCH, end);
  return {
    type: 'flowMod',
    xid,
    cookie: view.getBigUint64(at),
    cookieMask: view.getBigUint64(at + 8),
    tableId: view.getUint8(at + 16),
    command: view.getUint8(at + 17),
    idleTimeout: view.getUint16(at + 18),
    hardTimeout: view.getUint16(at + 20),
    priority: view.getUint16(at + 22),
    bufferId: view.getUint32(at + 24),
    outPort: view.getUint32(at + 28),
    outGroup: view.getUint32(at + 32),
    flags: view.getUint16(at + 36),
    match: decodeMatch(view, at + FLOW_MOD_MATCH),
    instructions: instructions.decode(view, matchEnd, end),
  };
}

/** Most rules have no cookie, and a bigint costs several times what two words do. */
function setUint64(view: DataView, at: number, value: bigint): void {
  if (value === 0n) {
    view.setUint32(at, 0);
    view.setUint32(at + 4, 0);
  } else {
    view.setBigUint64(at, value);
  }
}

export function encodeFlowMod(message: FlowMod, view: DataView, at: number): number {
  setUint64(view, at, message.cookie);
  setUint64(view, at + 8, message.cookieMask);
  view.setUint8(at + 16, message.tableId);
  view.setUint8(at + 17, message.command);
  view.setUint16(at + 18, message.idleTimeout);
  view.setUint16(at + 20, message.hardTimeout);
  view.setUint16(at + 22, message.priority);
  view.setUint32(at + 24, message.bufferId);
  view.setUint32(at + 28, message.outPort);
  view.setUint32(at + 32, message.outGroup);
  view.setUint32(at + 36, message.flags << 16);
  return instructions.encode(message.instructions, view, encodeMatch(message.match, view, at + FLOW_MOD_MATCH));
}

export const FlowRemovedBody = struct({
  cookie: u64,
  priority: u16,
  reason: u8,
  tableId: u8,
  durationSec: u32,
  durationNsec: u32,
  idleTimeout: u16,
  hardTimeout: u16,
  packetCount: u64,
  byteCount: u64,
  match,
});

/** The same question for each entry and for their sum. */
export const FlowStatsRequest = struct({
  tableId: u8,
  _pad: pad(3),
  outPort: u32,
  outGroup: u32,
  _pad2: pad(4),
  cookie: u64,
  cookieMask: u64,
  match,
});

export const FlowStatsTable = struct({
  _length: selfLength,
  tableId: u8,
  _pad: pad(1),
  durationSec: u32,
  durationNsec: u32,
  priority: u16,
  idleTimeout: u16,
  hardTimeout: u16,
  flags: u16,
  _pad2: pad(4),
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
  match,
  instructions,
});
export type FlowStats = ValueOf<typeof FlowStatsTable>;

const FLOW_STATS_MATCH = 48;

export const flowStats: Codec<FlowStats> = {
  ...FlowStatsTable,
  decode(view, at, end) {
    const matchEnd = matchExtent(view, at + FLOW_STATS_MATCH, end);
    return {
      tableId: view.getUint8(at + 2),
      durationSec: view.getUint32(at + 4),
      durationNsec: view.getUint32(at + 8),
      priority: view.getUint16(at + 12),
      idleTimeout: view.getUint16(at + 14),
      hardTimeout: view.getUint16(at + 16),
      flags: view.getUint16(at + 18),
      cookie: view.getBigUint64(at + 24),
      packetCount: view.getBigUint64(at + 32),
      byteCount: view.getBigUint64(at + 40),
      match: decodeMatch(view, at + FLOW_STATS_MATCH),
      instructions: instructions.decode(view, matchEnd, end),
    };
  },
  encode(entry, view, at) {
    view.setUint8(at + 2, entry.tableId);
    view.setUint8(at + 3, 0);
    view.setUint32(at + 4, entry.durationSec);
    view.setUint32(at + 8, entry.durationNsec);
    view.setUint16(at + 12, entry.priority);
    view.setUint16(at + 14, entry.idleTimeout);
    view.setUint16(at + 16, entry.hardTimeout);
    view.setUint16(at + 18, entry.flags);
    view.setUint32(at + 20, 0);
    view.setBigUint64(at + 24, entry.cookie);
    view.setBigUint64(at + 32, entry.packetCount);
    view.setBigUint64(at + 40, entry.byteCount);
    const end = instructions.encode(entry.instructions, view, encodeMatch(entry.match, view, at + FLOW_STATS_MATCH));
    view.setUint16(at, end - at);
    return end;
  },
};

export const FlowStatsReply = struct({ entries: list(flowStats) });

export const AggregateStatsReply = struct({ packetCount: u64, byteCount: u64, flowCount: u32, _pad: pad(4) });
