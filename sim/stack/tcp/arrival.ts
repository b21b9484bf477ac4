/**
 * What a segment does to a connection: RFC 9293, section 3.10.7, in its order, with the checks of RFC 5961 and RFC 7323.
 *
 * Numbers become offsets first (`sequence.ts`). Urgent data is data: its pointer means nothing to anybody any more (RFC 6093).
 */
import { SECOND } from '../../clock.ts';
import type { Connection } from './connection.ts';
import { NEVER } from './due-times.ts';
import { echoedNs } from './output.ts';
import type { Segment } from './segment.ts';
import { sequenceDistance, toOffset } from './sequence.ts';
import { isSynchronized } from './tcp-state.ts';

/** RFC 7323, section 5.5: a timestamp that is so old says nothing about what is older than it. */
const TIMESTAMP_LIFE = 24 * 24 * 3600 * SECOND;

export function arrive(connection: Connection, segment: Segment): void {
  if (connection.state === 'syn-sent') arriveInSynSent(connection, segment);
  else arriveLater(connection, segment);
  connection.teller.tell();
}

function arriveInSynSent(connection: Connection, segment: Segment): void {
  const { isAck, isSyn, isRst } = segment;
  // Ours is the only thing that was sent: its SYN, of one number.
  if (isAck && sequenceDistance(connection.initial, segment.ack) !== 1) {
    if (!isRst) connection.refuse(segment);
    return;
  }
  if (isRst) {
    if (isAck) connection.fail('refused');
    return;
  }
  if (!isSyn) return;
  if (!isAck) {
    connection.meetCall(segment);
    return;
  }
  connection.takeSyn(segment);
  noteWindow(connection, 0, 1);
  connection.isAckDue = true;
  connection.establish('syn-ack', segment);
}

function arriveLater(connection: Connection, segment: Segment): void {
  const { buffer, terms } = connection;
  const seq = toOffset(connection.peerInitial, segment.seq, buffer.nxt);
  if (connection.state === 'syn-received' && segment.isSyn && seq === 0 && !segment.isAck) {
    // Our answer was lost.
    connection.resendSyn();
    return;
  }
  if (terms.hasTimestamps && !segment.isRst && !isTimely(connection, segment)) return;
  if (seq + segment.length < connection.receiveNxt || seq > Math.max(buffer.edge, connection.receiveNxt)) {
    if (!segment.isRst) connection.challenge(segment);
    return;
  }
  if (segment.isRst) {
    arriveReset(connection, segment, seq);
    return;
  }
  if (segment.isSyn) {
    // RFC 5961, section 4.2; the one SYN that may come again is that of a peer who called at the same time.
    if (connection.state !== 'syn-received' || connection.accept || !segment.isAck) {
      connection.challenge(segment);
      return;
    }
  }
  if (!segment.isAck) return;
  if (terms.hasTimestamps && seq <= connection.receiveNxt) {
    connection.recentTimestamp = segment.timestamp;
    connection.recentAt = connection.now;
  }
  if (!takeAck(connection, segment, seq)) return;
  takeData(connection, segment, segment.isSyn ? seq + 1 : seq);
}

/** RFC 7323, section 5.3: PAWS. */
function isTimely(connection: Connection, segment: Segment): boolean {
  if (!segment.hasTimestamps) return false;
  if (sequenceDistance(connection.recentTimestamp, segment.timestamp) >= 0) return true;
  if (connection.now - connection.recentAt > TIMESTAMP_LIFE) return true;
  connection.challenge(segment);
  return false;
}

/** RFC 5961, section 3.2: only the exact number resets. */
function arriveReset(connection: Connection, segment: Segment, seq: number): void {
  // RFC 1337: a reset does not shorten the wait.
  if (connection.state === 'time-wait') return;
  if (seq !== connection.receiveNxt) connection.challenge(segment);
  else connection.fail(connection.state === 'syn-received' ? 'refused' : 'reset');
}

/** False when the segment is not to be looked at any further. */
function takeAck(connection: Connection, segment: Segment, seq: number): boolean {
  const { sender } = connection;
  const ack = toOffset(connection.initial, segment.ack, sender.una);
  if (connection.state === 'syn-received') {
    if (ack !== 1) {
      connection.refuse(segment);
      return false;
    }
    noteWindow(connection, seq, ack);
    sender.window = windowOf(connection, segment);
    sender.windowMax = sender.window;
    connection.establish('syn-acked', segment);
    return isSynchronized(connection.state);
  }
  // RFC 5961, section 5.2.
  if (ack > sender.nxt || ack < sender.una - sender.windowMax) {
    connection.challenge(segment);
    return false;
  }
  const windowBefore = sender.window;
  takeWindow(connection, segment, seq, ack);
  // Who answers is there, even if the window stays shut.
  if (sender.isShut) sender.timeouts = 0;
  const isNews = sender.hasSack && segment.sackCount > 0 && takeSack(connection, segment);
  if (ack > sender.una) {
    const echoNs = connection.terms.hasTimestamps ? echoedNs(connection, segment.timestampEcho) : undefined;
    sender.acknowledged(ack, connection.now, echoNs);
    // RFC 6298, section 5.3: it begins anew when all this is answered.
    connection.due.retransmitAt = NEVER;
    advance(connection);
  } else if (ack === sender.una && sender.hasFlight) {
    const isPlain = segment.length === 0 && sender.window === windowBefore;
    if (sender.hasSack ? isNews : isPlain) sender.duplicated();
  }
  return connection.state !== 'closed';
}

/** What our user, and our state, have of the acknowledgement. */
function advance(connection: Connection): void {
  const { sender, teller, state } = connection;
  if (teller.isDrainAwaited && !sender.isEnded && sender.buffer.isRoomy) teller.drained();
  if (sender.isFinAcked && (state === 'fin-wait-1' || state === 'closing' || state === 'last-ack')) {
    connection.happen('fin-acked');
  }
}

function takeSack(connection: Connection, segment: Segment): boolean {
  const { sender, initial } = connection;
  let isNews = false;
  for (let i = 0; i < segment.sackCount; i++) {
    const left = toOffset(initial, segment.sackLefts[i]!, sender.una);
    const right = toOffset(initial, segment.sackRights[i]!, sender.una);
    if (sender.scoreboard.add(left, right, sender.una, sender.nxt)) isNews = true;
  }
  return isNews;
}

function takeWindow(connection: Connection, segment: Segment, seq: number, ack: number): void {
  const { sender, windowSeq, windowAck } = connection;
  if (seq < windowSeq || (seq === windowSeq && ack < windowAck)) return;
  noteWindow(connection, seq, ack);
  sender.window = windowOf(connection, segment);
  if (sender.window > sender.windowMax) sender.windowMax = sender.window;
}

function windowOf(connection: Connection, segment: Segment): number {
  return segment.isSyn ? segment.window : segment.window << connection.terms.peerShift;
}

function noteWindow(connection: Connection, seq: number, ack: number): void {
  connection.windowSeq = seq;
  connection.windowAck = ack;
}

function takeData(connection: Connection, segment: Segment, seq: number): void {
  const { buffer, state } = connection;
  if (state !== 'established' && state !== 'fin-wait-1' && state !== 'fin-wait-2') {
    if (segment.length > 0 && isSynchronized(state)) connection.isAckDue = true;
    // The peer did not hear our last word: it is said again, and may be lost again.
    if (segment.isFin && state === 'time-wait') connection.due.expireAt = connection.now + connection.model.timeWaitNs;
    return;
  }
  const dataEnd = seq + segment.dataBytes;
  if (segment.isFin && dataEnd <= Math.max(buffer.edge, buffer.nxt)) connection.finAt ??= dataEnd;
  const start = Math.max(seq, buffer.nxt);
  const end = Math.min(dataEnd, buffer.edge, connection.finAt ?? dataEnd);
  if (end > start) takeBytes(connection, segment, start, start - seq, end - start);
  else if (segment.length > 0) connection.isAckDue = true;
  if (connection.finAt === undefined || buffer.nxt < connection.finAt || !isReceiving(connection)) return;
  connection.isPeerEnded = true;
  connection.isAckDue = true;
  connection.teller.peerEnded();
  connection.happen('fin');
}

/** The user may have aborted while it was told of the data. */
function isReceiving({ state }: Connection): boolean {
  return state === 'established' || state === 'fin-wait-1' || state === 'fin-wait-2';
}

/** New bytes within the window: `length` of the segment's data from `skipped` on. */
function takeBytes(connection: Connection, segment: Segment, offset: number, skipped: number, length: number): void {
  const { buffer, teller } = connection;
  const at = segment.dataAt + skipped;
  // RFC 5681, section 4.2: what lies beyond a hole, or fills one, is acknowledged at once.
  if (offset > buffer.nxt || buffer.ranges.count > 0) connection.isAckDue = true;
  else connection.oweAck();
  if (offset === buffer.nxt && teller.isListening) {
    buffer.pass(length);
    teller.received(segment.bytes.subarray(at, at + length));
  } else buffer.put(offset, segment.bytes, at, at + length);
}
