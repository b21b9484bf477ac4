/**
 * Whose an IP address is, when a second host says that it is his.
 *
 * The owner is asked, and has a moment to answer. If he does, the address stays his, and people are told; if not, he is gone or has given it up, and it moves. What the claimant
 * said waits meanwhile: passed on at once, it would be in the neighbours' caches whatever comes out.
 */

import { type IpAddress, isHostAddress } from '../../protocol/wire/ip-address.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { Network } from './network.ts';
import { NoticePace, type TellNotice } from './notice.ts';

/** A host on the other side of slow control channels has answered by then. */
const ANSWER_WITHIN: Nanos = 300_000_000;

/** Beyond, who claims is not believed. */
const CLAIMS_MAX = 1024;

interface Claim {
  readonly mac: number;
  readonly dueAt: Nanos;
  readonly granted: (now: Nanos) => void;
}

export interface ClaimEffects {
  readonly notice: TellNotice;
  /** Asks a host whether it has an address still; false when that cannot be. */
  ask(mac: number, ip: IpAddress): boolean;
}

export class AddressClaims {
  readonly #network: Network;
  readonly #effects: ClaimEffects;
  /** In the order of their moments. */
  readonly #claims = new Map<IpAddress, Claim>();
  readonly #pace = new NoticePace();

  constructor(network: Network, effects: ClaimEffects) {
    this.#network = network;
    this.#effects = effects;
  }

  /** A host says that it has an address. True when that is so; else `granted` is called later, if it becomes so. */
  claim(mac: number, ip: IpAddress, now: Nanos, granted: (now: Nanos) => void): boolean {
    if (!isHostAddress(ip)) return true;
    const owner = this.#network.ownerOf(ip);
    if (owner === mac) {
      this.#defend(mac, ip, now);
      return true;
    }
    if (owner === undefined) {
      this.#network.addressHost(mac, ip);
      return true;
    }
    if (this.#claims.has(ip) || this.#claims.size >= CLAIMS_MAX) return false;
    if (!this.#effects.ask(owner, ip)) {
      this.#network.addressHost(mac, ip);
      return true;
    }
    this.#claims.set(ip, { mac, dueAt: now + ANSWER_WITHIN, granted });
    return false;
  }

  poll(now: Nanos): void {
    for (const [ip, { mac, dueAt, granted }] of this.#claims) {
      if (dueAt > now) return;
      this.#claims.delete(ip);
      this.#network.addressHost(mac, ip);
      granted(now);
    }
  }

  pollAt(): Nanos | undefined {
    const [first] = this.#claims.values();
    return first?.dueAt;
  }

  #defend(mac: number, ip: IpAddress, now: Nanos): void {
    const claim = this.#claims.get(ip);
    if (!claim) return;
    this.#claims.delete(ip);
    const port = this.#network.portOfHost(claim.mac);
    if (!port || !this.#pace.take(String(ip), now)) return;
    this.#effects.notice({ type: 'address-conflict', ip, mac, claimant: claim.mac, port });
  }
}
