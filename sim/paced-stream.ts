/**
 * A migration stream of our own: paced to a budget, limited by a window, acknowledged, and lossless (sender and receiver, each at its node's card).
 *
 * It is a small relative of TCP: cumulative acknowledgements, three alike mean a loss, the window halves then and grows by one a window, and after silence everything starts
 * from a small window again. What is lost is sent again hole by hole. So it shares a congested link as others do, and carries the budget on one that is not.
 */
import { buildAnnouncement } from './announcement.ts';
import { type Actor, type Clock, MILLISECOND, type Nanos, SECOND, type Timer } from './clock.ts';
import type { ComputeNode } from './compute-node.ts';
import { GuestRefusal } from './guest-refusal.ts';
import type { MigrationStream, MigrationStreamListener } from './migration-stream.ts';
import type { NodeCard } from './node-card.ts';
import {
  buildAcknowledgement,
  buildBegin,
  buildData,
  FLAG_LAST,
  numbered,
  SEGMENT_BYTES,
  STREAM_FRAME,
  STREAM_HEADER_BYTES,
  type StreamAddress,
  type StreamEnd,
  streamView,
} from './stream-frame.ts';
import { StreamReceiver } from './stream-receiver.ts';

/** Frames on the way at most: 4 MiB, as much as Linux gives a TCP sender. */
const WINDOW_MAX = 72;
/** RFC 6928. */
const WINDOW_FIRST = 10;
const WINDOW_MIN = 2;
const DUPLICATES_FOR_LOSS = 3;
const BEGIN_RETRY: Nanos = 100 * MILLISECOND;
const TIMEOUT_MIN: Nanos = 200 * MILLISECOND;
const TIMEOUT_MAX: Nanos = 3 * SECOND;
/** Frames that are so far apart are answered one by one: the next may come too late. */
const ALONE: Nanos = 40 * MILLISECOND;
/** After so long without any progress there is no way. */
const STALL: Nanos = 15 * SECOND;

/** The range that libvirt takes for migrations. */
const FIRST_PORT = 49152;
const PORTS = 64;

/** Two ends of one stream between two nodes; throws a `GuestRefusal` when they cannot speak. */
export class PacedStream implements MigrationStream {
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #listener: MigrationStreamListener;
  readonly #nanosPerByte: number;
  readonly #sender: NodeCard;
  readonly #receiver: NodeCard;
  readonly #forth: StreamAddress;
  readonly #fullSegment: Uint8Array;
  /** Payload of the frames on the way, by their number modulo the window. */
  readonly #sizes = new Uint32Array(WINDOW_MAX);
  #isOpen = false;
  #isClosed = false;
  #queuedBytes = 0;
  #nextNumber = 0;
  #acknowledged = 0;
  #deliveredBytes = 0;
  #window = WINDOW_FIRST;
  #threshold = WINDOW_MAX;
  #duplicates = 0;
  /** While the first number that is missing is below, there are holes of one and the same loss. */
  #recoverTo = 0;
  #sendAt: Nanos = 0;
  #sendTimer: Timer | undefined;
  #timeoutTimer: Timer | undefined;
  #timeout = TIMEOUT_MIN;
  #progressAt: Nanos;
  /** A frame that is timed, and since when. */
  #timedNumber = -1;
  #timedAt: Nanos = 0;
  #roundTrip: Nanos = 0;

  constructor(
    clock: Clock,
    actor: Actor,
    id: number,
    from: ComputeNode,
    to: ComputeNode,
    budgetBps: number,
    listener: MigrationStreamListener,
  ) {
    this.#clock = clock;
    this.#actor = actor;
    this.#listener = listener;
    this.#nanosPerByte = SECOND / budgetBps;
    this.#progressAt = clock.now;
    this.#sender = requireCard(from);
    this.#receiver = requireCard(to);
    const port = choosePort(this.#sender, this.#receiver);
    const ends = { from: requireEnd(from, this.#sender), to: requireEnd(to, this.#receiver) };
    this.#forth = { ...ends, port, stream: id };
    const back = { from: ends.to, to: ends.from, port, stream: id };
    this.#fullSegment = buildData(this.#forth, SEGMENT_BYTES);
    this.#sender.listen(port, (view, at, end) => this.#receiveBack(view, at, end));
    const receiver = new StreamReceiver(WINDOW_MAX, (expected) =>
      this.#receiver.host.sendFrame(buildAcknowledgement(back, expected)),
    );
    this.#receiver.listen(port, (view, at, end) => {
      if (isOurs(view, at, end, id)) receiver.receive(view, at);
    });
    // Who has been silent may have been forgotten by the network.
    for (const { host } of [this.#sender, this.#receiver]) {
      host.sendFrame(buildAnnouncement('garp', host.spec.mac, host.spec.ip));
    }
    this.#begin();
  }

  write(bytes: number): void {
    this.#queuedBytes += bytes;
    this.#pump();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sendTimer?.cancel();
    this.#timeoutTimer?.cancel();
    this.#sender.listen(this.#forth.port, undefined);
    this.#receiver.listen(this.#forth.port, undefined);
  }

  #begin(): void {
    if (this.#isStalled()) return;
    this.#sender.host.sendFrame(buildBegin(this.#forth));
    this.#timeoutTimer = this.#clock.schedule(this.#actor, this.#clock.now + BEGIN_RETRY, () => this.#begin());
  }

  #isStalled(): boolean {
    if (this.#clock.now - this.#progressAt < STALL) return false;
    this.close();
    this.#listener.failed(`nothing has arrived at ${this.#receiver.name} for ${STALL / SECOND} s`);
    return true;
  }

  /** Sends what pace and window allow, and sets the timer for what pace does not allow yet. */
  #pump(): void {
    const { now } = this.#clock;
    if (!this.#isOpen || this.#isClosed) return;
    if (this.#sendAt < now) this.#sendAt = now;
    while (this.#queuedBytes > 0 && this.#nextNumber - this.#acknowledged < Math.floor(this.#window)) {
      if (this.#sendAt > now) {
        this.#sendTimer ??= this.#clock.schedule(this.#actor, Math.ceil(this.#sendAt), () => {
          this.#sendTimer = undefined;
          this.#pump();
        });
        break;
      }
      this.#sendNext();
    }
    this.#watch();
  }

  #sendNext(): void {
    const bytes = Math.min(this.#queuedBytes, SEGMENT_BYTES);
    if (this.#nextNumber === this.#acknowledged) this.#progressAt = this.#clock.now;
    const number = this.#nextNumber++;
    this.#queuedBytes -= bytes;
    this.#sizes[number % WINDOW_MAX] = bytes;
    this.#sendAt += bytes * this.#nanosPerByte;
    if (this.#timedNumber < 0) {
      this.#timedNumber = number;
      this.#timedAt = this.#clock.now;
    }
    this.#sendData(number);
  }

  /** The first that is missing. What is timed is not a frame any more that was sent once (Karn's rule, RFC 6298, section 3). */
  #resend(): void {
    this.#timedNumber = -1;
    this.#sendData(this.#acknowledged);
  }

  #sendData(number: number): void {
    const bytes = this.#sizes[number % WINDOW_MAX]!;
    const template = bytes === SEGMENT_BYTES ? this.#fullSegment : buildData(this.#forth, bytes);
    const isLast = this.#queuedBytes === 0 && number === this.#nextNumber - 1;
    const isAlone = SEGMENT_BYTES * this.#nanosPerByte > ALONE;
    this.#sender.host.sendFrame(numbered(template, number, isLast || isAlone ? FLAG_LAST : 0));
  }

  /** As long as something is on the way, silence is noticed. */
  #watch(): void {
    if (this.#nextNumber === this.#acknowledged) {
      this.#timeoutTimer?.cancel();
      this.#timeoutTimer = undefined;
    } else this.#timeoutTimer ??= this.#scheduleTimeout(this.#clock.now + this.#timeout);
  }

  #scheduleTimeout(at: Nanos): Timer {
    return this.#clock.schedule(this.#actor, at, () => {
      const dueAt = this.#progressAt + this.#timeout;
      if (this.#clock.now < dueAt) this.#timeoutTimer = this.#scheduleTimeout(dueAt);
      else this.#timedOut();
    });
  }

  #timedOut(): void {
    if (this.#isStalled()) return;
    this.#threshold = Math.max(WINDOW_MIN, (this.#nextNumber - this.#acknowledged) / 2);
    this.#window = WINDOW_MIN;
    this.#recoverTo = this.#nextNumber;
    this.#timeout = Math.min(TIMEOUT_MAX, this.#timeout * 2);
    this.#resend();
    this.#timeoutTimer = this.#scheduleTimeout(this.#clock.now + this.#timeout);
  }

  #receiveBack(view: DataView, at: number, end: number): void {
    if (!isOurs(view, at, end, this.#forth.stream) || streamView.type(view, at) !== STREAM_FRAME.acknowledgement)
      return;
    const expected = streamView.sequence(view, at);
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#timeoutTimer?.cancel();
      this.#timeoutTimer = undefined;
      this.#progressAt = this.#clock.now;
      this.#listener.opened();
      return;
    }
    if (expected > this.#nextNumber) return;
    if (expected > this.#acknowledged) this.#advance(expected);
    else if (expected === this.#acknowledged && this.#nextNumber > expected) this.#repeated();
  }

  #advance(expected: number): void {
    let bytes = 0;
    for (let number = this.#acknowledged; number < expected; number++) bytes += this.#sizes[number % WINDOW_MAX]!;
    const count = expected - this.#acknowledged;
    const isRecovering = expected < this.#recoverTo;
    this.#acknowledged = expected;
    this.#progressAt = this.#clock.now;
    this.#duplicates = 0;
    if (this.#timedNumber >= 0 && expected > this.#timedNumber) {
      this.#roundTrip = this.#clock.now - this.#timedAt;
      this.#timedNumber = -1;
    }
    // Whatever arrives ends the backoff.
    this.#timeout = Math.min(TIMEOUT_MAX, Math.max(TIMEOUT_MIN, 3 * this.#roundTrip));
    const growth = this.#window < this.#threshold ? count : count / this.#window;
    this.#window = Math.min(WINDOW_MAX, this.#window + growth);
    if (isRecovering) this.#resend();
    this.#deliveredBytes += bytes;
    this.#pump();
    this.#listener.progressed(this.#deliveredBytes);
  }

  #repeated(): void {
    this.#duplicates++;
    if (this.#duplicates !== DUPLICATES_FOR_LOSS || this.#acknowledged < this.#recoverTo) return;
    this.#recoverTo = this.#nextNumber;
    this.#window = Math.max(WINDOW_MIN, this.#window / 2);
    this.#threshold = this.#window;
    this.#resend();
  }
}

function isOurs(view: DataView, at: number, end: number, stream: number): boolean {
  return end - at >= STREAM_HEADER_BYTES && streamView.stream(view, at) === stream;
}

function requireCard({ name, card }: ComputeNode): NodeCard {
  if (card) return card;
  throw new GuestRefusal('no-path', `${name} is not on the network; give it a host (nodes: { ${name}: { host: … } })`);
}

function requireEnd({ name }: ComputeNode, { host }: NodeCard): StreamEnd {
  const { mac, ip } = host.spec;
  if (ip !== undefined) return { mac, ip };
  throw new GuestRefusal('no-path', `${host.name}, the host of ${name}, has no address`);
}

function choosePort(a: NodeCard, b: NodeCard): number {
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS; port++) {
    if (!a.isListening(port) && !b.isListening(port)) return port;
  }
  throw new GuestRefusal('no-path', `${PORTS} migrations pass ${a.name} or ${b.name} already`);
}
