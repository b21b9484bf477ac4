/**
 * What goes wrong with leases in a running network, a line each on standard error: a pool without an address left, an address that somebody has already.
 *
 * Who gets nothing asks again every minute, so each line is told once; and only so many, for anybody can ask under any number of names.
 */
import { formatIpv4, formatMac } from '../protocol/wire/address.ts';
import type { DhcpNotice } from '../sim/service/dhcp/dhcp-server.ts';
import type { NetworkServices } from '../sim/service/network-services.ts';

const LINES_MAX = 100;

/** Undefined: nothing is wrong. */
function formatLeaseNotice(server: string, notice: DhcpNotice): string | undefined {
  const client = formatMac(notice.mac);
  switch (notice.type) {
    case 'pool-exhausted':
      return `${server}: no address is left for ${client}; give its services: { dhcp: } a larger pool`;
    case 'too-many-offers':
      return `${server}: too many addresses are offered and not taken; ${client} has to wait`;
    case 'declined':
      return `${server}: ${client} found that somebody has ${formatIpv4(notice.address)} already; it rests for an hour`;
    default:
      return undefined;
  }
}

export function tellLeaseNotices(services: NetworkServices, print: (line: string) => void): void {
  const told = new Set<string>();
  services.notice = (server, notice) => {
    const line = formatLeaseNotice(server, notice);
    if (line === undefined || told.size >= LINES_MAX || told.has(line)) return;
    told.add(line);
    print(line);
    if (told.size === LINES_MAX) print('no more is told of leases');
  };
}
