/**
 * OpenFlow 1.3.5, section 6.3 (Multiple Controllers, Auxiliary Connections): one controller as its switch knows it: a main connection, any auxiliaries
 * beside it, and what belongs to all of them together, its role and what it wants to hear.
 *
 * A request may come on any connection and is answered there, each connection by itself doing one thing after the other. What nobody
 * asked for goes out on the main connection, but for packets: they are spread over the auxiliaries that are open, those of one flow
 * always on the same, as the specification suggests. Auxiliaries live no longer than their main connection.
 */
import type { Message } from '../protocol/wire/openflow/message.ts';
import { ROLE } from '../protocol/wire/openflow/role.ts';
import { ASYNC_DEFAULT, type AsyncKind, type AsyncMasks, isWanted } from './async-config.ts';
import type { Connection } from './connection.ts';

export class ControllerChannel {
  /** The other side dialled; see `ConnectOptions`. */
  readonly isPassive: boolean;
  role: number = ROLE.equal;
  masks: AsyncMasks = ASYNC_DEFAULT;
  #main: Connection | undefined;
  readonly #auxiliaries: Connection[] = [];
  /** Of the auxiliaries, those that have shaken hands, in the order of their ids: who spreads packets looks at nothing else. */
  #spread: readonly Connection[] = [];

  constructor(isPassive: boolean) {
    this.isPassive = isPassive;
  }

  /** The handshake of the main connection is done. */
  get isOpen(): boolean {
    return this.#main?.isOpen === true;
  }

  get isSpread(): boolean {
    return this.#spread.length > 0;
  }

  has(auxiliaryId: number): boolean {
    return this.#auxiliaries.some((connection) => connection.auxiliaryId === auxiliaryId);
  }

  add(connection: Connection): void {
    if (connection.auxiliaryId === 0) this.#main = connection;
    else this.#auxiliaries.push(connection);
  }

  /** A connection has opened. */
  changed(): void {
    const open = this.#auxiliaries.filter(({ isOpen }) => isOpen);
    this.#spread = open.sort((a, b) => a.auxiliaryId - b.auxiliaryId);
  }

  /** A connection has ended; the main one takes all others along. */
  remove(connection: Connection): void {
    const index = this.#auxiliaries.indexOf(connection);
    if (index >= 0) this.#auxiliaries.splice(index, 1);
    this.changed();
    if (connection !== this.#main) return;
    this.#main = undefined;
    for (const auxiliary of [...this.#auxiliaries]) auxiliary.hangUp();
  }

  wants(kind: AsyncKind, reason: number): boolean {
    if (!this.isOpen || !isWanted(this.masks, kind, reason, this.role)) return false;
    return kind !== 'packetInMask' || this.#takesPackets();
  }

  #takesPackets(): boolean {
    if (this.#spread.length === 0) return this.#main!.takesPackets;
    for (let i = 0; i < this.#spread.length; i++) if (this.#spread[i]!.takesPackets) return true;
    return false;
  }

  /** What nobody asked for, to a controller that wants it; `flow` is the same number for packets of the same flow. */
  tell(kind: AsyncKind, message: Message, flow: number): void {
    if (kind !== 'packetInMask') {
      this.#main!.send(message);
      return;
    }
    const connection = this.isSpread ? this.#spread[flow % this.#spread.length]! : this.#main!;
    // One packet too many is dropped, and costs nobody the connection.
    if (connection.takesPackets) connection.send(message);
  }
}
