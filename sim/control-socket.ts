/**
 * A control connection on a real socket: it dials a controller, over TCP or TLS, and dials again when the connection ends.
 *
 * The waits between tries are short and bounded, because people start a controller after its switches and look at them meanwhile. They grow
 * until a connection has been in use for a while, so that a controller which takes everybody in and throws them out again is not stormed.
 * Writes are held back until everything that this turn of the event loop has brought is dealt with: one write per readable event, and also where
 * TLS breaks what was read in one piece into records. A controller that does not read is given up on.
 *
 * TLS is mutual. The controller's certificate must lead to the given authority; the name in it is not looked at, because certificates in
 * this field are made per role and not per host: whoever keeps an authority of one's own for controllers (`ovs-pki`) says by it who is one.
 */
import { createConnection, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { explainDialFailure } from './dial-failure.ts';
import type { ControlInput, ControlTransport } from './switch-actor.ts';

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

/** Whose connection it is. */
export interface SocketOwner {
  /** The transport is there, and the switch may speak. */
  open(transport: ControlTransport): ControlInput;
  /** Controller and switch have exchanged hellos. */
  opened(): void;
  /** The switch wants no more, or there is no more transport. Told once for each `open`. */
  ended(): void;
  /** Told once per try that failed and once per connection that ended. */
  disconnected(reason: string, retryMs: number): void;
}

/** Brings the emulated network to the present moment before the switch is touched. */
export type Enter = (work: () => void) => void;

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;

/** A connection that was in use for so long was a good one, and the next try comes soon. */
const STEADY_MS = RETRY_MS_MAX;

/** As long as a handshake of OpenFlow is given, which follows. */
const SETUP_MS = 10_000;

/** For the controller to read the last error. */
const LINGER_MS = 1_000;

/** Some ten thousand packet-ins of a controller that does not read. */
const UNSENT_BYTES_MAX = 4 << 20;

/** More than this is worth a write of its own. */
const HELD_BYTES_MAX = 1 << 16;

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
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;
  #isClosed = false;

  constructor(address: ControlAddress, owner: SocketOwner, enter: Enter) {
    this.#address = address;
    this.#owner = owner;
    this.#enter = enter;
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
    let channel: OpenSocket | undefined;
    let failure: Error | undefined;
    const socket = this.#connect(() => {
      socket.setTimeout(0);
      channel = new OpenSocket(socket, this.#owner, this.#enter);
    });
    this.#socket = socket;
    socket.setTimeout(SETUP_MS, () => socket.destroy(new Error(`no answer in ${SETUP_MS / 1000} s`)));
    // A secure one does not take it as an option.
    socket.once('connect', () => socket.setNoDelay(true));
    socket.on('error', (error) => {
      failure ??= error;
    });
    socket.on('close', () => {
      channel?.closed();
      if (this.#isClosed) return;
      const stage = { isSecure: this.#address.tls !== undefined, wasOpen: channel?.wasOpen === true };
      this.#retry(channel?.closeReason ?? explainDialFailure(failure, stage), channel?.openMs ?? 0);
    });
  }

  #retry(reason: string, openMs: number): void {
    if (openMs >= STEADY_MS) this.#retryMs = RETRY_MS_MIN;
    this.#owner.disconnected(reason, this.#retryMs);
    this.#timer = setTimeout(() => this.#dial(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
  }
}

/** A socket that is there, between the switch and the network. */
class OpenSocket implements ControlTransport {
  readonly #socket: Socket;
  readonly #owner: SocketOwner;
  readonly #enter: Enter;
  #input: ControlInput | undefined;
  #openedAt: number | undefined;
  #linger: NodeJS.Timeout | undefined;
  #isHeldBack = false;
  #hasEnded = false;
  /** Why the switch wanted no more, if it was the switch. */
  closeReason: string | undefined;

  constructor(socket: Socket, owner: SocketOwner, enter: Enter) {
    this.#socket = socket;
    this.#owner = owner;
    this.#enter = enter;
    enter(() => {
      this.#input = owner.open(this);
    });
    socket.on('data', (bytes) => enter(() => this.#input?.received(bytes)));
  }

  get wasOpen(): boolean {
    return this.#openedAt !== undefined;
  }

  get openMs(): number {
    return this.#openedAt === undefined ? 0 : performance.now() - this.#openedAt;
  }

  opened(): void {
    this.#openedAt = performance.now();
    this.#owner.opened();
  }

  write(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    if (socket.writableLength > UNSENT_BYTES_MAX) {
      socket.destroy(new Error('the controller does not read'));
      return;
    }
    if (!this.#isHeldBack) this.#holdBack();
    socket.write(bytes);
    if (this.#isHeldBack && socket.writableLength >= HELD_BYTES_MAX) this.#letGo();
  }

  #holdBack(): void {
    this.#isHeldBack = true;
    this.#socket.cork();
    setImmediate(() => this.#letGo());
  }

  #letGo(): void {
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    this.#socket.uncork();
  }

  /** The peer may have gone without a word, or never end its side. */
  close(reason: string): void {
    this.closeReason = reason;
    this.#socket.end();
    this.#linger = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#end();
  }

  closed(): void {
    clearTimeout(this.#linger);
    this.#end();
    this.#enter(() => this.#input?.closed());
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#owner.ended();
  }
}
