/**
 * What routers of the link say, and addresses made of it: RFC 4861, section 6.3, RFC 4862, section 5.5, RFC 8106.
 *
 * Lifetimes are looked at when something is used, so a network that nobody uses needs no timers. Routers, prefixes and name servers are bounded,
 * since anybody on the link may speak for a router; the first that came stay. DHCPv6 is not spoken, whatever the flags of an advertisement say.
 */
import type { RouterAdvertisement } from '../../protocol/wire/packet/neighbor-discovery.ts';
import type { NeighborPrefix } from '../../protocol/wire/packet/neighbor-discovery-option.ts';
import { type Nanos, SECOND, type Timer } from '../clock.ts';
import type { Card } from './card.ts';
import type { Ipv6, Ipv6Routes } from './ipv6.ts';
import { FOR_EVER, isLinkLocal, toInterfaceId } from './ipv6-address.ts';
import { linkAddressOf } from './neighbor-discovery.ts';

/** RFC 4291, section 2.7.1: ff02::2. */
const ALL_ROUTERS = (0xff02n << 112n) | 2n;

/** RFC 4861, section 10: MAX_RTR_SOLICITATIONS and RTR_SOLICITATION_INTERVAL. */
const SOLICITATIONS = 3;
const SOLICITATION_INTERVAL: Nanos = 4 * SECOND;

const ROUTERS_MAX = 8;
const PREFIXES_MAX = 16;
const NAME_SERVERS_MAX = 8;
const INFINITE_SECONDS = 0xffff_ffff;

/** RFC 4862, section 5.5.3 e: nobody may end an address at once with a forged advertisement. */
const TWO_HOURS: Nanos = 7200 * SECOND;

interface Prefix {
  readonly value: bigint;
  readonly bits: number;
  validUntil: Nanos;
}

interface Expiring {
  readonly address: bigint;
  validUntil: Nanos;
}

/** Adds an address of that prefix, unless it is there. */
export type AddressMaker = (address: bigint, prefixLength: number, preferredUntil: Nanos, validUntil: Nanos) => void;

export class RouterDiscovery implements Ipv6Routes {
  readonly #card: Card;
  readonly #ip: Ipv6;
  readonly #addAddress: AddressMaker;
  #routers: Expiring[] = [];
  #prefixes: Prefix[] = [];
  #nameServers: Expiring[] = [];
  #timer: Timer | undefined;

  constructor(card: Card, ip: Ipv6, addAddress: AddressMaker) {
    this.#card = card;
    this.#ip = ip;
    this.#addAddress = addAddress;
  }

  get router(): bigint | undefined {
    return this.#routers.find(({ validUntil }) => validUntil > this.#card.now)?.address;
  }

  get nameServers(): readonly bigint[] {
    return this.#nameServers.filter(({ validUntil }) => validUntil > this.#card.now).map(({ address }) => address);
  }

  isOnLink(dst: bigint): boolean {
    return this.#prefixes.some(
      ({ value, bits, validUntil }) => validUntil > this.#card.now && (value ^ dst) >> BigInt(128 - bits) === 0n,
    );
  }

  /** The next one, if there is one, is asked from now on. */
  routerFailed(router: bigint): void {
    const index = this.#routers.findIndex(({ address }) => address === router);
    if (index >= 0) this.#routers.push(...this.#routers.splice(index, 1));
  }

  /** A network that is on the link because somebody wrote so. */
  addPrefix(value: bigint, bits: number): void {
    this.#learnPrefix(value, bits, FOR_EVER);
  }

  /** A router that is there because somebody wrote so. */
  addRouter(address: bigint): void {
    this.#learnRouter(address, FOR_EVER);
  }

  /** Asks for routers until one speaks. */
  solicit(left = SOLICITATIONS): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const src = this.#ip.addresses.sourceFor(ALL_ROUTERS, this.#card.now);
    if (left === 0 || src === undefined) return;
    const options = [{ type: 'source-link-address', address: this.#card.mac }] as const;
    this.#ip.sendControl(src, ALL_ROUTERS, { type: 'router-solicitation', options });
    this.#timer = this.#card.schedule(this.#card.now + SOLICITATION_INTERVAL, () => this.solicit(left - 1));
  }

  receive(message: RouterAdvertisement, src: bigint): void {
    if (!isLinkLocal(src)) {
      this.#card.counters.malformed++;
      return;
    }
    this.#timer?.cancel();
    this.#timer = undefined;
    if (message.hopLimit > 0) this.#ip.hopLimit = message.hopLimit;
    this.#learnRouter(src, this.#after(message.lifetimeSeconds, 0xffff + 1));
    const mac = linkAddressOf(message.options, 'source-link-address');
    if (mac !== undefined && this.#ip.neighbors.neighbours.find(src) !== mac) {
      this.#ip.neighbors.neighbours.learn(src, mac, false);
    }
    for (const option of message.options) {
      if (option.type === 'prefix') this.#receivePrefix(option);
      else if (option.type === 'mtu') this.#ip.linkMtu = option.mtu;
      else if (option.type === 'dns-servers')
        this.#learnNameServers(option.servers, this.#after(option.lifetimeSeconds));
    }
    this.#ip.routesChanged();
  }

  reset(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #receivePrefix(option: NeighborPrefix): void {
    const { prefixBits: bits, validSeconds, preferredSeconds } = option;
    if (bits > 128 || isLinkLocal(option.prefix) || preferredSeconds > validSeconds) return;
    const rest = BigInt(128 - bits);
    const value = (option.prefix >> rest) << rest;
    if (option.onLink) this.#learnPrefix(value, bits, this.#after(validSeconds));
    // RFC 4862, section 5.5.3 d: prefix and interface identifier must make 128 bits.
    if (!option.autonomous || bits !== 64) return;
    const address = value | toInterfaceId(this.#card.mac);
    const [preferredUntil, validUntil] = [this.#after(preferredSeconds), this.#after(validSeconds)];
    const known = this.#ip.addresses.find(address);
    if (known) {
      known.preferredUntil = preferredUntil;
      const twoHoursOn = this.#card.now + TWO_HOURS;
      if (validUntil > twoHoursOn || validUntil > known.validUntil) known.validUntil = validUntil;
      else if (known.validUntil > twoHoursOn) known.validUntil = twoHoursOn;
    } else if (validSeconds > 0) this.#addAddress(address, bits, preferredUntil, validUntil);
  }

  #learnPrefix(value: bigint, bits: number, validUntil: Nanos): void {
    const known = this.#prefixes.find((prefix) => prefix.value === value && prefix.bits === bits);
    if (known) known.validUntil = validUntil;
    else {
      this.#prefixes = this.#prefixes.filter((prefix) => prefix.validUntil > this.#card.now);
      if (this.#prefixes.length < PREFIXES_MAX) this.#prefixes.push({ value, bits, validUntil });
    }
    this.#ip.routesChanged();
  }

  #learnRouter(address: bigint, validUntil: Nanos): void {
    this.#routers = learn(this.#routers, address, validUntil, this.#card.now, ROUTERS_MAX);
    this.#ip.routesChanged();
  }

  #learnNameServers(servers: readonly bigint[], validUntil: Nanos): void {
    for (const server of servers) {
      this.#nameServers = learn(this.#nameServers, server, validUntil, this.#card.now, NAME_SERVERS_MAX);
    }
  }

  #after(seconds: number, infinite = INFINITE_SECONDS): Nanos {
    return seconds === infinite ? FOR_EVER : this.#card.now + seconds * SECOND;
  }
}

function learn(list: Expiring[], address: bigint, validUntil: Nanos, now: Nanos, max: number): Expiring[] {
  const known = list.find((entry) => entry.address === address);
  if (known) known.validUntil = validUntil;
  const valid = list.filter((entry) => entry.validUntil > now);
  if (!known && validUntil > now && valid.length < max) valid.push({ address, validUntil });
  return valid;
}
