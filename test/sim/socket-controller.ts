/**
 * A controller on a real socket, for tests: it takes in connections, over TCP or TLS, shakes hands by the wire's own session in the other
 * role, and keeps what it is told on each.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'vitest';
import { errorName } from '../../protocol/wire/openflow/error.ts';
import { type Message, type MessageOf, type MessageType, toBytes } from '../../protocol/wire/openflow/message.ts';
import { Session } from '../../protocol/wire/openflow/session.ts';
import type { TlsIdentity } from '../../sim/control-socket.ts';

/** For what should be so at once, on a machine that others keep busy. */
export const SOON = { timeout: 15_000, interval: 10 };

export class SwitchConnection {
  readonly socket: Socket;
  readonly #session: Session;
  readonly inbox: Message[] = [];
  isOpen = false;
  isClosed = false;
  auxiliaryId = -1;
  /** Pieces in which bytes came; of TLS, records. */
  pieces = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    this.#session = new Session({
      role: 'controller',
      now: 0,
      echoIntervalNs: Number.POSITIVE_INFINITY,
      events: {
        ready: ({ features }) => {
          this.isOpen = true;
          this.auxiliaryId = features!.auxiliaryId;
        },
        message: (message) => this.inbox.push(structuredClone(message)),
        closed: () => undefined,
      },
    });
    socket.setNoDelay();
    socket.on('data', (bytes) => {
      this.pieces++;
      this.#session.receive(bytes, 0);
      this.#drain();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isOpen = false;
      this.isClosed = true;
    });
    this.#drain();
  }

  /** All in one write. */
  send(...messages: readonly Message[]): void {
    this.socket.write(Buffer.concat(messages.map(toBytes)));
  }

  /** The first message of a type that has come or comes soon; it is taken out of the inbox. */
  async next<T extends MessageType>(type: T): Promise<MessageOf<T>> {
    const find = () => this.inbox.findIndex((message) => message.type === type);
    await expect.poll(find, { ...SOON, message: `a ${type} comes` }).toBeGreaterThanOrEqual(0);
    return this.inbox.splice(find(), 1)[0] as MessageOf<T>;
  }

  /** What came back before the answer to a barrier: the name of an error, if one did. */
  async ask(message: Message): Promise<string | undefined> {
    this.send(message, { type: 'barrierRequest', xid: 0xbeef });
    await this.next('barrierReply');
    const index = this.inbox.findIndex(({ type }) => type === 'error');
    if (index < 0) return undefined;
    const [error] = this.inbox.splice(index, 1) as MessageOf<'error'>[];
    return errorName(error!.errorType, error!.code);
  }

  #drain(): void {
    const output = this.#session.takeOutput();
    if (output && !this.socket.destroyed) this.socket.write(output);
  }
}

export interface SocketControllerOptions {
  /** 0 for any that is free. */
  readonly port?: number;
  /** TLS is spoken if there is one; a switch has to show a certificate. */
  readonly tls?: TlsIdentity | undefined;
  /** In the place of a session. */
  readonly serve?: (socket: Socket) => void;
}

export class SocketController {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #tls: TlsIdentity | undefined;
  /** In the order in which they came; those that ended too. */
  readonly connections: SwitchConnection[] = [];
  /** How often somebody came as far as TCP. */
  tries = 0;
  /** Also when it listens no longer. */
  port = 0;

  private constructor({ tls, serve }: SocketControllerOptions) {
    this.#tls = tls;
    const take = (socket: Socket) => {
      if (serve) serve(socket);
      else this.connections.push(new SwitchConnection(socket));
    };
    this.#server = tls
      ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, take)
      : createServer(take);
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('connection', (socket: Socket) => {
      this.tries++;
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async listen(options: SocketControllerOptions = {}): Promise<SocketController> {
    const controller = new SocketController(options);
    await new Promise<void>((resolve) => {
      controller.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    controller.port = (controller.#server.address() as { readonly port: number }).port;
    return controller;
  }

  /** As the command line takes it. */
  get target(): string {
    return `${this.#tls ? 'ssl' : 'tcp'}:127.0.0.1:${this.port}`;
  }

  get open(): readonly SwitchConnection[] {
    return this.connections.filter(({ isOpen }) => isOpen);
  }

  /** The connections that have shaken hands, by auxiliary id, when there are so many. */
  async untilOpen(count: number): Promise<readonly SwitchConnection[]> {
    await expect.poll(() => this.open.length, SOON).toBe(count);
    return [...this.open].sort((a, b) => a.auxiliaryId - b.auxiliaryId);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
