/**
 * Where a host is, judged by where its address is seen.
 *
 * Who was nowhere is where he is seen, even at a port of which nobody knows yet whether it leads to hosts. Who was somewhere has moved when he is seen at another edge; at a
 * port that is not known to be one, not before it is. Who goes to and fro is two: the host stays where it was, and the other is not heard for a while. Somebody who
 * takes a host's address while the host says nothing is not found out by that; whose an IP address is, is judged apart (`address-claims.ts`).
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { type Network, type PortRef, toPortKey } from './network.ts';
import type { TellNotice } from './notice.ts';

/** So many moves in so long are none: a machine takes longer to move, and hears nothing when it comes back at once. */
const MOVES_MAX = 3;
const MOVES_WITHIN: Nanos = 2_000_000_000;

/** So long a host that was claimed elsewhere is not believed to have moved. */
const HELD: Nanos = 10_000_000_000;

/** Of hosts that move, are held, or wait for a port; beyond, the oldest is forgotten. */
const REMEMBERED_MAX = 1024;

export class HostTracker {
  readonly #network: Network;
  readonly #notice: TellNotice;
  /** When it moved lately, by MAC. */
  readonly #moves = new Map<number, readonly Nanos[]>();
  /** Until when it is held, by MAC. */
  readonly #heldUntil = new Map<number, Nanos>();
  /** The port, not known to be an edge yet, at which a host was seen that is known elsewhere. */
  readonly #waiting = new Map<number, PortRef>();

  constructor(network: Network, notice: TellNotice) {
    this.#network = network;
    this.#notice = notice;
  }

  /** A frame of this host came in at a port. False when it is not believed to be the host's own. */
  see(mac: number, port: PortRef, now: Nanos): boolean {
    const before = this.#network.portOfHost(mac);
    if (!this.#network.isHostPort(port)) return false;
    if (!before) return this.#network.seeHost(mac, undefined, port);
    if (toPortKey(before) === toPortKey(port)) return true;
    if (this.#network.isEdgePort(port, now)) return this.#move(mac, before, port, now);
    remember(this.#waiting, mac, port);
    return false;
  }

  /** Ports may have become edges, or links. */
  review(now: Nanos): void {
    for (const [mac, port] of this.#waiting) {
      const isEdge = this.#network.isEdgePort(port, now);
      if (!isEdge && this.#network.isHostPort(port) && this.#network.portOfHost(mac)) continue;
      this.#waiting.delete(mac);
      this.see(mac, port, now);
    }
  }

  #move(mac: number, before: PortRef, port: PortRef, now: Nanos): boolean {
    if (now < (this.#heldUntil.get(mac) ?? 0)) return false;
    this.#heldUntil.delete(mac);
    const recent = (this.#moves.get(mac) ?? []).filter((at) => now - at < MOVES_WITHIN);
    if (recent.length + 1 >= MOVES_MAX) {
      remember(this.#heldUntil, mac, now + HELD);
      this.#moves.delete(mac);
      this.#notice({ type: 'host-spoofed', mac, port: before, claimed: port });
      return false;
    }
    if (!this.#network.seeHost(mac, undefined, port)) return false;
    remember(this.#moves, mac, [...recent, now]);
    return true;
  }
}

function remember<V>(map: Map<number, V>, mac: number, value: V): void {
  map.delete(mac);
  map.set(mac, value);
  if (map.size <= REMEMBERED_MAX) return;
  const [oldest] = map.keys();
  map.delete(oldest!);
}
