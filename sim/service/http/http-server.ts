/** An HTTP/1.1 server on a machine: its connections, of which there are so many at most, and what it counted. */
import type { Sockets, Stream, StreamListener, StreamServer } from '../../stack/socket.ts';
import { HttpConnection, type HttpConnectionOwner } from './http-connection.ts';
import type { HttpResponse } from './http-response.ts';
import { answerRequest, type HttpRequest, type HttpRoute } from './http-router.ts';

export interface HttpServerOptions {
  /** 80 without it. */
  readonly port?: number;
  /** Of a request. One MiB without it, as nginx. */
  readonly bodyBytesMax?: number;
  readonly connectionsMax?: number;
}

const PORT_DEFAULT = 80;
const BODY_BYTES_MAX_DEFAULT = 1 << 20;
const CONNECTIONS_MAX_DEFAULT = 1024;

export class HttpServer implements HttpConnectionOwner {
  readonly counters = { connections: 0, refused: 0, requests: 0, faulty: 0, bodyBytesSent: 0 };
  readonly bodyBytesMax: number;
  readonly #sockets: Sockets;
  readonly #routes: readonly HttpRoute[];
  readonly #connectionsMax: number;
  readonly #server: StreamServer;
  readonly #connections = new Set<HttpConnection>();

  constructor(sockets: Sockets, routes: readonly HttpRoute[], options: HttpServerOptions = {}) {
    this.#sockets = sockets;
    this.#routes = routes;
    this.bodyBytesMax = options.bodyBytesMax ?? BODY_BYTES_MAX_DEFAULT;
    this.#connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT;
    this.#server = sockets.listenTcp(options.port ?? PORT_DEFAULT, (stream) => this.#accept(stream));
  }

  get port(): number {
    return this.#server.localPort;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  close(): void {
    this.#server.close();
    for (const connection of [...this.#connections]) connection.abort();
  }

  answer(request: HttpRequest): HttpResponse {
    this.counters.requests++;
    return answerRequest(this.#routes, request);
  }

  faulty(): void {
    this.counters.faulty++;
  }

  sent(bytes: number): void {
    this.counters.bodyBytesSent += bytes;
  }

  closed(connection: HttpConnection): void {
    this.#connections.delete(connection);
  }

  #accept(stream: Stream): StreamListener {
    if (this.#connections.size >= this.#connectionsMax) {
      this.counters.refused++;
      stream.abort();
      return { received: () => undefined, closed: () => undefined };
    }
    this.counters.connections++;
    const connection = new HttpConnection(this.#sockets, stream, this);
    this.#connections.add(connection);
    return connection;
  }
}
