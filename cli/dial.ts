/** The switches of an emulation dial their controllers, and standard error tells how that goes: a line for each thing that happens, none for each try. */
import { formatHostAndPort } from '../protocol/wire/address.ts';
import { ControllerDial } from '../sim/controller-dial.ts';
import type { EmulatedNetwork } from '../sim/network.ts';
import type { ChannelPlan } from './channel-plan.ts';
import type { SwitchWait } from './switch-wait.ts';

/** Each switch dials each controller, until what this answers is called. */
export function dialControllers(
  network: EmulatedNetwork,
  enter: (work: () => void) => void,
  wait: SwitchWait,
  { dialled, auxiliaryCount }: ChannelPlan,
): () => void {
  const log = new DialLog();
  const dials = [...network.switches.values()].flatMap((actor) =>
    dialled.map((address) => {
      const target = formatHostAndPort(address);
      const events = {
        connected: (auxiliaryId: number) => {
          if (auxiliaryId === 0) wait.connected(actor.name);
          log.connected(actor.name, target, auxiliaryId);
        },
        disconnected: (reason: string, retryMs: number, auxiliaryId: number) =>
          log.disconnected(actor.name, target, auxiliaryId, reason, retryMs),
      };
      return new ControllerDial(actor, address, enter, events, { auxiliaryCount });
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
