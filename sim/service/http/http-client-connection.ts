/** One connection of an HTTP client: a request at a time, its answer, and whether it can be used again afterwards. */
import type { Endpoint, SocketFault, Sockets, Stream, StreamListener } from '../../stack/socket.ts';
import { StreamOutbox } from '../stream-outbox.ts';
import { membersOf } from './http-field.ts';
import { type HttpResponseHead, readResponseHead } from './http-head.ts';
import { HttpParser } from './http-parser.ts';

export interface HttpExchange {
  readonly method: string;
  /** Head and body. */
  readonly pieces: readonly Uint8Array[];
  head(head: HttpResponseHead): void;
  data(bytes: Uint8Array): void;
  /** Told last, once. */
  done(fault?: ExchangeFault): void;
}

export type ExchangeFault = SocketFault | 'malformed' | 'too-large' | 'incomplete' | 'stale';

export class HttpClientConnection implements StreamListener {
  readonly to: Endpoint;
  /** It was used before, and may have ended since without our knowing. */
  isUsed = false;
  readonly #stream: Stream;
  readonly #outbox: StreamOutbox;
  readonly #parser: HttpParser<HttpResponseHead>;
  readonly #released: (connection: HttpClientConnection, isReusable: boolean) => void;
  #exchange: HttpExchange | undefined;
  #head: HttpResponseHead | undefined;
  #hasHeard = false;

  /** `released` is told when an answer is whole, and when the connection has ended. */
  constructor(
    sockets: Sockets,
    to: Endpoint,
    bodyBytesMax: number,
    released: (connection: HttpClientConnection, isReusable: boolean) => void,
  ) {
    this.to = to;
    this.#released = released;
    this.#parser = new HttpParser(
      { readHead: (lines) => readResponseHead(lines, this.#exchange!.method), bodyBytesMax, emptyLinesMax: 0 },
      {
        head: (head) => {
          this.#head = head;
          if (head.status >= 200) this.#exchange!.head(head);
        },
        data: (bytes) => this.#exchange!.data(bytes),
        end: () => this.#answered(),
      },
    );
    this.#stream = sockets.connectTcp(to, () => this);
    this.#outbox = new StreamOutbox(this.#stream);
  }

  ask(exchange: HttpExchange): void {
    this.#exchange = exchange;
    this.#head = undefined;
    this.#hasHeard = false;
    for (const piece of exchange.pieces) this.#outbox.write(piece);
  }

  /** Nothing more is told of the exchange. */
  abort(): void {
    this.#exchange = undefined;
    this.#stream.abort();
  }

  received(data: Uint8Array): void {
    let at = 0;
    while (at < data.length && this.#exchange) {
      this.#hasHeard = true;
      at += this.#parser.feed(data.subarray(at));
      const { fault } = this.#parser;
      if (fault) this.#fail(fault.status === 413 ? 'too-large' : 'malformed');
    }
    // Nobody asked for what is left over: who sends it cannot be followed any more.
    if (at < data.length) {
      this.abort();
      this.#released(this, false);
    }
  }

  drained(): void {
    this.#outbox.flush();
  }

  ended(): void {
    if (this.#exchange && !this.#parser.finish()) this.#fail('incomplete');
    else if (this.#exchange) this.#fail('stale');
    else this.#outbox.end();
    this.#released(this, false);
  }

  closed(fault?: SocketFault): void {
    if (this.#exchange) this.#settle(this.isUsed && !this.#hasHeard ? 'stale' : (fault ?? 'incomplete'));
    this.#released(this, false);
  }

  #answered(): void {
    const head = this.#head!;
    if (head.status < 200) return;
    const wishes = membersOf(head.fields, 'connection');
    const staysOpen = head.minor === 1 ? !wishes.includes('close') : wishes.includes('keep-alive');
    const isReusable = staysOpen && head.framing.type !== 'until-close' && this.#outbox.isEmpty;
    this.isUsed = true;
    const exchange = this.#exchange!;
    this.#exchange = undefined;
    if (!isReusable) this.#outbox.end();
    this.#released(this, isReusable);
    exchange.done();
  }

  #fail(fault: ExchangeFault): void {
    this.#settle(fault);
    this.#stream.abort();
  }

  #settle(fault: ExchangeFault): void {
    const exchange = this.#exchange!;
    this.#exchange = undefined;
    exchange.done(fault);
  }
}
