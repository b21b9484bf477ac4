/**
 * What hosts ask the network itself for, as rules of table `admit`: the controller answers ARP and ND, and hears RARP, by which a machine that has moved announces itself.
 *
 * They come before what is done with the hosts' other frames, and do not go on: the controller sends on what it cannot answer. DHCP is between hosts; see `hostRules`.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import type { Rule } from '../rule.ts';
import { fabricRule } from './layout.ts';

const PRIORITY = { resolution: 2_000 } as const;

/** RFC 903. */
const RARP = 0x8035;

/** Router solicitation to redirect (RFC 4861). */
const ND_TYPES = [133, 134, 135, 136, 137];

export function serviceRules(portNo: number, toController: Action): Rule[] {
  const inPort = { type: 'inPort', value: portNo } as const;
  const types = [ETHER_TYPE.arp, RARP].map((value) => [inPort, { type: 'ethType', value } as const]);
  const nd = ND_TYPES.map((value) => [
    inPort,
    { type: 'ethType', value: ETHER_TYPE.ipv6 } as const,
    { type: 'ipProto', value: IP_PROTOCOL.icmpv6 } as const,
    { type: 'icmpv6Type', value } as const,
  ]);
  return [...types, ...nd].map((match) => fabricRule('admit', PRIORITY.resolution, match, { apply: [toController] }));
}
