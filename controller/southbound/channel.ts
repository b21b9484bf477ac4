/**
 * One switch's control channel: a session, and what was asked on it and is not answered yet.
 *
 * Every request is known by its xid until its verdict. A *transaction* is a list of modifications followed by a barrier: when the barrier
 * is answered, each modification has either been refused with an error of its own xid or is in force, so the verdicts are complete and
 * true. A channel that closes, or a barrier that is not answered in time, makes the verdict `unanswered`: nobody is told more than is known.
 *
 * Transactions go one after the other, and no more is written than the session has room for; the rest follows as output is taken.
 *
 * A reply is held against what was asked: one that nobody waits for, or of another kind than its question, changes nothing and is told as a
 * fault. The question that it should have answered waits on.
 */
import { errorName } from '../../protocol/wire/openflow/error.ts';
import { MESSAGES, type Message, type MessageOf } from '../../protocol/wire/openflow/message.ts';
import {
  MULTIPART_MORE,
  type MultipartReplyBody,
  type MultipartRequestBody,
} from '../../protocol/wire/openflow/multipart.ts';
import { type Nanos, Session } from '../../protocol/wire/openflow/session.ts';
import type { CloseReason } from '../../protocol/wire/openflow/session-table.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import type { Fault } from './fault-count.ts';
import { RoundTrip } from './round-trip.ts';

export type Modification = MessageOf<'flowMod'> | MessageOf<'groupMod'> | MessageOf<'meterMod'> | MessageOf<'portMod'>;

export type Verdict =
  | { readonly type: 'installed' }
  | { readonly type: 'refused'; readonly error: string }
  | { readonly type: 'unanswered'; readonly reason: string };

/** What became of a question. */
export type Answer<T> =
  | { readonly type: 'answered'; readonly value: T }
  | { readonly type: 'refused'; readonly error: string }
  | { readonly type: 'unanswered'; readonly reason: string };

export interface ChannelEvents {
  now(): Nanos;
  ready(features: MessageOf<'featuresReply'>): void;
  /** What the switch sends unasked: packets, port status, removed flows, errors nobody waits for. */
  message(message: Message): void;
  closed(reason: CloseReason, detail: string): void;
  fault(fault: Fault): void;
  /** A packet-in as it lies in the stream. False: it is too many, and is not read. */
  admit(view: DataView, at: number, end: number): boolean;
  /** There may be something to write, or another deadline. */
  stirred(): void;
}

interface Transaction {
  readonly modifications: readonly Modification[];
  readonly verdicts: Verdict[];
  readonly done: (verdicts: readonly Verdict[]) => void;
  /** How many have been given to the session. */
  sent: number;
  /** By the xid each was sent with. */
  readonly indexOfXid: Map<number, number>;
  barrierXid: number | undefined;
  answerBy: Nanos | undefined;
}

interface Query {
  readonly kind: MultipartRequestBody['type'];
  readonly parts: MultipartReplyBody[];
  entries: number;
  readonly done: (answer: Answer<readonly MultipartReplyBody[]>) => void;
  readonly answerBy: Nanos;
}

interface Challenge {
  readonly xid: number;
  readonly answerBy: Nanos;
  readonly done: (isAlive: boolean) => void;
}

/** A switch that has a large table to write may take seconds; one that takes longer has not answered. */
const ANSWER_TIMEOUT: Nanos = 10_000_000_000;

/** Whoever asks for more at once gets no answer for it: each is kept until it is answered. */
const QUERIES_MAX = 64;
const TRANSACTIONS_MAX = 1024;

/** Parts of one multipart answer: a million flows in messages of 64 KiB are about two thousand. */
const QUERY_PARTS_MAX = 4096;

/** Entries of one answer: an entry is an object, many times the size of its bytes. More than any switch's tables hold. */
export const QUERY_ENTRIES_MAX = 1_048_576;

/** A port's description costs more than a rule's, and no switch has more ports than a chassis has room for. */
export const QUERY_PORTS_MAX = 65_536;

const PACKET_IN_ID = MESSAGES.packetIn.id;

/** What is only ever said to be an answer. */
const REPLIES: ReadonlySet<Message['type']> = new Set<Message['type']>([
  'barrierReply',
  'multipartReply',
  'echoReply',
  'featuresReply',
  'getConfigReply',
  'queueGetConfigReply',
  'roleReply',
  'getAsyncReply',
]);

const NO_DATA = new Uint8Array(0);

export class Channel {
  readonly #session: Session;
  readonly #events: ChannelEvents;
  readonly #transactions: Transaction[] = [];
  /** By xid, in the order in which they were asked, which is that of their deadlines. */
  readonly #queries = new Map<number, Query>();
  #challenge: Challenge | undefined;
  readonly #roundTrip = new RoundTrip();

  constructor(events: ChannelEvents) {
    this.#events = events;
    this.#session = new Session({
      role: 'controller',
      now: events.now(),
      events: {
        ready: ({ features }) => events.ready(features!),
        message: (message) => this.#receiveMessage(message),
        closed: (reason, detail) => this.#closed(reason, detail),
        refused: () => events.fault('garbage'),
        raw: (view, at, end) => this.isOpen && view.getUint8(at + 1) === PACKET_IN_ID && !events.admit(view, at, end),
      },
    });
  }

  get isOpen(): boolean {
    return this.#session.state === 'open';
  }

  /** Of the control channel, smoothed; undefined until it was measured. */
  get roundTrip(): Nanos | undefined {
    return this.#roundTrip.ns;
  }

  receive(bytes: Uint8Array, now: Nanos): void {
    this.#events.stirred();
    this.#session.receive(bytes, now);
  }

  poll(now: Nanos): void {
    this.#events.stirred();
    this.#session.poll(now);
    const [head] = this.#transactions;
    if (head?.answerBy !== undefined && head.answerBy <= now)
      this.#finish(head, 'the barrier was not answered in time');
    for (const [xid, query] of this.#queries) {
      if (query.answerBy > now) break;
      this.#queries.delete(xid);
      query.done({ type: 'unanswered', reason: 'the question was not answered in time' });
    }
    if (this.#challenge && this.#challenge.answerBy <= now) this.#endChallenge(false);
  }

  pollAt(): Nanos | undefined {
    let dueAt = this.#session.pollAt() ?? Number.POSITIVE_INFINITY;
    const [head] = this.#transactions;
    if (head?.answerBy !== undefined && head.answerBy < dueAt) dueAt = head.answerBy;
    if (this.#challenge && this.#challenge.answerBy < dueAt) dueAt = this.#challenge.answerBy;
    if (this.#queries.size > 0) {
      const [oldest] = this.#queries.values();
      dueAt = Math.min(dueAt, oldest!.answerBy);
    }
    return dueAt === Number.POSITIVE_INFINITY ? undefined : dueAt;
  }

  /** Everything that is to be written now, in one piece. */
  takeOutput(): Uint8Array | undefined {
    const output = this.#session.takeOutput();
    if (output) this.#pump();
    return output;
  }

  close(): void {
    this.#session.close();
  }

  disconnect(detail = ''): void {
    this.#session.disconnect(detail);
  }

  /** Has it settled at the end of this call. */
  stir(): void {
    this.#events.stirred();
  }

  /** Sends a packet or request for which no verdict is wanted; false when there is no room. */
  send(message: Message): boolean {
    this.#events.stirred();
    return this.#session.send({ ...message, xid: this.#session.nextXid() });
  }

  /** Asks the switch for a sign of life; one that has something else to say must answer all the same. */
  challenge(answerBy: Nanos, done: Challenge['done']): void {
    assert(this.#challenge === undefined, 'one challenge at a time');
    const xid = this.#session.nextXid();
    if (!this.#session.send({ type: 'echoRequest', xid, data: NO_DATA })) {
      done(false);
      return;
    }
    this.#challenge = { xid, answerBy, done };
    this.#events.stirred();
  }

  /** Of a question that was the first to be asked. */
  estimateRoundTrip(ns: Nanos): void {
    this.#roundTrip.estimate(ns);
  }

  /** Its round trip is measured anew. */
  measure(now: Nanos): void {
    if (this.#roundTrip.isAsked) return;
    const xid = this.#session.nextXid();
    if (!this.#session.send({ type: 'echoRequest', xid, data: NO_DATA })) return;
    this.#roundTrip.asked(xid, now);
    this.#events.stirred();
  }

  transact(modifications: readonly Modification[], done: Transaction['done']): void {
    const obstacle = this.#obstacleTo(this.#transactions.length, TRANSACTIONS_MAX);
    if (obstacle) {
      done(modifications.map(() => obstacle));
      return;
    }
    this.#events.stirred();
    this.#transactions.push({
      modifications,
      verdicts: modifications.map(() => ({ type: 'installed' })),
      done,
      sent: 0,
      indexOfXid: new Map(),
      barrierXid: undefined,
      answerBy: undefined,
    });
    this.#pump();
  }

  /** Asks, and puts the parts of a long answer together. */
  query(body: MultipartRequestBody, done: Query['done']): void {
    const obstacle = this.#obstacleTo(this.#queries.size, QUERIES_MAX);
    if (obstacle) {
      done(obstacle);
      return;
    }
    const xid = this.#session.nextXid();
    if (!this.#session.send({ type: 'multipartRequest', xid, flags: 0, body })) {
      done({ type: 'unanswered', reason: 'the switch reads too slowly to be asked' });
      return;
    }
    this.#queries.set(xid, {
      kind: body.type,
      parts: [],
      entries: 0,
      done,
      answerBy: this.#events.now() + ANSWER_TIMEOUT,
    });
    this.#events.stirred();
  }

  #obstacleTo(waiting: number, waitingMax: number): Extract<Verdict, { type: 'unanswered' }> | undefined {
    if (!this.isOpen) return { type: 'unanswered', reason: 'the switch is not connected' };
    if (waiting >= waitingMax) return { type: 'unanswered', reason: 'too much is waiting for the switch already' };
    return undefined;
  }

  #pump(): void {
    const [head] = this.#transactions;
    if (!head || head.barrierXid !== undefined) return;
    while (head.sent < head.modifications.length && this.#session.writable) {
      const xid = this.#session.nextXid();
      head.indexOfXid.set(xid, head.sent);
      this.#session.send({ ...head.modifications[head.sent]!, xid });
      head.sent++;
    }
    if (head.sent < head.modifications.length || !this.#session.writable) return;
    head.barrierXid = this.#session.nextXid();
    head.answerBy = this.#events.now() + ANSWER_TIMEOUT;
    this.#session.send({ type: 'barrierRequest', xid: head.barrierXid });
  }

  #receiveMessage(message: Message): void {
    switch (message.type) {
      case 'packetIn':
        this.#events.message(message);
        return;
      case 'error':
        if (!this.#receiveError(message)) this.#events.message(message);
        return;
      case 'multipartReply':
        this.#receivePart(message);
        return;
      case 'barrierReply': {
        const [head] = this.#transactions;
        if (head && message.xid === head.barrierXid) this.#finish(head);
        else this.#faultReply(message.xid);
        return;
      }
      case 'echoReply':
        if (message.xid === this.#challenge?.xid) this.#endChallenge(true);
        else if (!this.#roundTrip.answered(message.xid, this.#events.now())) this.#faultReply(message.xid);
        return;
      default:
        if (REPLIES.has(message.type)) this.#faultReply(message.xid);
        else this.#events.message(message);
    }
  }

  /** It answers another question than what it says, or none. */
  #faultReply(xid: number): void {
    const isAwaited =
      this.#queries.has(xid) || this.#transactions[0]?.barrierXid === xid || this.#challenge?.xid === xid;
    this.#events.fault(isAwaited ? 'wrong-reply' : 'stray-reply');
  }

  #receiveError({ errorType, code, xid }: MessageOf<'error'>): boolean {
    const error = errorName(errorType, code) ?? `type ${errorType} code ${code}`;
    const [head] = this.#transactions;
    const index = head?.indexOfXid.get(xid);
    if (index !== undefined) {
      head!.verdicts[index] = { type: 'refused', error };
      return true;
    }
    if (head && xid === head.barrierXid) {
      this.#finish(head, `the barrier was refused: ${error}`);
      return true;
    }
    const query = this.#queries.get(xid);
    if (!query) return false;
    this.#queries.delete(xid);
    query.done({ type: 'refused', error });
    return true;
  }

  #receivePart({ xid, flags, body }: MessageOf<'multipartReply'>): void {
    const query = this.#queries.get(xid);
    if (!query || query.kind !== body.type) {
      this.#faultReply(xid);
      return;
    }
    query.parts.push(body);
    if ('entries' in body) query.entries += body.entries.length;
    const hasMore = (flags & MULTIPART_MORE) !== 0;
    const entriesMax = body.type === 'portDesc' ? QUERY_PORTS_MAX : QUERY_ENTRIES_MAX;
    const isTooLong = query.entries > entriesMax || query.parts.length > QUERY_PARTS_MAX;
    if (hasMore && !isTooLong) return;
    this.#queries.delete(xid);
    query.done(
      isTooLong
        ? { type: 'unanswered', reason: 'the answer is longer than there is room for' }
        : { type: 'answered', value: query.parts },
    );
  }

  #endChallenge(isAlive: boolean): void {
    const { done } = this.#challenge!;
    this.#challenge = undefined;
    done(isAlive);
  }

  /** The verdicts of a transaction are complete; with a reason, they are that nobody knows. */
  #finish(transaction: Transaction, unansweredReason?: string): void {
    this.#transactions.splice(this.#transactions.indexOf(transaction), 1);
    const { verdicts } = transaction;
    transaction.done(
      unansweredReason === undefined
        ? verdicts
        : verdicts.map((verdict) =>
            verdict.type === 'refused' ? verdict : { type: 'unanswered', reason: unansweredReason },
          ),
    );
    this.#pump();
  }

  #closed(reason: CloseReason, detail: string): void {
    const transactions = this.#transactions.splice(0);
    const queries = [...this.#queries.values()];
    this.#queries.clear();
    for (const transaction of transactions) {
      const unanswered = { type: 'unanswered', reason: 'the switch disconnected' } as const;
      transaction.done(transaction.verdicts.map((verdict) => (verdict.type === 'refused' ? verdict : unanswered)));
    }
    for (const query of queries) query.done({ type: 'unanswered', reason: 'the switch disconnected' });
    this.#events.stirred();
    this.#events.closed(reason, detail);
    // Whoever waits for the switch's place finds it free.
    if (this.#challenge) this.#endChallenge(false);
  }
}
