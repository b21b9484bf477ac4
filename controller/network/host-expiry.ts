/**
 * Hosts that have said nothing to the controller for long are asked whether they are there still, and forgotten if they are not.
 *
 * What a host sends to others does not come by here, so silence is no sign by itself. A host of which no address is known cannot be asked, and stays for as long as its port is up.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { Network } from './network.ts';

export const SILENCE_MAX: Nanos = 600_000_000_000;

const ASKED_MAX = 3;
const ASK_INTERVAL: Nanos = 1_000_000_000;

interface Asked {
  readonly times: number;
  readonly nextAt: Nanos;
}

export class HostExpiry {
  readonly #network: Network;
  readonly #ask: (mac: number) => void;
  /** By MAC, in that order. */
  readonly #heardAt = new Map<number, Nanos>();
  /** By MAC, in the order of their moments: all wait for the same time. */
  readonly #asked = new Map<number, Asked>();

  /** `ask` sends a host the question for its addresses. */
  constructor(network: Network, ask: (mac: number) => void) {
    this.#network = network;
    this.#ask = ask;
  }

  heard(mac: number, now: Nanos): void {
    this.#heardAt.delete(mac);
    this.#heardAt.set(mac, now);
    this.#asked.delete(mac);
  }

  /** It is gone, for whatever reason. */
  forget(mac: number): void {
    this.#heardAt.delete(mac);
    this.#asked.delete(mac);
  }

  poll(now: Nanos): void {
    for (const [mac, { times, nextAt }] of [...this.#asked]) {
      if (nextAt > now) break;
      this.#asked.delete(mac);
      if (times < ASKED_MAX) this.#askOnce(mac, times + 1, now);
      else this.#network.forgetHost(mac, 'expired');
    }
    for (const [mac, heardAt] of this.#heardAt) {
      if (now - heardAt < SILENCE_MAX) break;
      this.#heardAt.delete(mac);
      if (this.#network.ipsOf(mac).length > 0) this.#askOnce(mac, 1, now);
      else this.#heardAt.set(mac, now);
    }
  }

  pollAt(): Nanos | undefined {
    const [asked] = this.#asked.values();
    const [heardAt] = this.#heardAt.values();
    const dueAt = Math.min(
      asked?.nextAt ?? Number.POSITIVE_INFINITY,
      (heardAt ?? Number.POSITIVE_INFINITY) + SILENCE_MAX,
    );
    return dueAt === Number.POSITIVE_INFINITY ? undefined : dueAt;
  }

  #askOnce(mac: number, times: number, now: Nanos): void {
    this.#ask(mac);
    this.#asked.set(mac, { times, nextAt: now + ASK_INTERVAL });
  }
}
