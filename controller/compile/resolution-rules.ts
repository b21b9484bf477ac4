/**
 * What one host asks or tells another about addresses, as rules of table `policy`: it goes its own way, whatever policies say.
 *
 * The controller answers for all hosts alike, and without an answer nothing that policies allow works; and neighbours go on confirming each other while there is no controller.
 * Of what is told, the controller gets a copy and learns. What is asked of all is in `service-rules.ts`.
 */
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { ARP_OPERATION } from '../../protocol/wire/packet/arp.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import { NEIGHBOR_DISCOVERY_KIND } from '../../protocol/wire/packet/neighbor-discovery.ts';
import type { Rule } from '../rule.ts';
import { fabricRule } from './layout.ts';
import { toController } from './port-parts.ts';

/** Above all that policies say of pairs, below what is for all. */
const PRIORITY = { told: 59_001, asked: 59_000 } as const;

export function resolutionRules(): Rule[] {
  const arp = { type: 'ethType', value: ETHER_TYPE.arp } as const;
  const toNd = (kind: number): Match => [
    { type: 'ethType', value: ETHER_TYPE.ipv6 },
    { type: 'ipProto', value: IP_PROTOCOL.icmpv6 },
    { type: 'icmpv6Type', value: kind },
  ];
  const told: readonly Match[] = [
    [arp, { type: 'arpOp', value: ARP_OPERATION.reply }],
    toNd(NEIGHBOR_DISCOVERY_KIND['neighbor-advertisement']),
  ];
  const asked: readonly Match[] = [[arp], toNd(NEIGHBOR_DISCOVERY_KIND['neighbor-solicitation'])];
  return [
    ...told.map((match) => fabricRule('policy', PRIORITY.told, match, { apply: [toController], next: 'service' })),
    ...asked.map((match) => fabricRule('policy', PRIORITY.asked, match, { next: 'service' })),
  ];
}
