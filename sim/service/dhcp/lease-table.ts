/**
 * Who has which address of a DHCP server, and until when.
 *
 * An address has one record from the first time it was offered, and a client one address: a record is somebody else's only after its time
 * is over, so no address is ever given twice. Addresses that nobody had go first, the lowest of them; then the one that has been free
 * for longest, so that who comes back late still finds his own (RFC 2131, section 4.3.1). What is offered is bounded by `OFFERS_MAX`, and all
 * else by the pool.
 */
import type { Nanos } from '../../clock.ts';

export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** A declined address is kept from all: somebody whom we do not know has it. */
type LeaseState = 'offered' | 'bound' | 'released' | 'declined';

export interface LeaseRecord {
  readonly address: number;
  client: string;
  state: LeaseState;
  /** Nobody else gets it before; Infinity for ever. */
  until: Nanos;
}

/** A flood of strangers' discovers holds no more than so many addresses back. */
const OFFERS_MAX = 1024;

export class LeaseTable {
  readonly #pool: AddressRange;
  /** Addresses by the MACs that they are kept for. */
  readonly #reserved: ReadonlyMap<number, number>;
  /** Of the pool, what it never gives away: reserved addresses, the server's and the router's. */
  readonly #withheld: ReadonlySet<number>;
  /** In the order in which they were last touched. */
  readonly #byAddress = new Map<number, LeaseRecord>();
  readonly #byClient = new Map<string, LeaseRecord>();
  /** By address, in the order in which they end: all are held for the same time. */
  readonly #offers = new Map<number, LeaseRecord>();
  #fresh: number;

  constructor(pool: AddressRange, reserved: ReadonlyMap<number, number>, own: readonly number[]) {
    this.#pool = pool;
    this.#reserved = reserved;
    this.#withheld = new Set([...own, ...reserved.values()]);
    this.#fresh = pool.first;
  }

  /** All that were ever given out, by address. */
  list(): readonly LeaseRecord[] {
    return [...this.#byAddress.values()].sort((x, y) => x.address - y.address);
  }

  of(client: string): LeaseRecord | undefined {
    return this.#byClient.get(client);
  }

  /** Another client may have it now. */
  isFreeFor(client: string, mac: number, address: number, now: Nanos): boolean {
    if (this.#reserved.get(mac) !== address) {
      if (address < this.#pool.first || address > this.#pool.last || this.#withheld.has(address)) return false;
    }
    const record = this.#byAddress.get(address);
    return !record || record.until <= now || (record.client === client && record.state !== 'declined');
  }

  /** The address that this client gets, or undefined when there is none left; `wished` is what it had once. */
  choose(client: string, mac: number, wished: number | undefined, now: Nanos): number | undefined {
    for (const address of [this.#reserved.get(mac), this.#byClient.get(client)?.address, wished]) {
      if (address !== undefined && this.isFreeFor(client, mac, address, now)) return address;
    }
    for (; this.#fresh <= this.#pool.last; this.#fresh++) {
      if (!this.#byAddress.has(this.#fresh) && !this.#withheld.has(this.#fresh)) return this.#fresh;
    }
    for (const record of this.#byAddress.values()) {
      if (record.until <= now && !this.#withheld.has(record.address)) return record.address;
    }
    return undefined;
  }

  /** False when too many offers are open. The address must be free for the client. */
  offer(client: string, address: number, until: Nanos, now: Nanos): boolean {
    const known = this.#byAddress.get(address);
    // Who asks anew while he has a lease is shown that one, and keeps it.
    if (known?.client === client && known.state === 'bound' && known.until > now) return true;
    for (const [open, record] of this.#offers) {
      if (record.until > now) break;
      this.#offers.delete(open);
    }
    if (this.#offers.size >= OFFERS_MAX && !this.#offers.has(address)) return false;
    this.#offers.delete(address);
    this.#offers.set(address, this.#put(client, address, 'offered', until, now));
    return true;
  }

  bind(client: string, address: number, until: Nanos, now: Nanos): void {
    this.#offers.delete(address);
    this.#put(client, address, 'bound', until, now);
  }

  /** It gave its address back, or took another server's offer. */
  release(client: string, now: Nanos): void {
    const record = this.#byClient.get(client);
    if (!record || record.until <= now) return;
    this.#offers.delete(record.address);
    record.state = 'released';
    record.until = now;
  }

  decline(address: number, until: Nanos, now: Nanos): void {
    this.#offers.delete(address);
    this.#put('', address, 'declined', until, now);
  }

  #put(client: string, address: number, state: LeaseState, until: Nanos, now: Nanos): LeaseRecord {
    const before = this.#byClient.get(client);
    if (before && before.address !== address) {
      this.#offers.delete(before.address);
      before.until = Math.min(before.until, now);
      before.state = 'released';
    }
    const holder = this.#byAddress.get(address)?.client;
    if (holder !== undefined && this.#byClient.get(holder)?.address === address) this.#byClient.delete(holder);
    const record: LeaseRecord = { address, client, state, until };
    this.#byAddress.delete(address);
    this.#byAddress.set(address, record);
    if (client !== '') this.#byClient.set(client, record);
    return record;
  }
}
