/**
 * What sets the addresses of a machine while it runs: a DHCP client, or somebody by hand.
 *
 * Its network is configured through this alone, so that a client of DHCP knows nothing of the stack below it.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';

export interface AddressConfiguration {
  setIpv4(address: { address: number; prefixLength: number } | undefined): void;
  setRouter(router: number | undefined): void;
  setNameServers(servers: readonly IpAddress[]): void;
  readonly nameServers: readonly IpAddress[];
  probe(address: number, done: (isTaken: boolean) => void): void;
}
