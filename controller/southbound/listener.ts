/**
 * Where switches dial in: a TCP server, and nothing but the passing on of bytes. The one file of the controller that knows sockets.
 *
 * A switch that does not read costs a bounded amount of memory: beyond that its socket is destroyed. One that was hung up on gets a moment to
 * read why, then goes as well.
 */
import { createServer, type Server, type Socket } from 'node:net';

/** What the controller may do to a connection. */
export interface SwitchOutlet {
  write(bytes: Uint8Array): void;
  hangUp(): void;
}

/** Where the bytes go. */
export interface SwitchEntrance {
  open(connection: string, outlet: SwitchOutlet): void;
  receive(connection: string, bytes: Uint8Array): void;
  closed(connection: string, detail: string): void;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly unsentBytesMax?: number;
  readonly connectionsMax?: number;
}

/** A thousand switches that dial again at once after an outage find room. */
const BACKLOG = 1024;

/** Some hundred thousand rules on their way. */
const UNSENT_BYTES_MAX = 16 << 20;

const CONNECTIONS_MAX = 4096;

/** For the peer to read the last error. */
const LINGER_MS = 2000;

export class SwitchListener {
  readonly #server: Server;
  readonly #entrance: SwitchEntrance;
  readonly #unsentBytesMax: number;
  readonly #sockets = new Set<Socket>();
  #opened = 0;

  private constructor(entrance: SwitchEntrance, { unsentBytesMax, connectionsMax }: ListenerOptions) {
    this.#entrance = entrance;
    this.#unsentBytesMax = unsentBytesMax ?? UNSENT_BYTES_MAX;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server.maxConnections = connectionsMax ?? CONNECTIONS_MAX;
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
    return `tcp:${formatHost(address.address)}:${address.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #accept(socket: Socket): void {
    // The count makes the name unique: an address may come again before its last connection is forgotten.
    const name = `tcp:${formatHost(socket.remoteAddress ?? '')}:${socket.remotePort}#${++this.#opened}`;
    let failure = '';
    let isHungUp = false;
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
    this.#entrance.open(name, {
      write: (bytes) => {
        if (socket.destroyed) return;
        socket.write(bytes);
        if (socket.writableLength > this.#unsentBytesMax) {
          socket.destroy(new Error(`the switch does not read: ${socket.writableLength} bytes are waiting`));
        }
      },
      hangUp: () => {
        isHungUp = true;
        socket.end();
        linger = setTimeout(() => socket.destroy(), LINGER_MS);
      },
    });
  }
}

function formatHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
