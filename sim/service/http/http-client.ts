/**
 * An HTTP/1.1 client on a machine: names looked up, connections kept for the next request, answers collected or handed on as they come.
 *
 * A connection that was kept may have ended while the request was on its way; that request is sent once more on a new one, if to do so twice
 * is as good as once (RFC 9110, section 9.2.2). Redirects are for whoever asked to follow.
 */
import { type IpAddress, parseIp } from '../../../protocol/wire/ip-address.ts';
import { assert } from '../../../protocol/wire/wire-error.ts';
import { type Nanos, SECOND, type Timer } from '../../clock.ts';
import { type Endpoint, PortInUseError, type Sockets } from '../../stack/socket.ts';
import { joinBytes } from '../byte-pieces.ts';
import type { DnsResolver, ResolveResult } from '../dns/dns-resolver.ts';
import { type ExchangeFault, HttpClientConnection } from './http-client-connection.ts';
import { fieldOf, type HttpField } from './http-field.ts';
import type { HttpResponseHead } from './http-head.ts';
import { writeHead } from './http-response.ts';
import { type HttpPlace, parseHttpUrl } from './http-url.ts';

export interface HttpAsk {
  readonly url: string;
  /** GET without it. */
  readonly method?: string;
  readonly fields?: readonly HttpField[];
  readonly body?: Uint8Array;
  /** For all of it, the name included. 60 s without it. */
  readonly timeoutNs?: Nanos;
}

export type HttpResult =
  | {
      readonly type: 'answered';
      readonly status: number;
      readonly fields: readonly HttpField[];
      /** Empty where it was handed on as it came. */
      readonly body: Uint8Array;
      readonly bodyBytes: number;
    }
  | { readonly type: 'failed'; readonly reason: HttpFailure };

/** `name-service`: nobody could say what address the name has. */
export type HttpFailure = Exclude<ExchangeFault, 'stale'> | 'bad-url' | 'no-such-name' | 'name-service' | 'busy';

export interface HttpListener {
  /** With it, the body goes here in pieces and is not kept. */
  data?(bytes: Uint8Array): void;
  done(result: HttpResult): void;
}

const TIMEOUT_DEFAULT: Nanos = 60 * SECOND;
/** Of bodies that are kept. */
const KEPT_BYTES_MAX = 16 << 20;
const BODY_BYTES_MAX = 2 ** 40;
/** Kept open and unused, before our end goes: less than servers wait. */
const IDLE_TIMEOUT: Nanos = 30 * SECOND;
const CONNECTIONS_MAX = 256;
const IDEMPOTENT = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'];

interface Pending {
  readonly ask: HttpAsk;
  readonly place: HttpPlace;
  readonly listener: HttpListener;
  readonly timer: Timer;
  to: Endpoint | undefined;
  head: HttpResponseHead | undefined;
  kept: Uint8Array[];
  bodyBytes: number;
  connection: HttpClientConnection | undefined;
  isDone: boolean;
}

interface IdleConnection {
  readonly connection: HttpClientConnection;
  readonly timer: Timer;
}

export class HttpClient {
  readonly counters = { asked: 0, connections: 0, reused: 0, retried: 0 };
  readonly #sockets: Sockets;
  readonly #resolver: Pick<DnsResolver, 'resolve'> | undefined;
  readonly #connections = new Set<HttpClientConnection>();
  #idle: IdleConnection[] = [];

  /** Without a resolver, only addresses lead anywhere. */
  constructor(sockets: Sockets, resolver?: Pick<DnsResolver, 'resolve'>) {
    this.#sockets = sockets;
    this.#resolver = resolver;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** `done` is told once, later. Call what it returns to give up: then it is not told. */
  ask(ask: HttpAsk, listener: HttpListener): () => void {
    this.counters.asked++;
    const place = parseHttpUrl(ask.url);
    if (!place) {
      this.#sockets.schedule(this.#sockets.now, () => listener.done({ type: 'failed', reason: 'bad-url' }));
      return () => undefined;
    }
    const timer = this.#sockets.schedule(this.#sockets.now + (ask.timeoutNs ?? TIMEOUT_DEFAULT), () =>
      this.#finish(pending, { type: 'failed', reason: 'timeout' }),
    );
    const state = { to: undefined, head: undefined, kept: [], bodyBytes: 0, connection: undefined, isDone: false };
    const pending: Pending = { ask, place, listener, timer, ...state };
    this.#resolve(pending);
    return () => {
      if (pending.isDone) return;
      pending.isDone = true;
      timer.cancel();
      this.#drop(pending.connection);
    };
  }

  /** What was asked is not answered any more. */
  close(): void {
    for (const { timer } of this.#idle) timer.cancel();
    this.#idle = [];
    for (const connection of [...this.#connections]) connection.abort();
    this.#connections.clear();
  }

  #resolve(pending: Pending): void {
    const { host } = pending.place;
    const literal = parseIp(host);
    if (literal !== undefined || !this.#resolver) {
      this.#sockets.schedule(this.#sockets.now, () => this.#resolved(pending, literal));
      return;
    }
    // IPv4 first: that is what most of our networks have.
    const resolver = this.#resolver;
    resolver.resolve(host, 'a', (first) => {
      if (first.type !== 'no-address') this.#resolved(pending, toAddress(first));
      else resolver.resolve(host, 'aaaa', (second) => this.#resolved(pending, toAddress(second)));
    });
  }

  #resolved(pending: Pending, address: IpAddress | 'failed' | undefined): void {
    if (pending.isDone) return;
    if (address === 'failed') this.#finish(pending, { type: 'failed', reason: 'name-service' });
    else if (address === undefined) this.#finish(pending, { type: 'failed', reason: 'no-such-name' });
    else {
      pending.to = { address, port: pending.place.port };
      this.#start(pending);
    }
  }

  #start(pending: Pending): void {
    const to = pending.to!;
    const connection = this.#takeIdle(to) ?? this.#connect(to);
    if (!connection) {
      this.#finish(pending, { type: 'failed', reason: 'busy' });
      return;
    }
    pending.connection = connection;
    connection.ask({
      method: pending.ask.method ?? 'GET',
      pieces: toPieces(pending),
      head: (head) => {
        pending.head = head;
      },
      data: (bytes) => this.#take(pending, bytes),
      done: (fault) => this.#answered(pending, fault),
    });
  }

  #take(pending: Pending, bytes: Uint8Array): void {
    if (pending.isDone) return;
    pending.bodyBytes += bytes.length;
    if (pending.listener.data) pending.listener.data(bytes);
    else if (pending.bodyBytes > KEPT_BYTES_MAX) this.#finish(pending, { type: 'failed', reason: 'too-large' });
    else pending.kept.push(bytes.slice());
  }

  #answered(pending: Pending, fault: ExchangeFault | undefined): void {
    const connection = pending.connection;
    pending.connection = undefined;
    if (connection && fault !== undefined) this.#forget(connection);
    if (pending.isDone) return;
    if (fault === 'stale') {
      const isRepeatable = connection?.isUsed === true && IDEMPOTENT.includes(pending.ask.method ?? 'GET');
      if (!isRepeatable) this.#finish(pending, { type: 'failed', reason: 'incomplete' });
      else {
        this.counters.retried++;
        for (const { connection: other } of this.#idle.filter(({ connection: one }) => isSame(one.to, pending.to!))) {
          this.#drop(other);
        }
        this.#start(pending);
      }
      return;
    }
    if (fault !== undefined) {
      this.#finish(pending, { type: 'failed', reason: fault });
      return;
    }
    assert(pending.head !== undefined, 'an answer that is whole has a head');
    const { status, fields } = pending.head;
    const body = joinBytes(pending.kept);
    this.#finish(pending, { type: 'answered', status, fields, body, bodyBytes: pending.bodyBytes });
  }

  #finish(pending: Pending, result: HttpResult): void {
    if (pending.isDone) return;
    pending.isDone = true;
    pending.timer.cancel();
    this.#drop(pending.connection);
    pending.listener.done(result);
  }

  #drop(connection: HttpClientConnection | undefined): void {
    if (!connection) return;
    this.#forget(connection);
    connection.abort();
  }

  #forget(connection: HttpClientConnection): void {
    this.#connections.delete(connection);
    this.#idle = this.#idle.filter((idle) => {
      if (idle.connection === connection) idle.timer.cancel();
      return idle.connection !== connection;
    });
  }

  #takeIdle(to: Endpoint): HttpClientConnection | undefined {
    const index = this.#idle.findIndex(({ connection }) => isSame(connection.to, to));
    if (index < 0) return undefined;
    const [idle] = this.#idle.splice(index, 1);
    idle!.timer.cancel();
    this.counters.reused++;
    return idle!.connection;
  }

  #connect(to: Endpoint): HttpClientConnection | undefined {
    const [oldest] = this.#idle;
    if (this.#connections.size >= CONNECTIONS_MAX && oldest) this.#drop(oldest.connection);
    if (this.#connections.size >= CONNECTIONS_MAX) return undefined;
    try {
      const connection = new HttpClientConnection(this.#sockets, to, BODY_BYTES_MAX, (one, isReusable) => {
        this.#forget(one);
        if (!isReusable) return;
        this.#connections.add(one);
        const timer = this.#sockets.schedule(this.#sockets.now + IDLE_TIMEOUT, () => this.#drop(one));
        this.#idle.push({ connection: one, timer });
      });
      this.#connections.add(connection);
      this.counters.connections++;
      return connection;
    } catch (error) {
      if (error instanceof PortInUseError) return undefined;
      throw error;
    }
  }
}

function toPieces({ ask, place }: Pending): readonly Uint8Array[] {
  const { method = 'GET', fields = [], body } = ask;
  const own: HttpField[] = [{ name: 'Host', value: place.authority }];
  if (fieldOf(fields, 'user-agent') === undefined) own.push({ name: 'User-Agent', value: 'sluice' });
  const wantsLength = body !== undefined || method === 'POST' || method === 'PUT' || method === 'PATCH';
  if (wantsLength) own.push({ name: 'Content-Length', value: String(body?.length ?? 0) });
  const head = writeHead(`${method} ${place.target} HTTP/1.1`, [...own, ...fields]);
  return body ? [head, body] : [head];
}

function toAddress(result: ResolveResult): IpAddress | 'failed' | undefined {
  if (result.type === 'failed') return 'failed';
  return result.type === 'found' ? result.addresses[0] : undefined;
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port;
}
