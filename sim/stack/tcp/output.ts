/**
 * The segments that a connection sends: which numbers, flags and options each of them has.
 */

import { TCP_FLAG } from '../../../protocol/wire/packet/tcp.ts';
import { MILLISECOND } from '../../clock.ts';
import type { Connection } from './connection.ts';
import { WINDOW_FIELD_MAX } from './receive-buffer.ts';
import { toSequence } from './sequence.ts';
import { isSynchronized } from './tcp-state.ts';

/** RFC 7323, section 4.1: between a tick per second and one per millisecond; Linux has this. */
const TIMESTAMP_TICK = MILLISECOND;

export function timestampOf(connection: Connection): number {
  return (connection.timestampOffset + Math.floor(connection.now / TIMESTAMP_TICK)) >>> 0;
}

/** The round trip that an echoed timestamp tells; it may be a tick too short, never none. */
export function echoedNs(connection: Connection, echo: number): number {
  return Math.max(1, (timestampOf(connection) - echo) | 0) * TIMESTAMP_TICK;
}

/** Our SYN; with the acknowledgement of theirs if that is here. */
export function sendSyn(connection: Connection, isAnswer: boolean): void {
  const { terms, writer, buffer } = connection;
  const window = Math.min(WINDOW_FIELD_MAX, buffer.edge - buffer.nxt);
  begin(connection, 0, isAnswer ? TCP_FLAG.syn | TCP_FLAG.ack : TCP_FLAG.syn, window);
  writer.addMss(terms.mss(connection.pathMtu));
  if (terms.hasSack) writer.addSackPermitted();
  if (terms.hasTimestamps) writer.addTimestamps(timestampOf(connection), isAnswer ? connection.recentTimestamp : 0);
  if (terms.hasScale) writer.addWindowScale(terms.shift);
  connection.transmit(0);
}

/** What the sender has planned. */
export function sendPlanned(connection: Connection): void {
  const { sender, writer } = connection;
  const { planFrom, planTo } = sender;
  const dataEnd = Math.min(planTo, sender.buffer.end);
  const length = dataEnd - planFrom;
  let flags: number = TCP_FLAG.ack;
  if (planTo > dataEnd) flags |= TCP_FLAG.fin;
  // The peer's program should see what it has now: no more is coming at once.
  if (length > 0 && dataEnd === sender.buffer.end) flags |= TCP_FLAG.psh;
  begin(connection, planFrom, flags, windowField(connection));
  addTimestamps(connection);
  if (length > 0) {
    const at = writer.addData(length);
    sender.buffer.copyTo(writer.bytes, at, planFrom, length);
  }
  connection.transmit(length);
}

/** An acknowledgement without data, which says what else is here. */
export function sendAck(connection: Connection, seqOffset = connection.sender.nxt): void {
  const { terms, writer, buffer } = connection;
  begin(connection, seqOffset, TCP_FLAG.ack, windowField(connection));
  addTimestamps(connection);
  if (terms.hasSack && buffer.ranges.count > 0) {
    const newest = buffer.ranges.indexOf(buffer.newest);
    // What came last may have been joined to the rest meanwhile.
    const first = newest < 0 ? buffer.ranges.count - 1 : newest;
    writer.addSack(buffer.ranges, first, connection.peerInitial, terms.hasTimestamps);
  }
  connection.transmit(0);
}

export function sendReset(connection: Connection): void {
  begin(connection, connection.sender.nxt, TCP_FLAG.rst | TCP_FLAG.ack, 0);
  connection.transmit(0);
}

function addTimestamps(connection: Connection): void {
  if (connection.terms.hasTimestamps)
    connection.writer.addTimestamps(timestampOf(connection), connection.recentTimestamp);
}

function windowField(connection: Connection): number {
  const { buffer, terms, state } = connection;
  if (isSynchronized(state)) buffer.advanceEdge(connection.sender.segmentBytes);
  return Math.min(WINDOW_FIELD_MAX, Math.max(0, buffer.edge - connection.receiveNxt) >> terms.shift);
}

function begin(connection: Connection, seqOffset: number, flags: number, window: number): void {
  const { local, remote, initial, peerInitial, receiveNxt } = connection;
  const ack = (flags & TCP_FLAG.ack) === 0 ? 0 : toSequence(peerInitial, receiveNxt);
  connection.writer.begin(local.port, remote.port, toSequence(initial, seqOffset), ack, flags, window);
}
