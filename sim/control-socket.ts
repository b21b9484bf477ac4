/**
 * A control connection on a real socket: it dials a controller, over TCP or TLS, and dials again when the connection ends.
 *
 * The waits between tries are short and bounded, because people start a controller after its switches and look at them meanwhile. They grow
 * until a connection has been in use for a while, so that a controller which takes everybody in and throws them out again is not stormed.
 * What happens on a connection is `control-stream.ts`.
 *
 * TLS is mutual. The controller's certificate must lead to the given authority; the name in it is not looked at, because certificates in
 * this field are made per role and not per host: whoever keeps an authority of one's own for controllers (`ovs-pki`) says by it who is one.
 */
import { createConnection, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { ControlStream, type Enter, type StreamOwner } from './control-stream.ts';
import { explainDialFailure } from './dial-failure.ts';

/** PEM texts: the switch's private key, its certificate, and the authority that controllers are certified by. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

export interface ControlAddress {
  readonly host: string;
  readonly port: number;
  /** TLS is spoken if there is one. */
  readonly tls?: TlsIdentity | undefined;
}

export interface SocketOptions {
  /** How long a controller may leave unread what it was sent. */
  readonly stallMs?: number;
}

/** Whose connection it is. */
export interface SocketOwner extends StreamOwner {
  /** Told once per try that failed and once per connection that ended. */
  disconnected(reason: string, retryMs: number): void;
}

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;

/** A connection that was in use for so long was a good one, and the next try comes soon. */
const STEADY_MS = RETRY_MS_MAX;

/** As long as a handshake of OpenFlow is given, which follows. */
const SETUP_MS = 10_000;

/** As long as a controller is given to answer an echo request. */
const STALL_MS_DEFAULT = 10_000;

/** A thousand switches present the same certificate. */
const contexts = new WeakMap<TlsIdentity, SecureContext>();

function toContext(tls: TlsIdentity): SecureContext {
  const known = contexts.get(tls) ?? createSecureContext({ ...tls, minVersion: 'TLSv1.2' });
  contexts.set(tls, known);
  return known;
}

/** Keeps one connection until it is closed. */
export class ControlSocket {
  readonly #address: ControlAddress;
  readonly #owner: SocketOwner;
  readonly #enter: Enter;
  readonly #stallMs: number;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;
  #isClosed = false;

  constructor(address: ControlAddress, owner: SocketOwner, enter: Enter, { stallMs }: SocketOptions = {}) {
    this.#address = address;
    this.#owner = owner;
    this.#enter = enter;
    this.#stallMs = stallMs ?? STALL_MS_DEFAULT;
    this.#dial();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #connect(whenThere: () => void): Socket {
    const { host, port, tls } = this.#address;
    if (!tls) return createConnection({ host, port, noDelay: true }, whenThere);
    const secureContext = toContext(tls);
    return connect({ host, port, secureContext, checkServerIdentity: () => undefined }, whenThere);
  }

  #dial(): void {
    let stream: ControlStream | undefined;
    let failure: Error | undefined;
    const giveUp = () => socket.destroy(new Error(`no answer in ${SETUP_MS / 1000} s`));
    const socket = this.#connect(() => {
      socket.setTimeout(0, giveUp);
      stream = new ControlStream(socket, this.#owner, this.#enter, this.#stallMs);
      socket.on('close', () => this.#closed(failure, stream));
    });
    this.#socket = socket;
    socket.setTimeout(SETUP_MS, giveUp);
    // A secure one does not take it as an option.
    socket.once('connect', () => socket.setNoDelay(true));
    socket.on('error', (error) => {
      failure ??= error;
    });
    socket.on('close', () => {
      if (!stream) this.#closed(failure, stream);
    });
  }

  #closed(failure: Error | undefined, stream: ControlStream | undefined): void {
    if (this.#isClosed) return;
    const stage = { isSecure: this.#address.tls !== undefined, wasOpen: stream?.wasOpen === true };
    this.#retry(stream?.closeReason ?? explainDialFailure(failure, stage), stream?.openMs ?? 0);
  }

  #retry(reason: string, openMs: number): void {
    if (openMs >= STEADY_MS) this.#retryMs = RETRY_MS_MIN;
    this.#owner.disconnected(reason, this.#retryMs);
    this.#timer = setTimeout(() => this.#dial(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
  }
}
