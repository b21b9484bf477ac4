/** Gateways that a host can reach: on its link, of a family that it has an address of its own in, and not itself. */
import { isInPrefix } from '../protocol/wire/address-prefix.ts';
import { formatIp, isHostAddress } from '../protocol/wire/ip-address.ts';
import type { HostEntry, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { NETWORK_DEFAULT } from './numbering.ts';

export function* checkGateways({ hosts }: TopologyDocument): Generator<Finding> {
  for (const [name, host] of hosts) {
    const reason = explainGateway(host);
    if (reason) yield { path: ['hosts', name, 'gateway'], reason };
  }
}

function explainGateway({ ip = NETWORK_DEFAULT, ipv6, gateway, kind }: HostEntry): string | undefined {
  if (gateway === undefined || kind === 'port') return undefined;
  const text = formatIp(gateway);
  if (!isHostAddress(gateway)) return `${text} is no address of a router; take one such as 10.0.0.254`;
  if (typeof gateway === 'number') {
    if (ip === 'dhcp') return 'the server that gives the address tells the gateway, too; remove it';
    if (ip.address === gateway) return `${text} is the address of the host itself; name its router`;
    const network = { version: 4, value: ip.address, length: ip.prefixLength } as const;
    return isInPrefix(network, gateway) ? undefined : explainElsewhere(text, formatIp(ip.address), ip.prefixLength);
  }
  if (typeof ipv6 !== 'object') {
    const mend = ipv6 === undefined ? 'give the host an ipv6, or remove the gateway' : 'remove it';
    return `${text} is a gateway for a host whose IPv6 address is written down; ${mend}`;
  }
  if (ipv6.address === gateway) return `${text} is the address of the host itself; name its router`;
  const isOfLink = gateway >> 118n === 0x3fan;
  const network = { version: 6, value: ipv6.address, length: ipv6.prefixLength } as const;
  if (isOfLink || isInPrefix(network, gateway)) return undefined;
  return explainElsewhere(text, formatIp(ipv6.address), ipv6.prefixLength);
}

function explainElsewhere(gateway: string, address: string, prefixLength: number): string {
  return `${gateway} is not on the link of ${address}/${prefixLength}; take an address of that network`;
}
