/**
 * The half of a connection that sends: what goes next, and what an acknowledgement or a silence means for it.
 *
 * One rule for both kinds of peers. `nxt` never goes back: what was sent and may be lost lies below an edge (`#lostEdge`), and is sent again from
 * `#resentTo` on, skipping what the peer said to have. So there are three states: `open`; `fast`, entered by duplicates (RFC 6675 with SACK, RFC 6582
 * without), where the edge follows from the scoreboard; and `loss`, entered by the timer, where all that was sent is below the edge. What is on the
 * way (RFC 6675's pipe) is then the same sum in each of them:
 *
 *     sent and not lost, less what the peer has + sent again, less what the peer has − what duplicates stand for, without SACK
 *
 * Limited transmit (RFC 3042) is no rule of its own: each of the first duplicates takes a segment out of that sum. A FIN is one offset behind the data.
 */
import type { Nanos } from '../../clock.ts';
import type { CongestionControl } from './congestion.ts';
import { NewReno } from './new-reno.ts';
import { RoundTrip } from './round-trip.ts';
import { DUPLICATES_MIN, Scoreboard } from './scoreboard.ts';
import { SendBuffer } from './send-buffer.ts';
import type { TcpModel } from './tcp-model.ts';

/** RFC 3042: as many duplicates let new data go before recovery begins. */
const LIMITED_TRANSMIT_MAX = 2;

type Recovery = 'open' | 'fast' | 'loss';

export class Sender {
  readonly buffer: SendBuffer;
  readonly roundTrip: RoundTrip;
  readonly scoreboard = new Scoreboard();
  congestion: CongestionControl;
  /** SND.UNA, SND.NXT and SND.WND as offsets; the SYN is 0. */
  una = 0;
  nxt = 0;
  window = 0;
  /** The widest that the peer has offered. */
  windowMax = 0;
  /** The most data that one segment carries. */
  segmentBytes = 0;
  hasSack = false;
  isEnded = false;
  /** Timeouts since something was acknowledged. */
  timeouts = 0;
  /** What `plan` found. */
  planFrom = 0;
  planTo = 0;
  recovery: Recovery = 'open';
  resentSegments = 0;
  fastRecoveries = 0;
  timeoutsTotal = 0;
  readonly #model: TcpModel;
  #duplicates = 0;
  /** Recovery lasts until all that was sent when it began is acknowledged. */
  #recoveryPoint = 0;
  /** In `loss`: all below that is not here is lost. */
  #lossPoint = 0;
  #resentTo = 0;
  /** The oldest segment goes again whatever is on the way. */
  #isHeadDue = false;
  /** What arrives from there on was sent after the oldest segment went again. */
  #headMark = 0;
  #isLostAgain = false;
  #isRescued = false;
  /** What is planned is the last segment, in front of its turn. */
  #isRescue = false;
  /** Without SACK: bytes that duplicates say have left the path. */
  #inflation = 0;
  #flightBeforeDuplicates = 0;
  #isHeldByCongestion = false;
  /** The segment whose way is timed ends there; 0: none is. */
  #timedTo = 0;
  #timedAt: Nanos = 0;
  #sentAt: Nanos = 0;

  constructor(model: TcpModel) {
    this.#model = model;
    this.buffer = new SendBuffer(model.sendBufferBytesMax);
    this.roundTrip = new RoundTrip(model);
    this.congestion = new NewReno(0, 0);
  }

  /** The handshake is done. */
  begin(segmentBytes: number, initialSegments: number): void {
    this.segmentBytes = segmentBytes;
    this.congestion = new NewReno(segmentBytes, initialSegments);
  }

  /** Behind all that is there to send, the FIN included. */
  get limit(): number {
    return this.isEnded ? this.buffer.end + 1 : this.buffer.end;
  }

  get isFinAcked(): boolean {
    return this.isEnded && this.una > this.buffer.end;
  }

  get hasFlight(): boolean {
    return this.nxt > this.una;
  }

  /** Data waits that the window does not let go, and nothing is on the way whose acknowledgement could open it: the peer must be asked. */
  get isShut(): boolean {
    const waiting = this.limit - this.una;
    if (waiting <= 0) return false;
    if (this.window === 0) return true;
    return this.nxt === this.una && this.window < Math.min(waiting, this.segmentBytes, this.windowMax / 2);
  }

  /** Finds what goes next: `planFrom`, `planTo`. Asked again until it answers false. */
  plan(now: Nanos): boolean {
    const { nxt, congestion } = this;
    this.#isRescue = false;
    if (nxt === this.una && now - this.#sentAt > this.roundTrip.timeoutNs) congestion.idled();
    if (this.recovery !== 'open' && this.#planAgain()) return true;
    const length = Math.min(this.segmentBytes, this.limit - nxt, this.una + this.window - nxt);
    if (length <= 0 || !this.#isWorthSending(length)) {
      this.#isHeldByCongestion = false;
      return this.recovery === 'fast' && this.#planRescue();
    }
    this.#isHeldByCongestion = congestion.window - this.#pipe() < length;
    if (this.#isHeldByCongestion) return false;
    this.planFrom = nxt;
    this.planTo = nxt + length;
    return true;
  }

  /** What was planned has gone. */
  sent(now: Nanos): void {
    this.#sentAt = now;
    if (this.planTo <= this.nxt) {
      this.resentSegments++;
      // Karn: what is acknowledged now may be either.
      this.#timedTo = 0;
      this.#isHeadDue = false;
      if (!this.#isRescue) this.#resentTo = Math.max(this.#resentTo, this.planTo);
      return;
    }
    this.nxt = this.planTo;
    if (this.#timedTo > 0 || this.recovery !== 'open') return;
    this.#timedTo = this.planTo;
    this.#timedAt = now;
  }

  /** What a small window has room for; beyond one of nothing a byte, the next or the one that went before. The peer must answer it. */
  planProbe(): void {
    this.#isRescue = false;
    this.planFrom = this.una;
    this.planTo = this.una + Math.max(1, Math.min(this.window, this.segmentBytes, this.limit - this.una));
  }

  /** An acknowledgement of more. `echoNs`: what its timestamp says of the round trip, undefined without. */
  acknowledged(ack: number, now: Nanos, echoNs: Nanos | undefined): void {
    const bytes = ack - this.una;
    this.una = ack;
    this.buffer.release(ack);
    this.scoreboard.ranges.trim(ack);
    if (this.#timedTo > 0 && ack >= this.#timedTo) {
      this.roundTrip.sample(now - this.#timedAt);
      this.#timedTo = 0;
    } else if (
      this.#timedTo === 0 &&
      echoNs !== undefined &&
      (this.recovery === 'loss' || this.roundTrip.isBackedOff)
    ) {
      this.roundTrip.sample(echoNs);
    }
    this.timeouts = 0;
    this.#duplicates = 0;
    if (this.#resentTo < ack) this.#resentTo = ack;
    if (this.recovery !== 'open') this.#progress(ack, bytes);
    else {
      this.#inflation = 0;
      if (this.#isHeldByCongestion) this.congestion.acked(bytes);
    }
    this.#judgeScoreboard();
  }

  /** An acknowledgement of nothing new that says that something arrived behind it. */
  duplicated(): void {
    if (this.#duplicates++ === 0) this.#flightBeforeDuplicates = this.nxt - this.una;
    if (this.hasSack) {
      if (this.recovery === 'fast') this.#judgeHead();
      else if (this.#duplicates >= DUPLICATES_MIN && this.scoreboard.ranges.count > 0) this.#recover();
      else this.#judgeScoreboard();
      return;
    }
    if (this.recovery === 'fast') this.#inflation += this.segmentBytes;
    if (this.recovery !== 'open') return;
    this.#inflation = Math.min(this.#duplicates, LIMITED_TRANSMIT_MAX) * this.segmentBytes;
    if (this.#duplicates >= DUPLICATES_MIN) this.#recover();
  }

  timedOut(): void {
    const isAgain = this.timeouts > 0;
    // During recovery new data is sent behind a hole, which is no sign of room: what counts is on the way.
    const flight = this.recovery === 'open' ? this.nxt - this.una : this.#pipe();
    this.congestion.timedOut(isAgain ? undefined : flight);
    this.timeouts++;
    this.timeoutsTotal++;
    this.roundTrip.backOff();
    // RFC 2018, section 8: a peer that said to have what follows and does not acknowledge it has thrown it away.
    const { ranges } = this.scoreboard;
    if (ranges.count > 0 && ranges.lefts[0]! <= this.una) ranges.clear();
    this.presumeLost();
  }

  /** All that is on the way is lost, and that is nobody's congestion: the path refused it, or the window was shut. */
  presumeLost(): void {
    this.recovery = 'loss';
    this.#recoveryPoint = this.nxt;
    this.#lossPoint = this.nxt;
    this.#resentTo = this.una;
    this.#isHeadDue = true;
    this.#inflation = 0;
    this.#duplicates = 0;
    this.#timedTo = 0;
  }

  setSegmentBytes(bytes: number): void {
    this.segmentBytes = bytes;
    this.congestion.setSegmentBytes(bytes);
  }

  /** RFC 9293, section 3.8.6.2.1, and Nagle's algorithm: no crumbs, but for the last ones. */
  #isWorthSending(length: number): boolean {
    if (length >= this.segmentBytes) return true;
    if (this.nxt + length === this.limit) return !this.#model.hasNagle || this.isEnded || this.nxt === this.una;
    return length >= this.windowMax / 2;
  }

  #planAgain(): boolean {
    const { una, scoreboard } = this;
    const lostEdge = this.#lostEdge();
    const from = this.#isHeadDue ? una : scoreboard.holeFrom(Math.max(una, this.#resentTo));
    if (!this.#isHeadDue && from >= lostEdge) return false;
    const end = Math.min(scoreboard.holeEnd(from, this.nxt), una + Math.max(this.window, 1));
    const length = Math.min(this.segmentBytes, end - from);
    if (length <= 0) return false;
    if (!this.#isHeadDue && this.congestion.window - this.#pipe() < length) return false;
    this.planFrom = from;
    this.planTo = from + length;
    return true;
  }

  /** RFC 6675, NextSeg (3) and (4): nothing new may go, so that what may be lost goes; once, the last that was sent. */
  #planRescue(): boolean {
    if (!this.hasSack || this.window === 0) return false;
    const from = this.scoreboard.holeFrom(Math.max(this.una, this.#resentTo));
    const { top } = this.scoreboard;
    const isBelow = from < top;
    if (!isBelow && (this.#isRescued || from >= this.nxt)) return false;
    const end = isBelow ? this.scoreboard.holeEnd(from, this.nxt) : this.nxt;
    const length = Math.min(this.segmentBytes, end - from);
    if (this.congestion.window - this.#pipe() < length) return false;
    this.#isRescue = !isBelow;
    this.#isRescued ||= this.#isRescue;
    this.planFrom = isBelow ? from : end - length;
    this.planTo = this.planFrom + length;
    return true;
  }

  #lostEdge(): number {
    const byScoreboard = this.hasSack ? this.scoreboard.lostEdge(this.segmentBytes) : 0;
    return Math.max(this.una, byScoreboard, this.recovery === 'loss' ? this.#lossPoint : 0);
  }

  #pipe(): number {
    const { una, nxt, scoreboard } = this;
    if (this.recovery === 'open') return nxt - una - scoreboard.ranges.bytes - this.#inflation;
    const edge = this.#lostEdge();
    const resentTo = Math.max(una, this.#resentTo);
    const { ranges } = scoreboard;
    const first = nxt - edge - ranges.bytesBetween(edge, nxt);
    const again = resentTo - una - ranges.bytesBetween(una, resentTo);
    // Without SACK nothing but the head is known to be lost, and it has been sent again: it counts once.
    return this.hasSack || this.recovery === 'loss' ? first + again : first - this.#inflation;
  }

  /**
   * What was sent after the oldest segment went again has arrived, and that has not: it was lost once more. RFC 6675 would wait for the timer, and where a
   * queue overflows in slow start that happens each time. RFC 5681, section 4.3: it counts as congestion once more, too.
   */
  #judgeHead(): void {
    const { scoreboard } = this;
    if (scoreboard.top <= this.#headMark) return;
    if (scoreboard.ranges.bytesBetween(this.#headMark, this.nxt) <= (DUPLICATES_MIN - 1) * this.segmentBytes) return;
    this.#headMark = this.nxt;
    this.#isHeadDue = true;
    if (!this.#isLostAgain) this.congestion.lost(this.#pipe());
    this.#isLostAgain = true;
  }

  #judgeScoreboard(): void {
    if (!this.hasSack || this.scoreboard.ranges.count === 0) return;
    if (this.scoreboard.lostEdge(this.segmentBytes) > this.una) this.#recover();
  }

  #recover(): void {
    if (this.recovery !== 'open') return;
    // RFC 6582, section 3.2: duplicates of what was sent again before do not begin it anew; what SACK says is no such echo.
    if (this.hasSack ? this.una < this.#recoveryPoint : this.una <= this.#recoveryPoint) return;
    const flight = this.nxt - this.una;
    // RFC 5681, section 3.2: without what limited transmit let go.
    this.congestion.lost(this.#duplicates > 0 ? Math.min(flight, this.#flightBeforeDuplicates) : flight);
    this.recovery = 'fast';
    this.fastRecoveries++;
    this.#recoveryPoint = this.nxt;
    this.#resentTo = this.una;
    this.#isHeadDue = true;
    this.#headMark = this.nxt;
    this.#isRescued = false;
    this.#isLostAgain = false;
    this.#inflation = this.#duplicates * this.segmentBytes;
    this.#timedTo = 0;
  }

  #progress(ack: number, bytes: number): void {
    if (ack >= this.#recoveryPoint) {
      if (this.recovery === 'fast') this.congestion.recovered(this.hasSack ? undefined : this.nxt - ack);
      else this.congestion.acked(bytes);
      this.recovery = 'open';
      this.#inflation = 0;
      this.#isHeadDue = false;
      return;
    }
    this.#headMark = this.nxt;
    if (this.recovery === 'loss') this.congestion.acked(bytes);
    else if (!this.hasSack) {
      // RFC 6582, section 3.2: the next hole begins here, and the window deflates by what was acknowledged less the segment that goes.
      this.#isHeadDue = true;
      this.#inflation = Math.max(0, this.#inflation - bytes + this.segmentBytes);
    }
  }
}
