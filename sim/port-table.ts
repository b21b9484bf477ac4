/**
 * Who listens where on one stack: a port of an address belongs to one guest at a time, and all addresses (none given) clash with each.
 *
 * A guest with a stack of its own has such a table for itself; those that share their node's share its table, and that is how they get in each other's way.
 */
import { formatIpv4 } from '../protocol/wire/address.ts';
import { GuestRefusal } from './guest-refusal.ts';

export interface PortWish {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Absent: all addresses of the stack. */
  readonly address?: number | undefined;
}

export class PortTable {
  readonly #stack: string;
  /** By protocol and port. */
  readonly #bound = new Map<string, { readonly guest: string; readonly address: number | undefined }[]>();

  /** Named by whose stack it is. */
  constructor(stack: string) {
    this.#stack = stack;
  }

  /** Throws a `GuestRefusal`. */
  bind(guest: string, { protocol, port, address }: PortWish): void {
    const key = `${protocol}/${port}`;
    const holders = this.#bound.get(key) ?? [];
    const holder = holders.find(
      (other) => address === undefined || other.address === undefined || other.address === address,
    );
    if (holder) {
      const at = holder.address === undefined ? '' : ` at ${formatIpv4(holder.address)}`;
      throw new GuestRefusal('port-in-use', `${holder.guest} has ${key} of ${this.#stack}${at} already`);
    }
    this.#bound.set(key, [...holders, { guest, address }]);
  }

  /** `tcp/80`, in the order in which they came. */
  listOf(guest: string): readonly string[] {
    return [...this.#bound].filter(([, holders]) => holders.some((one) => one.guest === guest)).map(([key]) => key);
  }

  /** Everybody's, which is what a guest without isolation sees. */
  list(): readonly string[] {
    return [...this.#bound].flatMap(([key, holders]) => holders.map(({ guest }) => `${key} ${guest}`));
  }

  release(guest: string): void {
    for (const [key, holders] of this.#bound) {
      const others = holders.filter((one) => one.guest !== guest);
      if (others.length === 0) this.#bound.delete(key);
      else this.#bound.set(key, others);
    }
  }
}
