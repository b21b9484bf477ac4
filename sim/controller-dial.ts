/**
 * A switch and one of its controllers, over sockets: the main connection, and any auxiliaries, which are dialled when the main one has shaken hands and
 * closed the moment it ends (OpenFlow 1.3.5, section 6.3, Auxiliary Connections).
 */
import { type ControlAddress, ControlSocket, type SocketOptions, type SocketOwner } from './control-socket.ts';
import type { Enter } from './control-stream.ts';
import type { MainControlInput, SwitchActor } from './switch-actor.ts';

export interface DialEvents {
  /** Hellos have been exchanged. The main connection has the auxiliary id 0. */
  connected(auxiliaryId: number): void;
  /** Told once per try that failed and once per connection that ended. */
  disconnected(reason: string, retryMs: number, auxiliaryId: number): void;
}

export interface DialOptions extends SocketOptions {
  /** Connections besides the main one. */
  readonly auxiliaryCount?: number;
}

/** Keeps one switch connected to one controller until it is closed. */
export class ControllerDial {
  readonly #actor: SwitchActor;
  readonly #address: ControlAddress;
  readonly #enter: Enter;
  readonly #events: DialEvents;
  readonly #options: DialOptions;
  readonly #main: ControlSocket;
  #auxiliaries: readonly ControlSocket[] = [];

  constructor(
    actor: SwitchActor,
    address: ControlAddress,
    enter: Enter,
    events: DialEvents,
    options: DialOptions = {},
  ) {
    this.#actor = actor;
    this.#address = address;
    this.#enter = enter;
    this.#events = events;
    this.#options = options;
    this.#main = this.#dialMain();
  }

  close(): void {
    this.#main.close();
    this.#closeAuxiliaries();
  }

  #dialMain(): ControlSocket {
    let input: MainControlInput | undefined;
    const owner: SocketOwner = {
      open: (transport) => {
        input = this.#actor.openChannel(transport);
        return input;
      },
      opened: () => {
        this.#events.connected(0);
        this.#dialAuxiliaries(input!);
      },
      ended: () => this.#closeAuxiliaries(),
      disconnected: (reason, retryMs) => this.#events.disconnected(reason, retryMs, 0),
    };
    return new ControlSocket(this.#address, owner, this.#enter, this.#options);
  }

  #dialAuxiliaries(main: MainControlInput): void {
    const ids = Array.from({ length: this.#options.auxiliaryCount ?? 0 }, (_, index) => index + 1);
    this.#auxiliaries = ids.map((id) => {
      const owner: SocketOwner = {
        open: (transport) => main.openAuxiliary(transport, id),
        opened: () => this.#events.connected(id),
        ended: () => undefined,
        disconnected: (reason, retryMs) => this.#events.disconnected(reason, retryMs, id),
      };
      return new ControlSocket(this.#address, owner, this.#enter, this.#options);
    });
  }

  #closeAuxiliaries(): void {
    for (const socket of this.#auxiliaries) socket.close();
    this.#auxiliaries = [];
  }
}
