/** Addresses that hosts cannot have, and addresses that two of them have. */
import { formatIpv4, formatIpv6, formatMac } from '../protocol/wire/address.ts';
import { type IpAddress, isHostAddress } from '../protocol/wire/ip-address.ts';
import type { HostAddress, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';

export function* checkAddresses({ hosts }: TopologyDocument): Generator<Finding> {
  const byIp = new Map<IpAddress, string>();
  const byMac = new Map<number, string>();
  for (const [name, { ip, ipv6, mac }] of hosts) {
    if (ip !== undefined && ip !== 'dhcp') {
      const reason = explainAddress(ip);
      if (reason) yield { path: ['hosts', name, 'ip'], reason };
      const owner = byIp.get(ip.address);
      if (owner === undefined) byIp.set(ip.address, name);
      else yield warnTwice(['hosts', name, 'ip'], formatIpv4(ip.address), owner);
    }
    if (typeof ipv6 === 'object') {
      const reason = explainIpv6(ipv6.address);
      if (reason) yield { path: ['hosts', name, 'ipv6'], reason };
      const owner = byIp.get(ipv6.address);
      if (owner === undefined) byIp.set(ipv6.address, name);
      else yield warnTwice(['hosts', name, 'ipv6'], formatIpv6(ipv6.address), owner);
    }
    if (mac !== undefined) {
      const owner = byMac.get(mac);
      if (owner === undefined) byMac.set(mac, name);
      else yield warnTwice(['hosts', name, 'mac'], formatMac(mac), owner);
    }
  }
}

/** A warning only: to watch what happens then is a reason to build a network. */
function warnTwice(path: readonly string[], address: string, owner: string): Finding {
  return {
    path,
    isWarning: true,
    reason: `${owner} has the address ${address}, too; they will take each other's traffic`,
  };
}

function explainIpv6(address: bigint): string | undefined {
  if (!isHostAddress(address)) return `${formatIpv6(address)} is no address of a host; take one such as fd00:1::21/64`;
  // RFC 4291, section 2.5.6.
  if (address >> 118n === 0x3fan) {
    return `${formatIpv6(address)} is an address of the link, which a host makes of its MAC; write link-local`;
  }
  return undefined;
}

function explainAddress({ address, prefixLength }: HostAddress): string | undefined {
  const text = formatIpv4(address);
  // RFC 6890: this network, loopback, multicast and reserved.
  const first = address >>> 24;
  if (first === 0 || first === 127 || first >= 224)
    return `${text} is no address of a host; take one such as 10.0.0.1/8`;
  // RFC 3021: a network of two addresses has neither of these.
  if (prefixLength >= 31) return undefined;
  const hostBits = 32 - prefixLength;
  const host = address % 2 ** hostBits;
  if (host === 0)
    return `${text}/${prefixLength} is the network itself; take ${formatIpv4(address + 1)}/${prefixLength}, say`;
  if (host === 2 ** hostBits - 1) {
    return `${text}/${prefixLength} is the broadcast address of its network; take ${formatIpv4(address - 1)}/${prefixLength}, say`;
  }
  return undefined;
}
