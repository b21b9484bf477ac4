/**
 * The live feed on WebSockets: `/ws`, subprotocol `sluice.v1`, as protocol/api/feed.ts says.
 *
 * Numbers are the feed's, not the client's: every delta is written and encoded once for all, and a snapshot carries the number of the last delta
 * that it contains. The pace is the watch's; between ticks nothing is sent but the first words to who comes.
 */
import { type WebSocket, WebSocketServer } from 'ws';
import { FEED_PROTOCOL, type FeedMessage } from '../../protocol/api/feed.ts';
import { isFromHere } from '../loopback.ts';
import { type Changes, EVENTS_PER_TICK_MAX, type NetworkWatch } from '../network-watch.ts';
import { Subscriber } from './subscriber.ts';

type UpgradeArguments = Parameters<WebSocketServer['handleUpgrade']>;
type Request = UpgradeArguments[0];
type Stream = UpgradeArguments[1];

/** The part of an HTTP server that the feed needs. */
export interface UpgradeServer {
  address(): string | { readonly port: number } | null;
  on(event: 'upgrade', listener: (request: Request, socket: Stream, head: UpgradeArguments[2]) => void): unknown;
}

export interface FeedOptions {
  readonly clientsMax?: number;
  readonly bufferedBytesMax?: number;
  readonly pingIntervalMs?: number;
}

type Unnumbered<M> = M extends FeedMessage ? Omit<M, 'seq'> : never;
type Delta = Unnumbered<Extract<FeedMessage, { type: 'topology' | 'counters' | 'flows' | 'event' }>>;

interface Client {
  readonly socket: WebSocket;
  readonly subscriber: Subscriber;
  /** It answered since the last ping. */
  isAlive: boolean;
}

const PATH = '/ws';

/** Pages of one person; more are a mistake or an attack. */
const CLIENTS_MAX = 64;

/** Several snapshots of a large network. */
const BUFFERED_BYTES_MAX = 4 << 20;

/** A client that has not answered from one ping to the next is gone: half a minute at most. */
const PING_INTERVAL_MS = 15_000;

/** The feed goes one way: whatever a client says is too much. */
const PAYLOAD_BYTES_MAX = 1024;

/** RFC 6455: the server goes away. */
const GOING_AWAY = 1001;

export class Feed {
  readonly #watch: NetworkWatch;
  readonly #options: Required<FeedOptions>;
  readonly #server: WebSocketServer;
  readonly #clients = new Set<Client>();
  readonly #epoch = crypto.randomUUID();
  readonly #pinger: NodeJS.Timeout;
  /** While there are clients. */
  #unsubscribe: (() => void) | undefined;
  #seq = 0;

  constructor(watch: NetworkWatch, server: UpgradeServer, options: FeedOptions = {}) {
    this.#watch = watch;
    this.#options = {
      clientsMax: options.clientsMax ?? CLIENTS_MAX,
      bufferedBytesMax: options.bufferedBytesMax ?? BUFFERED_BYTES_MAX,
      pingIntervalMs: options.pingIntervalMs ?? PING_INTERVAL_MS,
    };
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: PAYLOAD_BYTES_MAX,
      perMessageDeflate: false,
      handleProtocols: (protocols) => (protocols.has(FEED_PROTOCOL) ? FEED_PROTOCOL : false),
    });
    this.#pinger = setInterval(() => this.#dropTheDead(), this.#options.pingIntervalMs).unref();
    server.on('upgrade', (request, socket, head) => {
      const refusal = this.#refuse(request, server.address());
      if (refusal === undefined) this.#server.handleUpgrade(request, socket, head, (client) => this.#join(client));
      else turnAway(socket, refusal);
    });
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  close(): void {
    clearInterval(this.#pinger);
    this.#unsubscribe?.();
    for (const { socket } of this.#clients) {
      socket.close(GOING_AWAY);
      socket.terminate();
    }
    this.#server.close();
  }

  /** The status line of a refusal; a socket that is refused is not worth a body. */
  #refuse({ url, headers }: Request, address: ReturnType<UpgradeServer['address']>): string | undefined {
    const port = typeof address === 'object' && address !== null ? address.port : undefined;
    if (url?.split('?', 1)[0] !== PATH) return '404 Not Found';
    if (!isFromHere({ host: headers.host, origin: headers.origin }, port)) return '403 Forbidden';
    const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!protocols.includes(FEED_PROTOCOL)) return '400 Bad Request';
    return this.#clients.size < this.#options.clientsMax ? undefined : '503 Service Unavailable';
  }

  #join(socket: WebSocket): void {
    const client: Client = {
      socket,
      subscriber: new Subscriber(socket, this.#options.bufferedBytesMax),
      isAlive: true,
    };
    socket.on('pong', () => {
      client.isAlive = true;
    });
    socket.on('close', () => this.#leave(client));
    // Its 'close' follows.
    socket.on('error', () => undefined);
    // What is not told yet is told to the others first, so that the snapshot, which contains it, is not followed by it.
    this.#unsubscribe ??= this.#watch.onTick((changes) => this.#tick(changes));
    this.#watch.tick();
    this.#clients.add(client);
    client.subscriber.sendHello({ type: 'hello', epoch: this.#epoch, seq: this.#seq });
    client.subscriber.sendSnapshot(this.#encodeSnapshot());
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  #tick({ topology, rates, dpids, events }: Changes): void {
    if (this.#clients.size === 0) return;
    if (events.length + dpids.length > EVENTS_PER_TICK_MAX) {
      this.#seq++;
      for (const { subscriber } of this.#clients) subscriber.fallBehind();
    } else {
      for (const event of events) this.#broadcast({ type: 'event', event });
      for (const dpid of dpids) this.#broadcast({ type: 'flows', dpid });
      if (topology) this.#broadcast({ type: 'topology', topology });
      if (rates.length > 0) this.#broadcast({ type: 'counters', links: [...rates] });
    }
    this.#catchUp();
  }

  #broadcast(delta: Delta): void {
    const text = JSON.stringify({ ...delta, seq: ++this.#seq } satisfies FeedMessage);
    for (const { subscriber } of this.#clients) subscriber.sendDelta(text);
  }

  /** Those that fell behind, and have read what they had. */
  #catchUp(): void {
    const late = [...this.#clients].filter(({ subscriber }) => subscriber.wantsSnapshot);
    if (late.length === 0) return;
    const text = this.#encodeSnapshot();
    for (const { subscriber } of late) subscriber.sendSnapshot(text);
  }

  #encodeSnapshot(): string {
    const snapshot: FeedMessage = {
      type: 'snapshot',
      seq: this.#seq,
      topology: this.#watch.topology(),
      events: this.#watch.events,
    };
    return JSON.stringify(snapshot);
  }

  #dropTheDead(): void {
    for (const client of this.#clients) {
      if (!client.isAlive) {
        client.socket.terminate();
        continue;
      }
      client.isAlive = false;
      client.socket.ping();
    }
  }
}

/**
 * Node has taken its own listeners off the socket by now: a reset would be an error that nobody hears, which ends the process. And a peer
 * that never closes its end would keep the socket.
 */
function turnAway(socket: Stream, status: string): void {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
