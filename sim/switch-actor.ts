/**
 * A switch in the world: its ports at the ends of cables, its deadlines on the clock, its control channels on pipes or sockets.
 *
 * The switch itself is vswitch/, which knows none of these. Whatever touches it is followed by the same two things: what its
 * connections have to say is written, in one piece each if it is not long, and the alarm is set to what it waits for next. A frame that went
 * through, as nearly all do, leads to neither, and finding that out costs next to nothing.
 */
import type { ConnectOptions, ControlConnection } from '../vswitch/connection.ts';
import { Switch, type SwitchConfig } from '../vswitch/switch.ts';
import type { CableEnd } from './cable.ts';
import type { Alarm, Clock } from './clock.ts';

/** Where a switch writes to its controller: an end of a pipe, or a socket. */
export interface ControlTransport {
  write(bytes: Uint8Array): void;
  /** The switch wants no more, in words. */
  close(reason: string): void;
  /** The handshake is done; told once. */
  opened?(): void;
  /** What more there is to say waits in the switch until `drained`; of a pipe never. */
  readonly isFull?: boolean;
}

/** What the transport tells the switch. */
export interface ControlInput {
  received(bytes: Uint8Array): void;
  /** It is full no longer. */
  drained(): void;
  closed(): void;
}

/** What the transport of a main connection tells the switch. */
export interface MainControlInput extends ControlInput {
  /** One more connection to the same controller; the main one must be open. The id is 1 to 255, and not in use. */
  openAuxiliary(transport: ControlTransport, auxiliaryId: number): ControlInput;
}

const LOW_PORTS = 64;

export class SwitchActor {
  readonly name: string;
  readonly config: SwitchConfig;
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #switch: Switch;
  /** By port number, the low ones, which most are, without hashing. */
  readonly #lowCables: (((frame: Uint8Array) => void) | undefined)[] = [];
  readonly #cables = new Map<number, (frame: Uint8Array) => void>();
  readonly #channels = new Map<ControlConnection, ControlTransport>();
  /** Those of `#channels`, for who has no time to ask a map. */
  #connections: readonly ControlConnection[] = [];
  /** A connection has something to say that has not been asked for it since. */
  #hasOutput = false;

  constructor(clock: Clock, config: SwitchConfig) {
    this.name = config.name;
    this.config = config;
    this.#clock = clock;
    this.#alarm = clock.createAlarm(clock.createActor(`switch ${config.name}`), () => {
      this.#switch.poll(clock.now);
      this.#settle();
    });
    this.#switch = new Switch(config, {
      transmit: (portNo, frame) => {
        const send = portNo < this.#lowCables.length ? this.#lowCables[portNo] : this.#cables.get(portNo);
        if (send !== undefined) send(frame.freeze());
      },
      onOutput: () => {
        this.#hasOutput = true;
      },
    });
    // Its ports are there from now on, whenever the first thing happens to them.
    this.#switch.poll(clock.now);
  }

  /** The end of a cable at a port; `send` puts a frame on that cable. */
  plug(portNo: number, send: (frame: Uint8Array) => void): CableEnd {
    this.#cables.set(portNo, send);
    if (portNo < LOW_PORTS) {
      while (this.#lowCables.length <= portNo) this.#lowCables.push(this.#cables.get(this.#lowCables.length));
      this.#lowCables[portNo] = send;
    }
    return {
      name: `${this.name}:${portNo}`,
      receiveFrame: (frame) => {
        this.#switch.receiveFrame(portNo, frame, this.#clock.now);
        if (this.#hasOutput || this.#hasClosed()) this.#settle();
        else this.#setAlarm();
      },
      linkChanged: (isUp) => {
        this.#switch.setLinkUp(portNo, isUp, this.#clock.now);
        this.#settle();
      },
    };
  }

  /** A control channel to one controller; the hello goes out at once. */
  openChannel(transport: ControlTransport, options?: ConnectOptions): MainControlInput {
    const main = this.#switch.connect(this.#clock.now, options);
    return {
      ...this.#attach(main, transport),
      openAuxiliary: (other, auxiliaryId) =>
        this.#attach(this.#switch.connectAuxiliary(main, auxiliaryId, this.#clock.now), other),
    };
  }

  #attach(connection: ControlConnection, transport: ControlTransport): ControlInput {
    this.#channels.set(connection, transport);
    this.#connections = [...this.#channels.keys()];
    this.#settle();
    return {
      received: (bytes) => {
        const wasOpen = connection.isOpen;
        connection.receive(bytes, this.#clock.now);
        this.#settle();
        if (!wasOpen && connection.isOpen) transport.opened?.();
      },
      drained: () => {
        connection.drained(this.#clock.now);
        this.#settle();
      },
      closed: () => {
        this.#forget(connection);
        connection.close(this.#clock.now);
        this.#settle();
      },
    };
  }

  /** A piece of each channel that has room for it; whether there was any. */
  #writeOut(): boolean {
    let hasWritten = false;
    this.#hasOutput = false;
    for (const [connection, transport] of [...this.#channels]) {
      const bytes = transport.isFull === true && !connection.isClosed ? undefined : connection.takeOutgoing();
      if (bytes) {
        transport.write(bytes);
        hasWritten = true;
      }
      if (!connection.isClosed) continue;
      this.#forget(connection);
      transport.close(connection.closeReason);
    }
    return hasWritten;
  }

  #forget(connection: ControlConnection): void {
    this.#channels.delete(connection);
    this.#connections = [...this.#channels.keys()];
  }

  #hasClosed(): boolean {
    for (let i = 0; i < this.#connections.length; i++) if (this.#connections[i]!.isClosed) return true;
    return false;
  }

  #settle(): void {
    // What one has waited with may lead to something that others are told.
    while (this.#writeOut());
    this.#setAlarm();
  }

  #setAlarm(): void {
    const dueAt = this.#switch.pollAt();
    if (dueAt === undefined) this.#alarm.cancel();
    else {
      const at = Math.max(dueAt, this.#clock.now);
      if (this.#alarm.at !== at) this.#alarm.set(at);
    }
  }
}
