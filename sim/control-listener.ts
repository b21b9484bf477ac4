/**
 * A switch's passive control channel: the switch listens, and programs like ovs-ofctl dial it to see and change what it has.
 *
 * Each connection is a controller of equal role, as the specification knows no other, but an administrator's: it is never asked for signs
 * of life, and the switch does not count as controlled because of it. They have a bound per switch; whoever comes beyond it is turned away.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { formatHostAndPort } from '../protocol/wire/address.ts';
import type { ControlAddress, TlsIdentity } from './control-socket.ts';
import { ControlStream, type Enter } from './control-stream.ts';
import type { ControlTransport, SwitchActor } from './switch-actor.ts';

export interface ControlListenerOptions {
  /** Who we are, and who may vouch for those that dial. */
  readonly tls?: TlsIdentity | undefined;
  readonly connectionsMax?: number;
  readonly stallMs?: number;
}

const CONNECTIONS_MAX = 64;

/** Somebody pages through a table: longer than that nobody looks at one page. */
const STALL_MS = 300_000;

/** After so long without a word, the kernel asks whether the other computer is still there. */
const KEEP_ALIVE_MS = 60_000;

export class ControlListener {
  readonly #server: Server;
  readonly #scheme: 'ptcp' | 'pssl';
  readonly #actor: SwitchActor;
  readonly #enter: Enter;
  readonly #stallMs: number;
  readonly #sockets = new Set<Socket>();

  private constructor(actor: SwitchActor, enter: Enter, options: ControlListenerOptions) {
    const { tls, connectionsMax = CONNECTIONS_MAX, stallMs = STALL_MS } = options;
    this.#actor = actor;
    this.#enter = enter;
    this.#stallMs = stallMs;
    this.#scheme = tls ? 'pssl' : 'ptcp';
    const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    this.#server = tls
      ? createTlsServer({ ...tls, ...socketOptions, requestCert: true, rejectUnauthorized: true })
      : createServer(socketOptions);
    this.#server.maxConnections = connectionsMax;
    // Of an encrypted one nothing is believed before its certificate is.
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => this.#accept(socket));
    if (tls) this.#server.on('connection', (socket: Socket) => this.#keep(socket));
  }

  /** Rejects when the address cannot be had, with Node's own error (`EADDRINUSE`, …). */
  static async listen(
    actor: SwitchActor,
    { host, port }: ControlAddress,
    enter: Enter,
    options: ControlListenerOptions = {},
  ): Promise<ControlListener> {
    const listener = new ControlListener(actor, enter, options);
    const server = listener.#server;
    await new Promise<void>((resolve, reject) => {
      // It stays: whoever cannot be taken later, for want of descriptors, is not taken.
      server.on('error', reject);
      server.listen({ host, port }, resolve);
    });
    return listener;
  }

  /** Of the switch that listens. */
  get name(): string {
    return this.#actor.name;
  }

  /** `ptcp:127.0.0.1:6653`. */
  get address(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) return '';
    return `${this.#scheme}:${formatHostAndPort({ host: address.address, port: address.port })}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #accept(socket: Socket): void {
    this.#keep(socket);
    const open = (transport: ControlTransport) => this.#actor.openChannel(transport, { isPassive: true });
    new ControlStream(socket, { open }, this.#enter, this.#stallMs);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // Whoever goes away without a word is gone all the same.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
