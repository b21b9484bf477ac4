/**
 * Where switches dial in: a server over TCP or TLS, and nothing but the passing on of bytes. The one file of the controller that knows sockets.
 *
 * A switch that reads slowly is not given more than it takes: its outlet says when it has enough, and when it has drained. What ignores that costs a bounded
 * amount of memory, too: beyond it the socket is destroyed. One that was hung up on gets a moment to read why, then goes as well.
 *
 * TLS is mutual. A switch's certificate must lead to the given authority; the name in it is not looked at, since switches come from wherever they are.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, type TLSSocket } from 'node:tls';

/** What the controller may do to a connection. */
export interface SwitchOutlet {
  /** False: it has taken this, and is to be given no more until it has drained. */
  write(bytes: Uint8Array): boolean;
  hangUp(): void;
}

/** Where the bytes go. */
export interface SwitchEntrance {
  open(connection: string, outlet: SwitchOutlet): void;
  receive(connection: string, bytes: Uint8Array): void;
  drained(connection: string): void;
  closed(connection: string, detail: string): void;
  /** It was never opened. */
  turnedAway(connection: string, reason: string): void;
}

/** PEM texts: our private key, our certificate, and the authority that switches are certified by. */
export interface TlsServerIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** TLS is spoken if there is one. */
  readonly tls?: TlsServerIdentity | undefined;
  readonly unsentBytesMax?: number;
  readonly connectionsMax?: number;
}

/** A thousand switches that dial again at once after an outage find room. */
const BACKLOG = 1024;

/** More than what a fast link takes in a round trip; beyond, the rest waits where it is made. */
const ENOUGH_BYTES = 1 << 20;

/** For what is written in spite of that. */
const UNSENT_BYTES_MAX = 16 << 20;

const CONNECTIONS_MAX = 4096;

/** For the peer to read the last error. */
const LINGER_MS = 2000;

/** As long as OpenFlow's own, which follows. */
const TLS_HANDSHAKE_MS = 10_000;

/** More than this is worth a write of its own. */
const HELD_BYTES_MAX = 1 << 16;

export class SwitchListener {
  readonly #server: Server;
  readonly #scheme: 'tcp' | 'ssl';
  readonly #entrance: SwitchEntrance;
  readonly #unsentBytesMax: number;
  readonly #sockets = new Set<Socket>();
  #opened = 0;

  private constructor(entrance: SwitchEntrance, { tls, unsentBytesMax, connectionsMax }: ListenerOptions) {
    this.#entrance = entrance;
    this.#unsentBytesMax = unsentBytesMax ?? UNSENT_BYTES_MAX;
    this.#scheme = tls ? 'ssl' : 'tcp';
    this.#server = tls ? this.#createSecure(tls) : createServer({ noDelay: true }, (socket) => this.#accept(socket));
    const most = connectionsMax ?? CONNECTIONS_MAX;
    this.#server.maxConnections = most;
    this.#server.on('drop', (peer) => {
      const name = this.#nameOf(peer?.remoteAddress, peer?.remotePort);
      entrance.turnedAway(name, `there are ${most} connections already`);
    });
  }

  /** Rejects when the address cannot be had, with Node's own error (`EADDRINUSE`, …). */
  static async listen(entrance: SwitchEntrance, options: ListenerOptions): Promise<SwitchListener> {
    const listener = new SwitchListener(entrance, options);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, () => {
        listener.#server.off('error', reject);
        resolve();
      });
    });
    return listener;
  }

  /** As ovs-vsctl wants it for set-controller: `tcp:127.0.0.1:6653`. */
  get address(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) return '';
    return `${this.#scheme}:${formatHost(address.address)}:${address.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #createSecure(tls: TlsServerIdentity): Server {
    const options = {
      ...tls,
      minVersion: 'TLSv1.2',
      requestCert: true,
      // Looked at below: Node would hang up before it can be asked whose certificate it was.
      rejectUnauthorized: false,
      handshakeTimeout: TLS_HANDSHAKE_MS,
      noDelay: true,
    } as const;
    const server = createSecureServer(options, (socket) => {
      if (socket.authorized) {
        this.#accept(socket);
        return;
      }
      this.#entrance.turnedAway(this.#nameOf(socket.remoteAddress, socket.remotePort), explainMistrust(socket));
      socket.on('error', () => undefined);
      socket.destroy();
    });
    // Those that have not shaken hands are connections, too, when the server closes.
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', (error, socket) => {
      const code = 'code' in error ? error.code : error.message;
      this.#entrance.turnedAway(this.#nameOf(socket.remoteAddress, socket.remotePort), `no TLS handshake (${code})`);
    });
    return server;
  }

  /** The count makes the name unique: an address may come again before its last connection is forgotten. */
  #nameOf(address = '?', port = 0): string {
    return `${this.#scheme}:${formatHost(address)}:${port}#${++this.#opened}`;
  }

  #accept(socket: Socket): void {
    const name = this.#nameOf(socket.remoteAddress, socket.remotePort);
    let failure = '';
    let isHungUp = false;
    let isFull = false;
    let linger: NodeJS.Timeout | undefined;
    this.#sockets.add(socket);
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', () => {
      clearTimeout(linger);
      this.#sockets.delete(socket);
      this.#entrance.closed(name, failure);
    });
    socket.on('data', (bytes) => {
      if (!isHungUp) this.#entrance.receive(name, bytes);
    });
    socket.on('drain', () => {
      if (!isFull || isHungUp) return;
      isFull = false;
      this.#entrance.drained(name);
    });
    const write = this.#scheme === 'ssl' ? toHeldWrite(socket) : (bytes: Uint8Array) => void socket.write(bytes);
    this.#entrance.open(name, {
      write: (bytes) => {
        if (socket.destroyed) return true;
        write(bytes);
        if (socket.writableLength > this.#unsentBytesMax) {
          socket.destroy(new Error(`the switch does not read: ${socket.writableLength} bytes are waiting`));
        }
        isFull = socket.writableLength >= ENOUGH_BYTES;
        return !isFull;
      },
      hangUp: () => {
        isHungUp = true;
        socket.end();
        linger = setTimeout(() => socket.destroy(), LINGER_MS);
      },
    });
  }
}

/** One write for all that a turn of the event loop leads to: TLS breaks what is read in one piece into records, each an event of its own. */
function toHeldWrite(socket: Socket): (bytes: Uint8Array) => void {
  let isHeld = false;
  const letGo = () => {
    if (!isHeld) return;
    isHeld = false;
    socket.uncork();
  };
  return (bytes) => {
    if (!isHeld) {
      isHeld = true;
      socket.cork();
      setImmediate(letGo);
    }
    socket.write(bytes);
    if (socket.writableLength >= HELD_BYTES_MAX) letGo();
  };
}

/** With the name in the certificate, if there was one: it is how people find the switch. */
function explainMistrust(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate();
  const name = subject?.CN === undefined ? '' : ` of "${[subject.CN].flat().join(', ')}"`;
  return `the certificate${name} is not accepted (${socket.authorizationError})`;
}

function formatHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
