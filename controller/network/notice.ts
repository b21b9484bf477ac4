/**
 * What happens in the network that is no change of it: somebody lies, two want the same, a neighbour introduces himself.
 *
 * People are told, and nothing is computed anew. Whoever is behind a port can cause any of them as often as he likes, so each is told at a pace.
 */

import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { PortRef } from './network.ts';

export type Notice =
  /** LLDP that says it is ours and is not, or one of ours where it cannot have come by itself. */
  | { readonly type: 'probe-forged'; readonly port: PortRef }
  /** Somebody else's LLDP came in where hosts are: a switch that is not ours, or a host that says who it is. */
  | { readonly type: 'lldp-heard'; readonly port: PortRef; readonly chassis: string }
  /** A host that is at `port` was seen at `claimed` as well, to and fro. */
  | { readonly type: 'host-spoofed'; readonly mac: number; readonly port: PortRef; readonly claimed: PortRef }
  /** `claimant`, at `port`, says that it has the address of `mac`, which is there and says so too. */
  | {
      readonly type: 'address-conflict';
      readonly ip: IpAddress;
      readonly mac: number;
      readonly claimant: number;
      readonly port: PortRef;
    };

export type TellNotice = (notice: Notice) => void;

/** Of one thing at one place, no more than one in so long. */
const QUIET: Nanos = 10_000_000_000;

/** Beyond, the one that was told longest ago may be told again. */
const KEYS_MAX = 1024;

export class NoticePace {
  /** When it was last told, in that order. */
  readonly #toldAt = new Map<string, Nanos>();

  /** True when it is to be told now. */
  take(key: string, now: Nanos): boolean {
    const toldAt = this.#toldAt.get(key);
    if (toldAt !== undefined && now - toldAt < QUIET) return false;
    this.#toldAt.delete(key);
    this.#toldAt.set(key, now);
    if (this.#toldAt.size > KEYS_MAX) {
      const [oldest] = this.#toldAt.keys();
      this.#toldAt.delete(oldest!);
    }
    return true;
  }
}
