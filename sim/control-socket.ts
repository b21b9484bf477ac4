/**
 * A switch's control channel on a real socket: it dials its controller, and dials again when the connection ends.
 *
 * The waits between tries are short and bounded, because people start a controller after its switches and look at them meanwhile.
 */
import { createConnection, type Socket } from 'node:net';
import { openControlStream } from './control-stream.ts';
import type { SwitchActor } from './switch-actor.ts';

export interface ControlAddress {
  readonly host: string;
  readonly port: number;
}

export interface DialEvents {
  connected(): void;
  /** Told once per try that failed and once per connection that ended. */
  disconnected(reason: string, retryMs: number): void;
}

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;

/** As long as a controller is given to answer an echo request. */
const STALL_MS = 10_000;

/** Keeps one switch connected to one controller until it is closed. */
export class ControlSocket {
  readonly #actor: SwitchActor;
  readonly #address: ControlAddress;
  readonly #events: DialEvents;
  /** Brings the emulated network to the present moment before the switch is touched. */
  readonly #enter: (work: () => void) => void;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS_MIN;
  #isClosed = false;

  constructor(actor: SwitchActor, address: ControlAddress, enter: (work: () => void) => void, events: DialEvents) {
    this.#actor = actor;
    this.#address = address;
    this.#enter = enter;
    this.#events = events;
    this.#dial();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #dial(): void {
    const socket = createConnection({ ...this.#address, noDelay: true });
    this.#socket = socket;
    let failure = 'the controller hung up';
    socket.on('connect', () => {
      this.#retryMs = RETRY_MS_MIN;
      this.#events.connected();
      openControlStream(socket, this.#actor, this.#enter, { stallMs: STALL_MS });
    });
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', () => {
      if (this.#isClosed) return;
      this.#events.disconnected(failure, this.#retryMs);
      this.#timer = setTimeout(() => this.#dial(), this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX);
    });
  }
}
