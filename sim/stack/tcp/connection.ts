/**
 * A connection: its state, its two halves, its times, and what its user may ask of it.
 *
 * Whatever wakes it (a segment, a time, its user) is taken in first and answered last, in `#answer`: so that what a user writes while it is told of
 * data goes with the acknowledgement, and nobody is called from within a call. What a segment does is in `arrival.ts`, what one looks like in `output.ts`.
 * Buffers are made with the first byte that needs them.
 */
import type { Nanos } from '../../clock.ts';
import type { Endpoint, SocketFault, Stream } from '../socket.ts';
import { arrive } from './arrival.ts';
import type { Accept, ConnectionFigures, ConnectionOrigin, ConnectionOwner } from './connection-owner.ts';
import { DueTimes, NEVER } from './due-times.ts';
import { KeepAlive } from './keep-alive.ts';
import { echoedNs, sendAck, sendPlanned, sendReset, sendSyn } from './output.ts';
import { ReceiveBuffer, WINDOW_FIELD_MAX } from './receive-buffer.ts';
import type { Segment } from './segment.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { Sender } from './sender.ts';
import { toOffset } from './sequence.ts';
import type { TcpModel } from './tcp-model.ts';
import { isSending, isSynchronized, nextTcpState, type TcpEvent, type TcpState } from './tcp-state.ts';
import { Teller } from './teller.ts';
import { Terms } from './terms.ts';

/** RFC 5681, section 3.1: a lost SYN is a sign of congestion; a second one, RFC 6928 says, to be sure. */
const SYN_LOSSES_OF_CONGESTION = 2;

export class Connection implements Stream {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly pseudoSum: number;
  readonly initial: number;
  readonly timestampOffset: number;
  readonly accept: Accept | undefined;
  /** Of the same ports, with other addresses: the next in the table. */
  sibling: Connection | undefined;
  state: TcpState;
  peerInitial = 0;
  readonly terms: Terms;
  readonly sender: Sender;
  readonly buffer: ReceiveBuffer;
  readonly teller: Teller;
  readonly due: DueTimes;
  /** RFC 7323: TS.Recent, and when it was heard. */
  recentTimestamp = 0;
  recentAt: Nanos = 0;
  /** SND.WL1 and SND.WL2: which segment told the window last. */
  windowSeq = 0;
  windowAck = 0;
  /** Where the peer's FIN is, once heard of. */
  finAt: number | undefined;
  isPeerEnded = false;
  isAckDue = false;
  unackedSegments = 0;
  challengedAt: Nanos = Number.NEGATIVE_INFINITY;
  readonly #owner: ConnectionOwner;
  #isBusy = false;
  #synAt: Nanos = 0;
  #mtu = Number.POSITIVE_INFINITY;
  #isProbing = false;
  readonly #keepAlive: KeepAlive | undefined;
  /** What a router said, should the peer not answer in the end. */
  #hint: SocketFault | undefined;
  /** To be told at the next turn. */
  #fault: SocketFault | undefined;

  constructor(owner: ConnectionOwner, origin: ConnectionOrigin) {
    const { model } = owner;
    this.#owner = owner;
    this.local = origin.local;
    this.remote = origin.remote;
    this.pseudoSum = origin.pseudoSum;
    this.initial = origin.initial;
    this.timestampOffset = origin.timestampOffset;
    this.accept = origin.accept;
    this.state = origin.accept ? 'syn-received' : 'syn-sent';
    this.terms = new Terms(model, origin.remote.address);
    this.sender = new Sender(model);
    this.buffer = new ReceiveBuffer(model.receiveBufferBytesMax);
    this.teller = new Teller(this.buffer);
    this.#keepAlive = model.keepAlive && new KeepAlive(model.keepAlive);
    this.due = new DueTimes(owner.ip, () => this.#ring());
  }

  get now(): Nanos {
    return this.#owner.ip.now;
  }

  get model(): TcpModel {
    return this.#owner.model;
  }

  get writer(): SegmentWriter {
    return this.#owner.writer;
  }

  get pathMtu(): number {
    return Math.min(this.#mtu, this.#owner.ip.pathMtu(this.remote.address));
  }

  /** RCV.NXT with the FIN. */
  get receiveNxt(): number {
    return this.buffer.nxt + (this.isPeerEnded ? 1 : 0);
  }

  get figures(): ConnectionFigures {
    const { sender } = this;
    return {
      state: this.state,
      congestionWindow: sender.congestion.window,
      segmentBytes: sender.segmentBytes,
      smoothedRoundTripNs: sender.roundTrip.smoothedNs,
      resentSegments: sender.resentSegments,
      fastRecoveries: sender.fastRecoveries,
      timeouts: sender.timeoutsTotal,
      unacknowledgedBytes: sender.buffer.end - sender.buffer.start,
    };
  }

  write(data: Uint8Array): number {
    const { sender } = this;
    if (this.state === 'closed' || sender.isEnded) return 0;
    const taken = sender.buffer.write(data);
    if (taken < data.length) this.teller.isDrainAwaited = true;
    this.#answer();
    return taken;
  }

  end(): void {
    const { sender } = this;
    if (this.state === 'closed' || sender.isEnded) return;
    sender.isEnded = true;
    if (isSynchronized(this.state)) this.happen('end');
    this.#answer();
  }

  abort(): void {
    if (this.state === 'closed') return;
    if (this.state !== 'syn-sent') sendReset(this);
    this.#failLater('reset');
  }

  setPaused(isPaused: boolean): void {
    this.teller.isPaused = isPaused;
    if (this.#isBusy || !this.teller.isBehind) return;
    this.due.turnAt = this.now;
    this.due.set();
  }

  /** We call. */
  call(): void {
    this.sender.nxt = 1;
    this.#sendSyn();
    this.#answer();
  }

  /** Somebody calls a port of ours. */
  answerCall(syn: Segment): void {
    this.sender.nxt = 1;
    this.takeSyn(syn);
    this.#sendSyn();
    this.#answer();
  }

  receive(segment: Segment): void {
    this.#isBusy = true;
    arrive(this, segment);
    this.#keepAlive?.heard(this);
    this.#isBusy = false;
    this.#answer();
  }

  /** The number is that of a byte that was sent and is not acknowledged; or a quotation of the last acknowledgement. */
  isOnTheWay(sequence: number): boolean {
    const { una, nxt } = this.sender;
    const offset = toOffset(this.initial, sequence, una);
    return offset >= una && offset <= nxt;
  }

  /** What a router, or our own IP, says of a packet of ours. */
  failed(fault: SocketFault): void {
    this.#hint = fault;
    // RFC 1122, section 4.2.3.9: before the handshake it ends the attempt; later it is only remembered, since paths mend.
    if (!isSynchronized(this.state)) this.#failLater(fault);
  }

  narrowed(mtu: number): void {
    if (mtu >= this.#mtu) return;
    this.#mtu = mtu;
    this.due.turnAt = this.now;
    this.due.set();
  }

  /** The machine goes, or the connection has no peer any more. */
  fail(fault: SocketFault): void {
    this.#close();
    this.teller.close(fault);
  }

  /** Nobody answers any more. */
  giveUp(): void {
    this.fail(this.#hint ?? 'timeout');
  }

  /** The time of TIME-WAIT is over, or somebody opens the same connection anew. */
  expire(): void {
    this.#close();
  }

  happen(event: TcpEvent): void {
    this.state = nextTcpState(this.state, event);
    if (this.state === 'time-wait') {
      this.due.clear();
      this.sender.buffer.clear();
      this.due.expireAt = this.now + this.model.timeWaitNs;
      this.teller.over();
    } else if (this.state === 'closed') {
      this.#close();
      this.teller.over();
    }
  }

  /** The peer's SYN: its numbers and its terms. */
  takeSyn(syn: Segment): void {
    this.peerInitial = syn.seq;
    this.terms.agree(syn);
    this.recentTimestamp = syn.timestamp;
    this.recentAt = this.now;
    if (!this.terms.hasScale) this.buffer.limit(WINDOW_FIELD_MAX);
    // Not scaled, whatever was agreed.
    this.sender.window = syn.window;
    this.sender.windowMax = syn.window;
  }

  /** Both SYNs are here and acknowledged. */
  establish(event: 'syn-ack' | 'syn-acked', segment: Segment): void {
    const { sender, terms, model } = this;
    if (sender.timeouts === 0) sender.roundTrip.sample(Math.max(1, this.now - this.#synAt));
    else if (terms.hasTimestamps && segment.hasTimestamps)
      sender.roundTrip.sample(echoedNs(this, segment.timestampEcho));
    sender.una = 1;
    sender.hasSack = terms.hasSack;
    sender.begin(
      terms.segmentBytes(this.pathMtu),
      sender.timeouts < SYN_LOSSES_OF_CONGESTION ? model.initialWindowSegments : 1,
    );
    sender.timeouts = 0;
    this.due.retransmitAt = NEVER;
    this.happen(event);
    if (this.accept) {
      this.#owner.settled(this);
      this.teller.listener = this.accept(this);
    }
    // Whoever was told of it may not want it.
    if (this.state !== 'closed') this.teller.opened();
    if (this.state === 'established' && sender.isEnded) this.happen('end');
  }

  /** Their SYN came before the answer to ours: both have called. */
  meetCall(syn: Segment): void {
    this.takeSyn(syn);
    this.happen('syn');
    sendSyn(this, true);
  }

  resendSyn(): void {
    sendSyn(this, this.state === 'syn-received');
  }

  /** An answer to what fits nowhere; not to each that carries nothing, or two ends could go on for ever. */
  challenge(segment: Segment): void {
    const isIdle = segment.length === 0 || segment.isSyn;
    if (isIdle && this.now - this.challengedAt < this.model.challengeIntervalNs) return;
    if (isIdle) this.challengedAt = this.now;
    this.isAckDue = true;
  }

  /** In-order data: it is acknowledged with what we send, with every second segment, or after a while. */
  oweAck(): void {
    const { ackEverySegments, ackDelayNs } = this.model;
    if (++this.unackedSegments >= ackEverySegments) this.isAckDue = true;
    else if (this.due.ackAt === NEVER) this.due.ackAt = this.now + ackDelayNs;
  }

  /** A segment that belongs to no connection like this one: the peer is told so. */
  refuse(segment: Segment): void {
    this.#owner.refuse(segment, this.local.address, this.remote.address, this.pseudoSum);
  }

  /** What the writer holds goes. */
  transmit(dataBytes: number): void {
    const payload = this.writer.seal(this.pseudoSum, dataBytes);
    this.isAckDue = false;
    this.unackedSegments = 0;
    this.due.ackAt = NEVER;
    this.#owner.send(this.local.address, this.remote.address, payload);
  }

  #sendSyn(): void {
    this.#synAt = this.now;
    sendSyn(this, this.state === 'syn-received');
  }

  /** Sends what is due, and sets the times. */
  #answer(): void {
    if (this.#isBusy || this.state === 'closed') return;
    const { sender, due } = this;
    if (isSending(this.state)) {
      this.#mindWindow();
      while (sender.plan(this.now)) {
        sendPlanned(this);
        sender.sent(this.now);
      }
    }
    if (this.isAckDue) sendAck(this);
    if (!sender.hasFlight && !sender.isShut) due.retransmitAt = NEVER;
    else if (due.retransmitAt === NEVER) due.retransmitAt = this.now + sender.roundTrip.timeoutNs;
    due.set();
  }

  /** A window that opens again says that the peer refused the byte that asked for it. */
  #mindWindow(): void {
    if (!this.#isProbing || this.sender.isShut) return;
    this.#isProbing = false;
    if (this.sender.hasFlight) this.sender.presumeLost();
  }

  #ring(): void {
    const { due, now } = this;
    this.#isBusy = true;
    if (due.turnAt <= now) this.#takeTurn();
    if (due.expireAt <= now) this.expire();
    if (due.ackAt <= now) this.isAckDue = true;
    if (due.keepAliveAt <= now) this.#keepAlive?.ring(this);
    if (due.retransmitAt <= now) this.#retransmit();
    this.#isBusy = false;
    this.#answer();
    // The state may have been left within: what is still to be told needs the timer.
    if (this.state === 'closed') due.set();
  }

  #takeTurn(): void {
    this.due.turnAt = NEVER;
    if (this.#fault !== undefined) {
      this.teller.close(this.#fault);
      return;
    }
    this.teller.tell();
    if (!isSynchronized(this.state)) return;
    const { sender, buffer } = this;
    if (buffer.advanceEdge(sender.segmentBytes)) this.isAckDue = true;
    const segmentBytes = this.terms.segmentBytes(this.pathMtu);
    if (segmentBytes >= sender.segmentBytes) return;
    sender.setSegmentBytes(segmentBytes);
    if (sender.hasFlight) sender.presumeLost();
  }

  #retransmit(): void {
    const { sender, due } = this;
    due.retransmitAt = NEVER;
    if (sender.timeouts >= this.#retriesMax()) {
      this.giveUp();
      return;
    }
    if (!isSynchronized(this.state)) {
      sender.timeouts++;
      sender.roundTrip.backOff();
      this.resendSyn();
    } else if (sender.isShut) {
      this.#isProbing = sender.window === 0;
      sender.timeouts++;
      sender.roundTrip.backOff();
      sender.planProbe();
      sendPlanned(this);
      sender.sent(this.now);
    } else if (sender.hasFlight) sender.timedOut();
  }

  #retriesMax(): number {
    if (this.state === 'syn-sent') return this.model.synRetriesMax;
    return this.state === 'syn-received' ? this.model.synAckRetriesMax : this.model.retriesMax;
  }

  #failLater(fault: SocketFault): void {
    this.#fault = fault;
    this.#close();
    this.due.turnAt = this.now;
    this.due.set();
  }

  #close(): void {
    const wasOpening = this.state === 'syn-received';
    this.state = 'closed';
    this.due.clear();
    this.sender.buffer.clear();
    this.#owner.closed(this);
    if (wasOpening && this.accept && !this.teller.hasListener) this.#owner.settled(this);
  }
}
