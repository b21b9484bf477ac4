/**
 * How a machine comes to its IPv6 addresses: one of the link from its MAC always (RFC 4291, appendix A), one that was written down, or what routers offer.
 *
 * Each is asked for on the link before it is used (`neighbor-discovery.ts`), and its solicited-node group is joined before that, since switches that
 * snoop pass nothing on otherwise (RFC 4862, section 5.4.2). With `slaac` it listens to routers and asks for them as soon as it has its address of the
 * link, and again when its cable is mended; without, it is deaf to them: a network configured by hand stays as it was written.
 */
import type { NeighborDiscovery as NeighborMessage } from '../../protocol/wire/packet/neighbor-discovery.ts';
import type { Nanos } from '../clock.ts';
import type { Card } from './card.ts';
import type { GroupMembership } from './group-membership.ts';
import { Ipv6, type Ipv6Upper } from './ipv6.ts';
import { FOR_EVER, Ipv6Words, type OwnAddress, toLinkLocal, toSolicitedNode } from './ipv6-address.ts';
import { RouterDiscovery } from './router-discovery.ts';

export interface Ipv6Config {
  readonly mode: 'slaac' | 'static' | 'link-local';
  /** With `static`. */
  readonly address?: { readonly address: bigint; readonly prefixLength: number };
  readonly router?: bigint;
}

const LINK_LOCAL_PREFIX_LENGTH = 64;

/** More addresses than routers of one link honestly offer. */
const ADDRESSES_MAX = 16;

export interface Ipv6SetupOwner extends Ipv6Upper {
  readonly groups: GroupMembership;
}

export class Ipv6Setup {
  readonly ipv6: Ipv6;
  readonly routers: RouterDiscovery;
  readonly #card: Card;
  readonly #owner: Ipv6SetupOwner;
  readonly #config: Ipv6Config;

  constructor(card: Card, owner: Ipv6SetupOwner, config: Ipv6Config) {
    this.#card = card;
    this.#owner = owner;
    this.#config = config;
    this.ipv6 = new Ipv6(card, owner);
    this.routers = new RouterDiscovery(card, this.ipv6, (address, bits, preferred, valid) =>
      this.#add(address, bits, preferred, valid),
    );
    this.ipv6.routes = this.routers;
    // The cable is plugged in only when everything is built.
    card.schedule(card.now, () => this.start());
  }

  start(): void {
    const { address, router } = this.#config;
    if (router !== undefined) this.routers.addRouter(router);
    this.#add(toLinkLocal(this.#card.mac), LINK_LOCAL_PREFIX_LENGTH, FOR_EVER, FOR_EVER, () => {
      if (this.#config.mode === 'slaac') this.routers.solicit();
    });
    if (!address) return;
    const rest = BigInt(128 - address.prefixLength);
    this.routers.addPrefix((address.address >> rest) << rest, address.prefixLength);
    this.#add(address.address, address.prefixLength, FOR_EVER, FOR_EVER);
  }

  receive(message: NeighborMessage, src: bigint, dst: bigint): void {
    if (message.type === 'router-advertisement') {
      if (this.#config.mode === 'slaac') this.routers.receive(message, src);
    } else this.ipv6.neighbors.receive(message, src, dst);
  }

  linkChanged(isUp: boolean): void {
    this.ipv6.linkChanged(isUp);
    if (!isUp) return;
    // The machine was stopped, and starts again.
    if (this.ipv6.addresses.all.length === 0) this.start();
    else if (this.#config.mode === 'slaac') this.routers.solicit();
  }

  reset(): void {
    this.ipv6.reset();
    this.routers.reset();
    for (const address of [...this.ipv6.addresses.all]) this.ipv6.addresses.remove(address);
  }

  #add(
    value: bigint,
    prefixLength: number,
    preferredUntil: Nanos,
    validUntil: Nanos,
    ready: () => void = () => undefined,
  ): void {
    const { addresses, neighbors } = this.ipv6;
    const group = toSolicitedNode(value);
    for (const expired of addresses.takeExpired(this.#card.now)) {
      this.#owner.groups.leave(toSolicitedNode(expired.words.value));
    }
    if (addresses.find(value) || addresses.all.length >= ADDRESSES_MAX) return;
    const words = new Ipv6Words(value);
    const address: OwnAddress = { words, prefixLength, isTentative: true, preferredUntil, validUntil };
    addresses.add(address);
    neighbors.detect(
      address,
      () => this.#owner.groups.join(group),
      (isTaken) => {
        if (isTaken) {
          addresses.remove(address);
          this.#owner.groups.leave(group);
        } else {
          address.isTentative = false;
          this.ipv6.routesChanged();
          ready();
        }
      },
    );
  }
}
