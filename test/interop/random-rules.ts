/**
 * Random rules and groups in the words of ovs-ofctl, and packets that meet them often: what every Open vSwitch takes.
 *
 * One tag at most, since Open vSwitch looks at no more by default; no action that 1.3 has and it has not; priorities that differ,
 * so that there is one rule that matches best.
 */
import { parseIpv4, parseIpv6, parseMac } from '../../protocol/wire/address.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { IP_PROTOCOL } from '../../protocol/wire/packet/ipv4.ts';
import type { Layer } from '../../protocol/wire/packet/layer.ts';
import type { Chance } from '../vswitch/random-case.ts';

export const TABLES = 4;

const MACS = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
const IPS = ['10.0.0.1', '10.0.0.2', '10.0.1.1'];
const IP6S = ['fd00::1', 'fd00::2'];
const L4_PORTS = [80, 443];
const VIDS = [5, 6];

const payload: Layer = { type: 'payload', data: new Uint8Array(30).fill(7) };

interface Part {
  readonly protocol: number;
  readonly layers: readonly Layer[];
}

function transport(chance: Chance, version: 4 | 6): Part {
  const ports = { srcPort: chance.pick(L4_PORTS), dstPort: chance.pick(L4_PORTS) };
  const body = { identifier: 1, sequence: 2, data: new Uint8Array(8) } as const;
  switch (chance.below(4)) {
    case 0:
      return {
        protocol: IP_PROTOCOL.tcp,
        layers: [{ type: 'tcp', ...ports, seq: 1, ack: 0, flags: 2, window: 9 }, payload],
      };
    case 1:
      return { protocol: IP_PROTOCOL.udp, layers: [{ type: 'udp', ...ports }, payload] };
    case 2:
      return {
        protocol: IP_PROTOCOL.sctp,
        layers: [
          {
            type: 'sctp',
            ...ports,
            verificationTag: 1,
            chunks: [{ type: 'unknown', kind: 200, data: new Uint8Array(8) }],
          },
        ],
      };
    default:
      return version === 4
        ? { protocol: IP_PROTOCOL.icmp, layers: [{ type: 'icmp', body: { type: 'echo-request', ...body } }] }
        : { protocol: IP_PROTOCOL.icmpv6, layers: [{ type: 'icmpv6', body: { type: 'echo-request', ...body } }] };
  }
}

function network(chance: Chance): Part {
  const ttl = chance.pick([1, 2, 64]);
  const dscp = chance.pick([0, 10]);
  switch (chance.below(5)) {
    case 0: {
      const [senderIp, targetIp] = [parseIpv4(chance.pick(IPS))!, parseIpv4(chance.pick(IPS))!];
      const addresses = { senderMac: parseMac(MACS[0]!)!, senderIp, targetMac: 0, targetIp };
      return { protocol: ETHER_TYPE.arp, layers: [{ type: 'arp', operation: 1 + chance.below(2), ...addresses }] };
    }
    case 1: {
      const { protocol, layers } = transport(chance, 6);
      const addresses = { src: parseIpv6(chance.pick(IP6S))!, dst: parseIpv6(chance.pick(IP6S))! };
      return {
        protocol: ETHER_TYPE.ipv6,
        layers: [{ type: 'ipv6', dscp, hopLimit: ttl, nextHeader: protocol, ...addresses }, ...layers],
      };
    }
    default: {
      const { protocol, layers } = transport(chance, 4);
      const addresses = { src: parseIpv4(chance.pick(IPS))!, dst: parseIpv4(chance.pick(IPS))! };
      return { protocol: ETHER_TYPE.ipv4, layers: [{ type: 'ipv4', dscp, ttl, protocol, ...addresses }, ...layers] };
    }
  }
}

export function randomPacket(chance: Chance): Uint8Array {
  const { protocol, layers } = network(chance);
  const addresses = { dst: parseMac(chance.pick(MACS))!, src: parseMac(chance.pick(MACS))! };
  const tag: Layer = { type: 'vlan', vid: chance.pick(VIDS), pcp: chance.below(8), etherType: protocol };
  const isTagged = chance.oneIn(3);
  const ethernet: Layer = { type: 'ethernet', ...addresses, etherType: isTagged ? ETHER_TYPE.vlan : protocol };
  return encodeFrame([ethernet, ...(isTagged ? [tag] : []), ...layers]);
}

type Kind = 'ip' | 'tcp' | 'udp' | 'sctp' | 'icmp' | 'arp' | 'ipv6' | 'tcp6' | 'udp6' | '';

const KINDS: readonly Kind[] = ['', '', 'ip', 'ip', 'ip', 'tcp', 'udp', 'sctp', 'icmp', 'arp', 'ipv6', 'tcp6', 'udp6'];

const isIpv4 = (kind: Kind) => ['ip', 'tcp', 'udp', 'sctp', 'icmp'].includes(kind);
const isIpv6 = (kind: Kind) => ['ipv6', 'tcp6', 'udp6'].includes(kind);
const l4Of = (kind: Kind) => /^(tcp|udp|sctp)/.exec(kind)?.[1];

interface Subject {
  readonly kind: Kind;
  readonly tag: 'tagged' | 'untagged' | 'any';
}

function randomMatch(chance: Chance, { kind, tag }: Subject, tableId: number): string {
  const parts: string[] = kind === '' ? [] : [kind];
  const maybe = (...choices: readonly string[]) => {
    if (chance.oneIn(4)) parts.push(chance.pick(choices));
  };
  maybe('in_port=1', 'in_port=2');
  maybe(...MACS.map((mac) => `dl_dst=${mac}`), 'dl_dst=02:00:00:00:00:02/ff:ff:ff:ff:ff:fe');
  maybe(...MACS.map((mac) => `dl_src=${mac}`));
  if (tag === 'tagged') parts.push(chance.pick([...VIDS.map((vid) => `dl_vlan=${vid}`), 'vlan_vid=0x1000/0x1000']));
  if (tag === 'untagged') parts.push('vlan_vid=0');
  if (tag === 'tagged') maybe('dl_vlan_pcp=1', 'dl_vlan_pcp=0');
  if (tableId > 0) maybe('metadata=0x5', 'metadata=0x5/0x1');
  if (isIpv4(kind)) {
    maybe('nw_dst=10.0.0.0/24', ...IPS.map((ip) => `nw_dst=${ip}`));
    maybe(...IPS.map((ip) => `nw_src=${ip}`));
    maybe('ip_dscp=10', 'ip_dscp=0');
  }
  if (isIpv6(kind)) maybe('ipv6_dst=fd00::/64', ...IP6S.map((ip) => `ipv6_dst=${ip}`));
  if (kind === 'arp') maybe('arp_op=1', ...IPS.map((ip) => `arp_tpa=${ip}`));
  if (l4Of(kind)) maybe(...L4_PORTS.map((port) => `tp_dst=${port}`));
  return parts.join(',');
}

export const GROUP_IDS = [1, 2, 3, 4, 5];

function randomActions(chance: Chance, { kind, tag }: Subject): string[] {
  const choices = ['output:1', 'output:2', 'output:3', 'output:4', 'output:9', 'IN_PORT', 'FLOOD', 'ALL', 'LOCAL'];
  choices.push('CONTROLLER:128', 'set_queue:1', ...GROUP_IDS.map((id) => `group:${id}`));
  choices.push('set_field:02:00:00:00:00:09->eth_dst', 'set_field:02:00:00:00:00:01->eth_src');
  if (tag === 'tagged') choices.push('pop_vlan', 'set_field:0x1006->vlan_vid', 'set_field:3->vlan_pcp');
  if (tag === 'untagged') choices.push('push_vlan:0x8100');
  if (isIpv4(kind)) choices.push('set_field:10.0.0.2->ip_dst', 'set_field:10.0.0.7->ip_src', 'set_field:46->ip_dscp');
  if (isIpv6(kind)) choices.push('set_field:fd00::2->ipv6_dst', 'set_field:0x12345->ipv6_label');
  if (isIpv4(kind) || isIpv6(kind)) choices.push('dec_ttl', 'mod_nw_ttl:9');
  if (kind === 'arp') choices.push('set_field:2->arp_op', 'set_field:10.0.0.2->arp_spa');
  const l4 = l4Of(kind);
  if (l4) choices.push(`set_field:443->${l4}_dst`, `set_field:80->${l4}_src`);
  const actions = Array.from({ length: chance.below(4) }, () => chance.pick(choices));
  // What changes the tag comes once, and last: what stands before it was written for the packet as it is matched.
  const retagging = actions.find((action) => action === 'pop_vlan' || action.startsWith('push_vlan'));
  return [...actions.filter((action) => !/^p(op|ush)_vlan/.test(action)), ...(retagging ? [retagging] : [])];
}

/** In an action set a tag is popped before fields are set, whatever the order of writing. */
function toConsistentSet(actions: readonly string[]): readonly string[] {
  return actions.includes('pop_vlan') ? actions.filter((action) => !action.includes('->vlan_')) : actions;
}

function randomInstructions(chance: Chance, subject: Subject, tableId: number): string {
  const parts: string[] = [];
  if (chance.oneIn(6)) parts.push('meter:1');
  const applied = randomActions(chance, subject);
  parts.push(...applied);
  if (chance.oneIn(8)) parts.push('clear_actions');
  // Behind a changed tag another would have to be known.
  const isRetagged = applied.some((action) => /^p(op|ush)_vlan/.test(action));
  const written = toConsistentSet(randomActions(chance, isRetagged ? { ...subject, tag: 'any' } : subject));
  if (chance.oneIn(2) && written.length > 0) parts.push(`write_actions(${written.join(',')})`);
  if (chance.oneIn(4)) parts.push('write_metadata:0x5');
  if (tableId + 1 < TABLES && !chance.oneIn(4)) {
    parts.push(`goto_table:${tableId + 1 + chance.below(TABLES - tableId - 1)}`);
  }
  return parts.join(',') || 'drop';
}

/** Lines for `ovs-ofctl add-flows`; each rule has a cookie of its own. */
export function randomRules(chance: Chance): readonly string[] {
  const rules: string[] = [];
  for (let tableId = 0; tableId < TABLES; tableId++) {
    for (let count = 5 + chance.below(15); count > 0; count--) {
      const subject: Subject = { kind: chance.pick(KINDS), tag: chance.pick(['tagged', 'untagged', 'any', 'any']) };
      const match = randomMatch(chance, subject, tableId);
      const head = `cookie=${rules.length + 1},table=${tableId},priority=${count}`;
      rules.push(`${head}${match === '' ? '' : `,${match}`},actions=${randomInstructions(chance, subject, tableId)}`);
    }
    if (chance.oneIn(2)) {
      const actions = randomInstructions(chance, { kind: '', tag: 'any' }, tableId);
      rules.push(`cookie=${rules.length + 1},table=${tableId},priority=0,actions=${actions}`);
    }
  }
  return rules;
}

/** One of each type; the fifth leads to others. Open vSwitch tells at once how it selects only when told to hash fields. */
export function randomGroups(chance: Chance): readonly string[] {
  const bucket = () =>
    [
      ...(chance.oneIn(2) ? [`set_field:02:00:00:00:00:0${chance.below(9)}->eth_src`] : []),
      `output:${1 + chance.below(4)}`,
    ].join(',');
  return [
    `group_id=1,type=all,bucket=${bucket()},bucket=${bucket()}`,
    `group_id=2,type=indirect,bucket=${bucket()}`,
    `group_id=3,type=ff,bucket=watch_port:4,${bucket()},bucket=watch_port:${1 + chance.below(4)},${bucket()}`,
    `group_id=4,type=select,selection_method=hash,fields(eth_src,eth_dst),bucket=weight:1,${bucket()},bucket=weight:${1 + chance.below(3)},${bucket()}`,
    `group_id=5,type=all,bucket=group:3,bucket=group:4,bucket=${bucket()}`,
  ];
}
