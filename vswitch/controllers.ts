/**
 * OpenFlow 1.3.5, sections 6.3.6 and 7.3.9: the controllers of a switch together: one master at most, and who hears what.
 */
import type { Message } from '../protocol/wire/openflow/message.ts';
import { ROLE } from '../protocol/wire/openflow/role.ts';
import type { AsyncKind } from './async-config.ts';
import type { Connection } from './connection.ts';
import { refuse } from './refusal.ts';

/** What the reply says before any master or slave has named an election. */
const NO_GENERATION = 0xffff_ffff_ffff_ffffn;

export class Controllers {
  readonly #connections: Connection[] = [];
  #generationId: bigint | undefined;

  get connections(): readonly Connection[] {
    return this.#connections;
  }

  get generationId(): bigint {
    return this.#generationId ?? NO_GENERATION;
  }

  /** Whether the switch is under control: who dialled it comes and goes. */
  get hasOpen(): boolean {
    return this.#connections.some((connection) => connection.isOpen && !connection.isPassive);
  }

  add(connection: Connection): void {
    this.#connections.push(connection);
  }

  remove(connection: Connection): void {
    const index = this.#connections.indexOf(connection);
    if (index >= 0) this.#connections.splice(index, 1);
  }

  /** Generation ids wrap around: an older one is one that is less than half the circle behind (section 6.3.7). */
  setRole(connection: Connection, role: number, generationId: bigint): void {
    if (role === ROLE.noChange) return;
    if (role === ROLE.master || role === ROLE.slave) {
      const known = this.#generationId;
      if (known !== undefined && BigInt.asIntN(64, generationId - known) < 0n) {
        refuse('ROLE_REQUEST_FAILED/STALE', `generation ${generationId}, and ${known} is known`);
      }
      this.#generationId = generationId;
    }
    if (role === ROLE.master) {
      for (const other of this.#connections) if (other.role === ROLE.master) other.role = ROLE.slave;
    }
    connection.role = role;
  }

  /** Whether anyone wants such a message: most often nobody does, and then it need not be made. */
  want(kind: AsyncKind, reason: number): boolean {
    for (let i = 0; i < this.#connections.length; i++) if (this.#connections[i]!.wants(kind, reason)) return true;
    return false;
  }

  /** To all who want it. What the switch says by itself has the transaction id 0. */
  tell(kind: AsyncKind, reason: number, message: Message): void {
    // A controller that loses its connection over this leaves the list.
    for (const connection of [...this.#connections]) if (connection.wants(kind, reason)) connection.send(message);
  }
}
