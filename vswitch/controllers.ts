/**
 * OpenFlow 1.3.5, sections 6.3.6 and 7.3.9: the controllers of a switch together: one master at most, and who hears what.
 */
import type { Message } from '../protocol/wire/openflow/message.ts';
import { ROLE } from '../protocol/wire/openflow/role.ts';
import type { AsyncKind } from './async-config.ts';
import type { Connection } from './connection.ts';
import type { ControllerChannel } from './controller-channel.ts';
import { refuse } from './refusal.ts';

/** What the reply says before any master or slave has named an election. */
const NO_GENERATION = 0xffff_ffff_ffff_ffffn;

export class Controllers {
  readonly #channels: ControllerChannel[] = [];
  /** Main ones and auxiliaries. */
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
    return this.#channels.some(({ isOpen, isPassive }) => isOpen && !isPassive);
  }

  /** Packets of different flows may go on different connections. */
  get areSpread(): boolean {
    return this.#channels.some(({ isSpread }) => isSpread);
  }

  add(connection: Connection): void {
    const { channel } = connection;
    channel.add(connection);
    this.#connections.push(connection);
    if (!this.#channels.includes(channel)) this.#channels.push(channel);
  }

  remove(connection: Connection): void {
    removeFrom(this.#connections, connection);
    if (connection.auxiliaryId === 0) removeFrom(this.#channels, connection.channel);
    connection.channel.remove(connection);
  }

  /**
   * The role of a controller, on all its connections. Generation ids wrap around: an older one is one that is less than half the circle
   * behind, or half of it (section 6.3.6). They outlive the controllers that named them.
   */
  setRole(channel: ControllerChannel, role: number, generationId: bigint): void {
    if (role === ROLE.noChange) return;
    if (role === ROLE.master || role === ROLE.slave) {
      const known = this.#generationId;
      if (known !== undefined && BigInt.asIntN(64, generationId - known) < 0n) {
        refuse('ROLE_REQUEST_FAILED/STALE', `generation ${generationId}, and ${known} is known`);
      }
      this.#generationId = generationId;
    }
    if (role === ROLE.master) {
      for (const other of this.#channels) if (other.role === ROLE.master) other.role = ROLE.slave;
    }
    channel.role = role;
  }

  /** Whether anyone wants such a message: most often nobody does, and then it need not be made. */
  want(kind: AsyncKind, reason: number): boolean {
    for (let i = 0; i < this.#channels.length; i++) if (this.#channels[i]!.wants(kind, reason)) return true;
    return false;
  }

  /** To all who want it. What the switch says by itself has the transaction id 0. */
  tell(kind: AsyncKind, reason: number, message: Message, flow = 0): void {
    // A controller that loses its connection over this leaves the list.
    for (const channel of [...this.#channels]) if (channel.wants(kind, reason)) channel.tell(kind, message, flow);
  }
}

function removeFrom<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
