/**
 * One connection of an HTTP server: requests in, answers out, one after the other (RFC 9112, section 9).
 *
 * A request is answered when it is there as a whole. While its answer is under way the stream is paused, so of requests that a client sends
 * ahead no more waits here than one delivery brought; the rest waits with the client. What cannot be read ends the connection behind its
 * answer, for where the next request would begin is unknown.
 */
import { type Nanos, SECOND, type Timer } from '../../clock.ts';
import type { Sockets, Stream, StreamListener } from '../../stack/socket.ts';
import { joinBytes } from '../byte-pieces.ts';
import { StreamOutbox } from '../stream-outbox.ts';
import { fieldOf, type HttpField, membersOf } from './http-field.ts';
import { type HttpRequestHead, readRequestHead } from './http-head.ts';
import { HttpParser } from './http-parser.ts';
import { findRange } from './http-range.ts';
import {
  type HttpResponse,
  hasNoBody,
  LAST_CHUNK,
  plainAnswer,
  statusLine,
  toBytes,
  toChunk,
  writeHead,
} from './http-response.ts';
import type { HttpRequest } from './http-router.ts';

export interface HttpConnectionOwner {
  readonly bodyBytesMax: number;
  answer(request: HttpRequest): HttpResponse;
  /** A request could not be read. */
  faulty(status: number): void;
  /** Bytes of bodies that were handed to the stream. */
  sent(bytes: number): void;
  closed(connection: HttpConnection): void;
}

/** Between requests; as nginx has it by default (`keepalive_timeout`). */
const IDLE_TIMEOUT: Nanos = 75 * SECOND;
/** For a request, from its first byte to its last; and for a client that takes nothing of an answer. As nginx. */
const PROGRESS_TIMEOUT: Nanos = 60 * SECOND;
/** How long the rest of what a client says is listened to after the last answer, so that no reset overtakes that. */
const LINGER: Nanos = 5 * SECOND;
const EMPTY_LINES_MAX = 1;

export class HttpConnection implements StreamListener {
  readonly #sockets: Sockets;
  readonly #stream: Stream;
  readonly #owner: HttpConnectionOwner;
  readonly #outbox: StreamOutbox;
  readonly #parser: HttpParser<HttpRequestHead>;
  #head: HttpRequestHead | undefined;
  #body: Uint8Array[] = [];
  #isWhole = false;
  /** What came behind the request that is being answered. */
  #rest: Uint8Array | undefined;
  #source: (() => Uint8Array | undefined) | undefined;
  #isChunked = false;
  #state: 'reading' | 'answering' | 'ending' = 'reading';
  /** Nothing is read behind the request at hand. */
  #isLast = false;
  #timer: Timer | undefined;

  constructor(sockets: Sockets, stream: Stream, owner: HttpConnectionOwner) {
    this.#sockets = sockets;
    this.#stream = stream;
    this.#owner = owner;
    this.#outbox = new StreamOutbox(stream);
    this.#parser = new HttpParser(
      { readHead: readRequestHead, bodyBytesMax: owner.bodyBytesMax, emptyLinesMax: EMPTY_LINES_MAX },
      {
        head: (head) => this.#begin(head),
        data: (bytes) => void this.#body.push(bytes.slice()),
        end: () => {
          this.#isWhole = true;
        },
      },
    );
    this.#wait(IDLE_TIMEOUT);
  }

  abort(): void {
    this.#stream.abort();
  }

  received(data: Uint8Array): void {
    if (this.#state !== 'reading') return;
    const wasIdle = this.#parser.isIdle;
    this.#read(data);
    if (this.#state === 'reading' && wasIdle && !this.#parser.isIdle) this.#wait(PROGRESS_TIMEOUT);
  }

  drained(): void {
    this.#outbox.flush();
    this.#continue();
  }

  ended(): void {
    this.#isLast = true;
    if (this.#state === 'reading') this.#finish();
  }

  closed(): void {
    this.#timer?.cancel();
    this.#owner.closed(this);
  }

  #read(data: Uint8Array): void {
    let at = 0;
    while (this.#state === 'reading') {
      at += this.#parser.feed(data.subarray(at));
      const { fault } = this.#parser;
      if (fault) {
        this.#owner.faulty(fault.status);
        this.#isLast = true;
        this.#send(plainAnswer(fault.status, fault.reason), undefined);
      } else if (this.#isWhole) this.#answer();
      else return;
    }
    if (this.#state !== 'answering') return;
    this.#rest = data.slice(at);
    this.#stream.setPaused(true);
  }

  #begin(head: HttpRequestHead): void {
    this.#head = head;
    const expectations = membersOf(head.fields, 'expect');
    if (head.minor === 1 && head.framing.type !== 'none' && expectations.includes('100-continue')) {
      this.#outbox.write(writeHead(statusLine(100), []));
    }
  }

  #answer(): void {
    const head = this.#head!;
    const request: HttpRequest = { ...head, body: joinBytes(this.#body) };
    this.#body = [];
    this.#isWhole = false;
    this.#isLast ||= !staysOpen(head);
    const hasOddWish = membersOf(head.fields, 'expect').some((wish) => wish !== '100-continue');
    const response = hasOddWish ? plainAnswer(417) : toPart(this.#owner.answer(request), request);
    if (!response.delayNs) this.#send(response, head);
    else {
      this.#state = 'answering';
      this.#timer?.cancel();
      this.#timer = this.#sockets.schedule(this.#sockets.now + response.delayNs, () => this.#send(response, head));
    }
  }

  /** `head` is of the request; undefined for one that could not be read. */
  #send({ status, fields = [], body = '' }: HttpResponse, head: HttpRequestHead | undefined): void {
    this.#state = 'answering';
    this.#wait(PROGRESS_TIMEOUT);
    const isBodiless = hasNoBody(status);
    const bytes = typeof body === 'function' ? undefined : toBytes(body);
    const mayChunk = head === undefined || head.minor === 1;
    if (bytes === undefined && !mayChunk) this.#isLast = true;
    const all: HttpField[] = [{ name: 'Server', value: 'sluice' }, ...fields];
    if (!isBodiless && bytes) all.push({ name: 'Content-Length', value: String(bytes.length) });
    else if (!isBodiless && mayChunk) all.push({ name: 'Transfer-Encoding', value: 'chunked' });
    // HTTP/1.0 ends after an answer unless both say otherwise.
    if (this.#isLast) all.push({ name: 'Connection', value: 'close' });
    else if (head?.minor === 0) all.push({ name: 'Connection', value: 'keep-alive' });
    this.#outbox.write(writeHead(statusLine(status), all));
    if (!isBodiless && head?.method !== 'HEAD') {
      if (typeof body === 'function') {
        this.#source = body;
        this.#isChunked = mayChunk;
      } else {
        this.#owner.sent(bytes!.length);
        this.#outbox.write(bytes!);
      }
    }
    this.#continue();
  }

  /** Goes on with the answer at hand as far as the stream has room. */
  #continue(): void {
    if (this.#state !== 'answering') return;
    while (this.#source && this.#outbox.isEmpty) {
      const data = this.#source();
      if (data === undefined) {
        this.#source = undefined;
        if (this.#isChunked) this.#outbox.write(LAST_CHUNK);
      } else if (data.length > 0) {
        this.#owner.sent(data.length);
        for (const piece of this.#isChunked ? toChunk(data) : [data]) this.#outbox.write(piece);
      }
    }
    this.#wait(PROGRESS_TIMEOUT);
    if (this.#source || !this.#outbox.isEmpty) return;
    if (this.#isLast) this.#finish();
    else {
      this.#state = 'reading';
      this.#wait(IDLE_TIMEOUT);
      if (this.#rest) this.#resume();
    }
  }

  /** Reads what waited behind an answer that took its time. */
  #resume(): void {
    if (this.#state !== 'reading') return;
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest && rest.length > 0) this.received(rest);
    if (this.#state === 'reading') this.#stream.setPaused(false);
  }

  #finish(): void {
    this.#state = 'ending';
    this.#outbox.end();
    this.#stream.setPaused(false);
    this.#wait(LINGER);
  }

  #wait(timeout: Nanos): void {
    this.#timer?.cancel();
    this.#timer = this.#sockets.schedule(this.#sockets.now + timeout, () => this.#timedOut());
  }

  #timedOut(): void {
    const isHalfRead = this.#state === 'reading' && !this.#parser.isIdle;
    if (isHalfRead) {
      this.#owner.faulty(408);
      this.#isLast = true;
      this.#send(plainAnswer(408), undefined);
    } else if (this.#state === 'reading') this.#finish();
    else this.#stream.abort();
  }
}

function staysOpen({ minor, fields }: HttpRequestHead): boolean {
  const wishes = membersOf(fields, 'connection');
  return !wishes.includes('close') && (minor === 1 || wishes.includes('keep-alive'));
}

/** What a request for a part of it makes of an answer. */
function toPart(response: HttpResponse, { method, fields }: HttpRequest): HttpResponse {
  const wanted = method === 'GET' ? fieldOf(fields, 'range') : undefined;
  const { status, body } = response;
  if (wanted === undefined || status !== 200 || !(body instanceof Uint8Array)) return response;
  const range = findRange(wanted, body.length);
  if (range === undefined) return response;
  const own = response.fields ?? [];
  if (range === 'none') {
    return { ...plainAnswer(416), fields: [...own, { name: 'Content-Range', value: `bytes */${body.length}` }] };
  }
  const place = `bytes ${range.first}-${range.end - 1}/${body.length}`;
  return {
    ...response,
    status: 206,
    fields: [...own, { name: 'Content-Range', value: place }],
    body: body.subarray(range.first, range.end),
  };
}
