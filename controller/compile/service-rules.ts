/**
 * What switches send to the controller for its services: probes, questions for addresses and announcements of them, DHCP.
 *
 * By priority, above all that forwards or drops by address:
 *   60000  LLDP: links are found by it, and nobody else has a say in that
 *    3900  ARP, RARP and neighbor discovery (ICMPv6 133 to 137), from wherever: to the controller only, which answers, or sends on out of the ports where hosts are. No switch
 *          floods them, so they are safe at ports of which nobody knows yet what they are, and nothing of it crosses links
 *    3500  DHCP from a port that may turn out to be a link: to the controller only, which sends it on
 *    2000  DHCP for all, from where floods may begin: a copy to the controller, and on its way; the priority is below that of whatever keeps floods out of a port
 *    1990  DHCP for one: to the controller only, which sends it on to where its destination is
 * They need no port, but for those at settling ones: a dozen rules a switch. ICMPv6 types cannot be masked, hence a rule for each.
 */
import { MAC_GROUP_BIT } from '../../protocol/wire/address.ts';
import { type Action, CONTROLLER_MAX_LEN_NO_BUFFER } from '../../protocol/wire/openflow/action.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from '../../protocol/wire/packet/dhcp.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { NEIGHBOR_DISCOVERY_KIND } from '../../protocol/wire/packet/neighbor-discovery.ts';

export const SERVICE_PRIORITY = {
  probe: 60_000,
  resolution: 3_900,
  settlingDhcp: 3_500,
  dhcpForAll: 2_000,
  dhcpForOne: 1_990,
} as const;

/** The beginning of a rule of one's own tables: what it matches, what is done at once, and whether the frame goes on to be flooded. */
export interface ServiceRule {
  readonly priority: number;
  readonly match: Match;
  readonly actions: readonly Action[];
  readonly isFlooded: boolean;
}

const TO_CONTROLLER: readonly Action[] = [
  { type: 'output', port: PORT.controller, maxLen: CONTROLLER_MAX_LEN_NO_BUFFER },
];

const RESOLUTION: readonly Match[] = [
  [{ type: 'ethType', value: ETHER_TYPE.arp }],
  [{ type: 'ethType', value: ETHER_TYPE.rarp }],
  ...Object.values(NEIGHBOR_DISCOVERY_KIND).map(
    (kind): Match => [
      { type: 'ethType', value: ETHER_TYPE.ipv6 },
      { type: 'ipProto', value: IP_PROTOCOL.icmpv6 },
      { type: 'icmpv6Type', value: kind },
    ],
  ),
];

const DHCP: readonly Match[] = [
  [DHCP_CLIENT_PORT, DHCP_SERVER_PORT] as const,
  [DHCP_SERVER_PORT, DHCP_CLIENT_PORT] as const,
].map(
  ([from, to]): Match => [
    { type: 'ethType', value: ETHER_TYPE.ipv4 },
    { type: 'ipProto', value: IP_PROTOCOL.udp },
    { type: 'udpSrc', value: from },
    { type: 'udpDst', value: to },
  ],
);

const FOR_ALL: Match = [{ type: 'ethDst', value: MAC_GROUP_BIT, mask: MAC_GROUP_BIT }];

/** `settlingPorts`: those that may have hosts and are not known to be edges yet. */
export function serviceRules(settlingPorts: readonly number[]): readonly ServiceRule[] {
  const toController = (priority: number, match: Match): ServiceRule => ({
    priority,
    match,
    actions: TO_CONTROLLER,
    isFlooded: false,
  });
  return [
    toController(SERVICE_PRIORITY.probe, [{ type: 'ethType', value: ETHER_TYPE.lldp }]),
    ...RESOLUTION.map((match) => toController(SERVICE_PRIORITY.resolution, [...FOR_ALL, ...match])),
    ...DHCP.flatMap((match) => [
      { ...toController(SERVICE_PRIORITY.dhcpForAll, [...FOR_ALL, ...match]), isFlooded: true },
      toController(SERVICE_PRIORITY.dhcpForOne, match),
      ...settlingPorts.map((value) =>
        toController(SERVICE_PRIORITY.settlingDhcp, [{ type: 'inPort', value }, ...match]),
      ),
    ]),
  ];
}
