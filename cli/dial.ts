/** The switches of an emulation dial their controllers, and standard error tells how that goes: a line for each thing that happens, none for each try. */
import type { ControlAddress } from '../sim/control-socket.ts';
import { ControllerDial } from '../sim/controller-dial.ts';
import type { EmulatedNetwork } from '../sim/network.ts';
import type { OpenflowAddress } from './address.ts';
import { EXIT } from './exit.ts';
import { Failure } from './failure.ts';
import type { SwitchWait } from './switch-wait.ts';
import { loadTlsFiles, type TlsOptions } from './tls-files.ts';

export interface DialOptions extends TlsOptions {
  readonly controller?: readonly OpenflowAddress[];
  /** Connections to each controller besides the main one. */
  readonly auxiliary: number;
}

/** To be called before anything else is done: what is wrong with the files is told first. */
export function prepareDial(options: DialOptions): DialPlan {
  const { controller = [], auxiliary } = options;
  const tls = loadTlsFiles(options);
  const secure = controller.find(({ isSecure }) => isSecure);
  if (secure && !tls) {
    const address = `ssl:${secure.host}:${secure.port}`;
    throw new Failure(EXIT.usage, `--controller ${address}: TLS is mutual; give --key, --cert and --ca, too`);
  }
  if (tls && !secure) {
    throw new Failure(EXIT.usage, '--key, --cert and --ca are for ssl: addresses, and there is none');
  }
  const addresses = controller.map(({ host, port, isSecure }) => ({ host, port, tls: isSecure ? tls : undefined }));
  return { addresses, auxiliaryCount: auxiliary };
}

export interface DialPlan {
  readonly addresses: readonly ControlAddress[];
  readonly auxiliaryCount: number;
}

/** Each switch dials each controller, until what this answers is called. */
export function dialControllers(
  network: EmulatedNetwork,
  enter: (work: () => void) => void,
  wait: SwitchWait,
  { addresses, auxiliaryCount }: DialPlan,
): () => void {
  const log = new DialLog();
  const dials = [...network.switches.values()].flatMap((actor) =>
    addresses.map((address) => {
      const target = `${address.host}:${address.port}`;
      const events = {
        connected: (auxiliaryId: number) => {
          if (auxiliaryId === 0) wait.connected(actor.name);
          log.connected(actor.name, target, auxiliaryId);
        },
        disconnected: (reason: string, retryMs: number, auxiliaryId: number) =>
          log.disconnected(actor.name, target, auxiliaryId, reason, retryMs),
      };
      return new ControllerDial(actor, address, enter, events, auxiliaryCount);
    }),
  );
  return () => {
    for (const dial of dials) dial.close();
  };
}

class DialLog {
  readonly #connected = new Set<string>();
  /** By controller: why it could not be reached, as has been told. */
  readonly #told = new Map<string, Set<string>>();

  connected(name: string, target: string, auxiliaryId: number): void {
    const connection = `${name} to ${describe(target, auxiliaryId)}`;
    this.#connected.add(connection);
    this.#told.delete(toKind(target, auxiliaryId));
    console.error(`${connection}: connected`);
  }

  disconnected(name: string, target: string, auxiliaryId: number, reason: string, retryMs: number): void {
    const connection = `${name} to ${describe(target, auxiliaryId)}`;
    if (auxiliaryId === 0) this.#forgetAuxiliaries(connection);
    if (this.#connected.delete(connection)) {
      console.error(`${connection}: ${reason}; trying again every ${retryMs} ms and more`);
      return;
    }
    // A controller that is not there is told of once, not with every try of every switch.
    const kind = toKind(target, auxiliaryId);
    const told = this.#told.get(kind) ?? new Set<string>();
    this.#told.set(kind, told);
    if (told.has(reason)) return;
    told.add(reason);
    console.error(`${kind}: ${reason}; trying again until that changes`);
  }

  /** They ended with their main connection, of which is told. */
  #forgetAuxiliaries(main: string): void {
    for (const name of this.#connected) if (name.startsWith(`${main} (`)) this.#connected.delete(name);
  }
}

function describe(target: string, auxiliaryId: number): string {
  return auxiliaryId === 0 ? target : `${target} (auxiliary ${auxiliaryId})`;
}

function toKind(target: string, auxiliaryId: number): string {
  return auxiliaryId === 0 ? target : `${target} (auxiliaries)`;
}
