/**
 * Matches, actions and instructions to show to foreign programs: together they have every field and every kind, each with the
 * prerequisites that 1.3 asks for, in the order in which it asks.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import type { Message } from '../../protocol/wire/openflow/message.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';

export const NO_BUFFER = 0xffffffff;

/** Any port, any group. */
export const ANY = 0xffffffff;

export const COOKIE = 0x123456789abcdef0n;

export const TCP_MATCH: Match = [
  { type: 'inPort', value: 3 },
  { type: 'metadata', value: 0x1200n, mask: 0xff00n },
  { type: 'ethDst', value: 0x010000000000, mask: 0x010000000000 },
  { type: 'ethSrc', value: 0x020000000001 },
  { type: 'ethType', value: 0x0800 },
  { type: 'vlanVid', value: 0x1064 },
  { type: 'vlanPcp', value: 5 },
  { type: 'ipDscp', value: 46 },
  { type: 'ipEcn', value: 2 },
  { type: 'ipProto', value: 6 },
  { type: 'ipv4Src', value: 0xc0000200, mask: 0xffffff00 },
  { type: 'ipv4Dst', value: 0xc6336407 },
  { type: 'tcpSrc', value: 5000 },
  { type: 'tcpDst', value: 80 },
  { type: 'tunnelId', value: 77n },
];

/** Every field that may stand beside another, in as few matches as their prerequisites allow. */
export const MATCHES: Readonly<Record<string, Match>> = {
  tcp: TCP_MATCH,
  tcpFlags: [
    { type: 'ethType', value: 0x0800 },
    { type: 'ipProto', value: 6 },
    { type: 'tcpFlags', value: 0x002, mask: 0x012 },
  ],
  udp6: [
    { type: 'ethType', value: 0x86dd },
    { type: 'ipProto', value: 17 },
    { type: 'ipv6Src', value: 0x20010db8_00010002_00000000_00000000n, mask: 0xffffffff_ffffffff_00000000_00000000n },
    { type: 'ipv6Dst', value: 0x20010db8_00000000_00000000_00000001n },
    { type: 'ipv6Flabel', value: 0x12300, mask: 0xfff00 },
    { type: 'udpSrc', value: 68 },
    { type: 'udpDst', value: 67 },
  ],
  sctp: [
    { type: 'ethType', value: 0x0800 },
    { type: 'ipProto', value: 132 },
    { type: 'sctpSrc', value: 2905 },
    { type: 'sctpDst', value: 3868 },
  ],
  icmp: [
    { type: 'ethType', value: 0x0800 },
    { type: 'ipProto', value: 1 },
    { type: 'icmpv4Type', value: 3 },
    { type: 'icmpv4Code', value: 4 },
  ],
  neighborSolicitation: [
    { type: 'ethType', value: 0x86dd },
    { type: 'ipProto', value: 58 },
    { type: 'icmpv6Type', value: 135 },
    { type: 'icmpv6Code', value: 0 },
    { type: 'ipv6NdTarget', value: 0xfe800000_00000000_00000000_00000009n },
    { type: 'ipv6NdSll', value: 0x02000000000a },
  ],
  neighborAdvertisement: [
    { type: 'ethType', value: 0x86dd },
    { type: 'ipProto', value: 58 },
    { type: 'icmpv6Type', value: 136 },
    { type: 'icmpv6Code', value: 0 },
    { type: 'ipv6NdTll', value: 0x02000000000b },
  ],
  arp: [
    { type: 'ethType', value: 0x0806 },
    { type: 'arpOp', value: 2 },
    { type: 'arpSpa', value: 0x0a000001 },
    { type: 'arpTpa', value: 0x0a000200, mask: 0xffffff00 },
    { type: 'arpSha', value: 0x020000000003 },
    { type: 'arpTha', value: 0x020000000000, mask: 0xffffff000000 },
  ],
  mpls: [
    { type: 'ethType', value: 0x8847 },
    { type: 'mplsLabel', value: 1000 },
    { type: 'mplsTc', value: 6 },
    { type: 'mplsBos', value: 1 },
  ],
  pbb: [
    { type: 'ethType', value: 0x88e7 },
    { type: 'pbbIsid', value: 0x123400, mask: 0xffff00 },
  ],
  physicalPort: [
    { type: 'inPort', value: 4 },
    { type: 'inPhyPort', value: 5 },
  ],
  extensionHeaders: [
    { type: 'ethType', value: 0x86dd },
    { type: 'ipv6Exthdr', value: 0x001, mask: 0x021 },
  ],
};

/** In an order in which each has a packet to work on. */
export const ACTION_LIST: readonly Action[] = [
  { type: 'pushVlan', etherType: 0x8100 },
  { type: 'setField', field: { type: 'vlanVid', value: 0x1065 } },
  { type: 'popVlan' },
  { type: 'setNwTtl', ttl: 63 },
  { type: 'decNwTtl' },
  { type: 'setField', field: { type: 'ipv4Dst', value: 0x0a0b0c0d } },
  { type: 'setField', field: { type: 'ethDst', value: 0x0200000000fe } },
  { type: 'setQueue', queueId: 12 },
  { type: 'output', port: 21, maxLen: 0 },
  { type: 'group', groupId: 31 },
  { type: 'output', port: PORT.controller, maxLen: 128 },
];

export const MPLS_ACTION_LIST: readonly Action[] = [
  { type: 'pushMpls', etherType: 0x8847 },
  { type: 'setMplsTtl', ttl: 62 },
  { type: 'decMplsTtl' },
  { type: 'popMpls', etherType: 0x0800 },
  { type: 'output', port: 22, maxLen: 0 },
];

/** Known to the specification and to few switches. */
export const RARE_ACTION_LIST: readonly Action[] = [
  { type: 'copyTtlOut' },
  { type: 'copyTtlIn' },
  { type: 'pushPbb', etherType: 0x88e7 },
  { type: 'popPbb' },
];

export const INSTRUCTION_LIST: readonly Instruction[] = [
  { type: 'meter', meterId: 41 },
  { type: 'applyActions', actions: ACTION_LIST },
  { type: 'clearActions' },
  { type: 'writeActions', actions: [{ type: 'output', port: 23, maxLen: 0 }] },
  { type: 'writeMetadata', metadata: 0x3400n, mask: 0xff00n },
  { type: 'gotoTable', tableId: 51 },
];

export function flowModOf(match: Match, instructions: readonly Instruction[]): Message {
  return {
    type: 'flowMod',
    xid: 18,
    cookie: COOKIE,
    cookieMask: 0n,
    tableId: 6,
    command: 0,
    idleTimeout: 61,
    hardTimeout: 62,
    priority: 63,
    bufferId: NO_BUFFER,
    outPort: ANY,
    outGroup: ANY,
    flags: 3,
    match,
    instructions,
  };
}
