/**
 * What configures a machine's addresses from beside its stack: DHCP, or whoever stands in for it.
 *
 * The stack carries out and asks nobody; what was set before is replaced.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';

export interface AddressConfiguration {
  setIpv4(address: { address: number; prefixLength: number } | undefined): void;
  setRouter(router: number | undefined): void;
  setNameServers(servers: readonly IpAddress[]): void;
  readonly nameServers: readonly IpAddress[];
  probe(address: number, done: (isTaken: boolean) => void): void;
}
