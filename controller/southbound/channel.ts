/**
 * One switch's control channel: a session, and what was asked on it and is not answered yet.
 *
 * Every request is known by its xid until its verdict. A *transaction* is a list of modifications followed by a barrier: when the barrier
 * is answered, each modification has either been refused with an error of its own xid or is in force, so the verdicts are complete and
 * true. A channel that closes, or a barrier that is not answered in time, makes the verdict `unanswered`: nobody is told more than is known.
 *
 * Transactions go one after the other, and no more is written than the session has room for; the rest follows as output is taken.
 */
import { errorName } from '../../protocol/wire/openflow/error.ts';
import type { Message, MessageOf } from '../../protocol/wire/openflow/message.ts';
import {
  MULTIPART_MORE,
  type MultipartReplyBody,
  type MultipartRequestBody,
} from '../../protocol/wire/openflow/multipart.ts';
import { type Nanos, Session } from '../../protocol/wire/openflow/session.ts';
import type { CloseReason } from '../../protocol/wire/openflow/session-table.ts';

export type Modification = MessageOf<'flowMod'> | MessageOf<'groupMod'> | MessageOf<'meterMod'> | MessageOf<'portMod'>;

export type Verdict =
  | { readonly type: 'installed' }
  | { readonly type: 'refused'; readonly error: string }
  | { readonly type: 'unanswered'; readonly reason: string };

export interface ChannelEvents {
  ready(features: MessageOf<'featuresReply'>): void;
  /** What the switch sends unasked: packets, port status, removed flows, errors nobody waits for. */
  message(message: Message): void;
  closed(reason: CloseReason, detail: string): void;
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
  readonly parts: MultipartReplyBody[];
  entries: number;
  readonly done: (parts: readonly MultipartReplyBody[] | undefined) => void;
  readonly answerBy: Nanos;
}

/** A switch that has a large table to write may take seconds; one that takes longer has not answered. */
const ANSWER_TIMEOUT: Nanos = 10_000_000_000;

/** Parts of one multipart answer: a million flows in messages of 64 KiB are about two thousand. */
const QUERY_PARTS_MAX = 4096;

/** Entries of one answer: an entry is an object, many times the size of its bytes. More than any switch's tables hold. */
export const QUERY_ENTRIES_MAX = 1_048_576;

/** A port's description costs more than a rule's, and no switch has more ports than a chassis has room for. */
export const QUERY_PORTS_MAX = 65_536;

export class Channel {
  readonly #session: Session;
  readonly #events: ChannelEvents;
  readonly #transactions: Transaction[] = [];
  readonly #queries = new Map<number, Query>();
  #now: Nanos;

  constructor(now: Nanos, events: ChannelEvents) {
    this.#now = now;
    this.#events = events;
    this.#session = new Session({
      role: 'controller',
      now,
      events: {
        ready: ({ features }) => events.ready(features!),
        message: (message) => this.#receiveMessage(message),
        closed: (reason, detail) => this.#closed(reason, detail),
      },
    });
  }

  get isOpen(): boolean {
    return this.#session.state === 'open';
  }

  receive(bytes: Uint8Array, now: Nanos): void {
    this.#now = now;
    this.#session.receive(bytes, now);
  }

  poll(now: Nanos): void {
    this.#now = now;
    this.#session.poll(now);
    const [head] = this.#transactions;
    if (head?.answerBy !== undefined && head.answerBy <= now)
      this.#finish(head, 'the barrier was not answered in time');
    for (const [xid, query] of this.#queries) {
      if (query.answerBy > now) continue;
      this.#queries.delete(xid);
      query.done(undefined);
    }
  }

  pollAt(): Nanos | undefined {
    let dueAt = this.#session.pollAt() ?? Number.POSITIVE_INFINITY;
    dueAt = Math.min(dueAt, this.#transactions[0]?.answerBy ?? Number.POSITIVE_INFINITY);
    for (const { answerBy } of this.#queries.values()) dueAt = Math.min(dueAt, answerBy);
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

  /** Sends a packet or request for which no verdict is wanted; false when there is no room. */
  send(message: Message): boolean {
    return this.#session.send({ ...message, xid: this.#session.nextXid() });
  }

  transact(modifications: readonly Modification[], done: Transaction['done']): void {
    if (!this.isOpen) {
      done(modifications.map(() => ({ type: 'unanswered', reason: 'the switch is not connected' })));
      return;
    }
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

  /** Asks, and puts the parts of a long answer together; undefined when no answer came, or one too long to keep. */
  query(body: MultipartRequestBody, done: Query['done']): void {
    const xid = this.#session.nextXid();
    if (!this.#session.send({ type: 'multipartRequest', xid, flags: 0, body })) {
      done(undefined);
      return;
    }
    this.#queries.set(xid, { parts: [], entries: 0, done, answerBy: this.#now + ANSWER_TIMEOUT });
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
    head.answerBy = this.#now + ANSWER_TIMEOUT;
    this.#session.send({ type: 'barrierRequest', xid: head.barrierXid });
  }

  #receiveMessage(message: Message): void {
    const [head] = this.#transactions;
    if (message.type === 'barrierReply' && head && message.xid === head.barrierXid) this.#finish(head);
    else if (message.type === 'error' && this.#receiveError(message, head)) return;
    else if (message.type === 'multipartReply' && this.#receivePart(message)) return;
    else this.#events.message(message);
  }

  #receiveError(message: MessageOf<'error'>, head: Transaction | undefined): boolean {
    const error = errorName(message.errorType, message.code) ?? `type ${message.errorType} code ${message.code}`;
    const index = head?.indexOfXid.get(message.xid);
    if (index !== undefined) {
      head!.verdicts[index] = { type: 'refused', error };
      return true;
    }
    const query = this.#queries.get(message.xid);
    if (!query) return false;
    this.#queries.delete(message.xid);
    query.done(undefined);
    return true;
  }

  #receivePart(message: MessageOf<'multipartReply'>): boolean {
    const query = this.#queries.get(message.xid);
    if (!query) return false;
    const { body } = message;
    query.parts.push(body);
    if ('entries' in body) query.entries += body.entries.length;
    const hasMore = (message.flags & MULTIPART_MORE) !== 0;
    const entriesMax = body.type === 'portDesc' ? QUERY_PORTS_MAX : QUERY_ENTRIES_MAX;
    const isTooLong = query.entries > entriesMax || query.parts.length > QUERY_PARTS_MAX;
    if (hasMore && !isTooLong) return true;
    this.#queries.delete(message.xid);
    query.done(isTooLong ? undefined : query.parts);
    return true;
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
    for (const query of queries) query.done(undefined);
    this.#events.closed(reason, detail);
  }
}
