/**
 * Whether a peer that says nothing lives still: RFC 9293, section 3.8.4. Only where the model asks for it.
 */

import type { Connection } from './connection.ts';
import { sendAck } from './output.ts';
import type { TcpModel } from './tcp-model.ts';
import { isSynchronized } from './tcp-state.ts';

export class KeepAlive {
  readonly #model: NonNullable<TcpModel['keepAlive']>;
  #probes = 0;

  constructor(model: NonNullable<TcpModel['keepAlive']>) {
    this.#model = model;
  }

  /** The silence begins anew. */
  heard({ due, state, now }: Connection): void {
    this.#probes = 0;
    if (isSynchronized(state) && state !== 'time-wait') due.keepAliveAt = now + this.#model.idleNs;
  }

  ring(connection: Connection): void {
    const { due, sender, now } = connection;
    due.keepAliveAt = now + this.#model.idleNs;
    // Who does not acknowledge is not asked beside.
    if (sender.hasFlight || sender.isShut) return;
    if (this.#probes++ >= this.#model.probesMax) {
      connection.giveUp();
      return;
    }
    // A number that was acknowledged before asks for an answer.
    sendAck(connection, sender.nxt - 1);
    due.keepAliveAt = now + this.#model.intervalNs;
  }
}
