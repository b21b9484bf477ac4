/**
 * OpenFlow 1.3.5, sections 7.3.7 and 7.4.1: packets that travel between switch and controller.
 *
 * packet_in and packet_out are most of a reactive controller's life, so beside the tables, which define them, stand codecs
 * written by hand; a property test holds the two equal.
 */
import { WireError } from '../wire-error.ts';
import { type Action, actions } from './action.ts';
import { bytesRest, fillZero, getBytes, pad, setBytes, u8, u16, u32, u64 } from './codec.ts';
import { decodeMatch, encodeMatch, type Match, match, matchExtent } from './match.ts';
import { lengthOf, struct } from './struct.ts';

export const BUFFER_NONE = 0xffffffff;

export const PACKET_IN_REASON = { noMatch: 0, action: 1, invalidTtl: 2 } as const;

export const PacketInBody = struct({
  bufferId: u32,
  totalLen: u16,
  reason: u8,
  tableId: u8,
  cookie: u64,
  match,
  _pad: pad(2),
  data: bytesRest,
});

export const PacketOutBody = struct({
  bufferId: u32,
  inPort: u32,
  _actionsLength: lengthOf('actions'),
  _pad: pad(6),
  actions,
  data: bytesRest,
});

export interface PacketIn {
  readonly type: 'packetIn';
  readonly xid: number;
  readonly bufferId: number;
  readonly totalLen: number;
  readonly reason: number;
  readonly tableId: number;
  readonly cookie: bigint;
  readonly match: Match;
  readonly data: Uint8Array;
}

export interface PacketOut {
  readonly type: 'packetOut';
  readonly xid: number;
  readonly bufferId: number;
  readonly inPort: number;
  readonly actions: readonly Action[];
  readonly data: Uint8Array;
}

export function decodePacketIn(xid: number, view: DataView, at: number, end: number): PacketIn {
  if (end - at < PacketInBody.sizeMin) {
    throw new WireError('BAD_REQUEST/BAD_LEN', at, `${end - at} bytes, at least ${PacketInBody.sizeMin} needed`);
  }
  const matchEnd = matchExtent(view, at + 16, end);
  if (matchEnd + 2 > end) throw new WireError('BAD_REQUEST/BAD_LEN', matchEnd, 'ends before its _pad');
  return {
    type: 'packetIn',
    xid,
    bufferId: view.getUint32(at),
    totalLen: view.getUint16(at + 4),
    reason: view.getUint8(at + 6),
    tableId: view.getUint8(at + 7),
    cookie: view.getBigUint64(at + 8),
    match: decodeMatch(view, at + 16),
    data: getBytes(view, matchEnd + 2, end),
  };
}

export function encodePacketIn(message: PacketIn, view: DataView, at: number): number {
  view.setUint32(at, message.bufferId);
  view.setUint16(at + 4, message.totalLen);
  view.setUint8(at + 6, message.reason);
  view.setUint8(at + 7, message.tableId);
  view.setBigUint64(at + 8, message.cookie);
  const here = encodeMatch(message.match, view, at + 16);
  view.setUint16(here, 0);
  setBytes(view, here + 2, message.data);
  return here + 2 + message.data.length;
}

export function decodePacketOut(xid: number, view: DataView, at: number, end: number): PacketOut {
  if (end - at < PacketOutBody.sizeMin) {
    throw new WireError('BAD_REQUEST/BAD_LEN', at, `${end - at} bytes, at least ${PacketOutBody.sizeMin} needed`);
  }
  const actionsEnd = at + 16 + view.getUint16(at + 8);
  if (actionsEnd > end) {
    throw new WireError('BAD_REQUEST/BAD_LEN', at + 16, `its actions would end ${actionsEnd - end} bytes behind it`);
  }
  return {
    type: 'packetOut',
    xid,
    bufferId: view.getUint32(at),
    inPort: view.getUint32(at + 4),
    actions: actions.decode(view, at + 16, actionsEnd),
    data: getBytes(view, actionsEnd, end),
  };
}

export function encodePacketOut(message: PacketOut, view: DataView, at: number): number {
  const actionsEnd = actions.encode(message.actions, view, at + 16);
  view.setUint32(at, message.bufferId);
  view.setUint32(at + 4, message.inPort);
  view.setUint16(at + 8, actionsEnd - at - 16);
  fillZero(view, at + 10, at + 16);
  setBytes(view, actionsEnd, message.data);
  return actionsEnd + message.data.length;
}
