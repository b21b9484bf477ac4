import { describe, expect, it } from 'vitest';
import type { Match } from '../../../../../protocol/wire/openflow/match.ts';
import { formatMatch, formatOxmMatch, parseMatch } from '../../../../../protocol/wire/openflow/text/match-text.ts';
import { expectMistake, type Mistake } from './mistake.ts';

const IP = { type: 'ethType', value: 0x0800 } as const;
const IPV6 = { type: 'ethType', value: 0x86dd } as const;
const ARP = { type: 'ethType', value: 0x0806 } as const;
const TCP = { type: 'ipProto', value: 6 } as const;
const TAGGED = { type: 'vlanVid', value: 0x1000, mask: 0x1000 } as const;

/** What is matched, how, and its texts: printed is the first. */
type Case = readonly [what: string, match: Match, ...texts: readonly string[]];

const MATCHES: readonly Case[] = [
  ['everything', [], '', ' , '],
  ['a port', [{ type: 'inPort', value: 3 }], 'in_port=3', 'in_port=0x3'],
  ['a reserved port', [{ type: 'inPort', value: 0xfffffffe }], 'in_port=LOCAL', 'in_port=local', 'in_port=4294967294'],
  ['a protocol', [IP, TCP], 'tcp', 'ip,nw_proto=6', 'dl_type=0x800,ip_proto=6', 'tcp,ip', 'ip_proto=6,eth_type=2048'],
  ['a protocol without a word', [IP, { type: 'ipProto', value: 47 }], 'ip,nw_proto=47'],
  ['an Ethernet type without a word', [{ type: 'ethType', value: 0x88cc }], 'dl_type=0x88cc', 'eth_type=35020'],
  [
    'a prefix',
    [IP, { type: 'ipv4Dst', value: 0x0a000000, mask: 0xffffff00 }],
    'ip,nw_dst=10.0.0.0/24',
    'ip,nw_dst=10.0.0.7/24',
    'nw_dst=10.0.0.0/255.255.255.0,ip',
    'ip,ipv4_dst=10.0.0.0/24',
    'ip ip_dst=10.0.0.0/24',
    'ip\tOXM_OF_IPV4_DST[]=10.0.0.0/24',
  ],
  [
    'a mask that is no prefix',
    [IP, { type: 'ipv4Src', value: 0x0a000000, mask: 0xff00ff00 }],
    'ip,nw_src=10.0.0.0/255.0.255.0',
  ],
  [
    'an address under a mask of ones',
    [IP, { type: 'ipv4Src', value: 0x0a000001 }],
    'ip,nw_src=10.0.0.1',
    'ip,nw_src=10.0.0.1/32',
  ],
  ['nothing under a mask of zeros', [IP], 'ip', 'ip,nw_src=10.0.0.1/0', 'ip,metadata=5/0'],
  ['a TCP port', [IP, TCP, { type: 'tcpDst', value: 80 }], 'tcp,tp_dst=80', 'tp_dst=80,tcp', 'tcp,tcp_dst=80'],
  [
    'a UDP port',
    [IPV6, { type: 'ipProto', value: 17 }, { type: 'udpSrc', value: 53 }],
    'udp6,tp_src=53',
    'udp6,udp_src=53',
  ],
  ['an SCTP port', [IP, { type: 'ipProto', value: 132 }, { type: 'sctpDst', value: 9 }], 'sctp,tp_dst=9'],
  ['a port whose protocol is not matched', [{ type: 'tcpDst', value: 80 }], 'tcp_dst=80'],
  [
    'ICMP',
    [IP, { type: 'ipProto', value: 1 }, { type: 'icmpv4Type', value: 8 }, { type: 'icmpv4Code', value: 0 }],
    'icmp,icmp_type=8,icmp_code=0',
    'icmp,tp_src=8,tp_dst=0',
    'icmp,icmpv4_code=0,icmpv4_type=8',
  ],
  [
    'a neighbour solicitation',
    [
      IPV6,
      { type: 'ipProto', value: 58 },
      { type: 'icmpv6Type', value: 135 },
      { type: 'ipv6NdTarget', value: 0xfe80_0000_0000_0000_0000_0000_0000_0001n },
      { type: 'ipv6NdSll', value: 0x0000_0000_0001 },
    ],
    'icmp6,icmp_type=135,nd_target=fe80::1,nd_sll=00:00:00:00:00:01',
    'nd_sll=00:00:00:00:00:01,nd_target=fe80::1,icmpv6_type=135,icmp6',
  ],
  [
    'ARP',
    [ARP, { type: 'arpOp', value: 1 }, { type: 'arpSpa', value: 0x0a000001 }, { type: 'arpTpa', value: 0x0a000002 }],
    'arp,arp_spa=10.0.0.1,arp_tpa=10.0.0.2,arp_op=1',
    'arp,nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_proto=1',
  ],
  [
    'traffic class',
    [IP, { type: 'ipDscp', value: 46 }, { type: 'ipEcn', value: 1 }],
    'ip,nw_tos=184,nw_ecn=1',
    'ip,ip_dscp=46,ip_ecn=1',
  ],
  ['a flow label', [IPV6, { type: 'ipv6Flabel', value: 0x45, mask: 0xff }], 'ipv6,ipv6_label=0x00045/0x000ff'],
  [
    'a label',
    [
      { type: 'ethType', value: 0x8847 },
      { type: 'mplsBos', value: 1 },
      { type: 'mplsLabel', value: 100 },
    ],
    'mpls,mpls_label=100,mpls_bos=1',
  ],
  [
    'some bits of an address',
    [{ type: 'ethDst', value: 0x010000000000, mask: 0x010000000000 }],
    'dl_dst=01:00:00:00:00:00/01:00:00:00:00:00',
  ],
  [
    '64 bits',
    [
      { type: 'tunnelId', value: 5n },
      { type: 'metadata', value: 0x12n, mask: 0xffn },
    ],
    'tun_id=0x5,metadata=0x12/0xff',
    'metadata=18/255,tunnel_id=5',
  ],
  [
    'TCP flags',
    [IP, TCP, { type: 'tcpFlags', value: 2 }],
    'tcp,tcp_flags=syn',
    'tcp,tcp_flags=0x2',
    'tcp,tcp_flags=2/0xfff',
  ],
  [
    'TCP flags set and clear',
    [IP, TCP, { type: 'tcpFlags', value: 2, mask: 0x12 }],
    'tcp,tcp_flags=+syn-ack',
    'tcp,tcp_flags=-ack+syn',
    'tcp,tcp_flags=0x2/0x12',
  ],
  [
    'fields that Open vSwitch does not have',
    [
      { type: 'inPort', value: 1 },
      { type: 'inPhyPort', value: 2 },
      { type: 'ethType', value: 0x88e7 },
      { type: 'pbbIsid', value: 5 },
    ],
    'in_port=1,in_phy_port=2,dl_type=0x88e7,pbb_isid=5',
  ],
  [
    'a field of nobody',
    [{ type: 'unknown', header: 0x00013e04, body: Uint8Array.of(192, 168, 2, 3) }],
    'oxm_00013e04=0xc0a80203',
  ],
];

const VLANS: readonly Case[] = [
  [
    'a tag by its number',
    [{ type: 'vlanVid', value: 0x100a }],
    'dl_vlan=10',
    'vlan_vid=0x100a',
    'vlan_vid=0x100a/0x1fff',
    'vlan_tci=0x100a/0x1fff',
  ],
  ['no tag', [{ type: 'vlanVid', value: 0 }], 'vlan_tci=0x0000/0x1fff', 'dl_vlan=0xffff', 'vlan_vid=0', 'vlan_tci=0'],
  ['any tag', [TAGGED], 'vlan_tci=0x1000/0x1000', 'vlan_vid=0x1000/0x1000'],
  ['a priority', [TAGGED, { type: 'vlanPcp', value: 3 }], 'dl_vlan_pcp=3', 'vlan_pcp=3'],
  [
    'a number and a priority',
    [
      { type: 'vlanVid', value: 0x100a },
      { type: 'vlanPcp', value: 3 },
    ],
    'dl_vlan=10,dl_vlan_pcp=3',
    'vlan_pcp=3,vlan_vid=0x100a',
    'vlan_tci=0x700a',
  ],
  [
    'some bits of a number',
    [{ type: 'vlanVid', value: 0x000a, mask: 0x0fff }],
    'vlan_tci=0x000a/0x0fff',
    'vlan_vid=0x100a/0xfff',
  ],
];

const CASES = [...MATCHES, ...VLANS].map(([what, match, ...texts]) => ({ what, match, texts }));

describe('a match', () => {
  it.each(CASES)('on $what is read from every form of it', ({ match, texts }) => {
    for (const text of texts) expect(parseMatch(text), text).toEqual(match);
  });

  it.each(CASES)('on $what is printed as ovs-ofctl prints it', ({ match, texts }) => {
    expect(formatMatch(match)).toBe(texts[0]);
  });

  it('has what a field needs before the field, in whatever order it was written', () => {
    const fields = parseMatch('tp_dst=80,nw_dst=10.0.0.1,dl_vlan_pcp=3,tcp,dl_vlan=7,in_port=2').map(
      ({ type }) => type,
    );
    expect(fields).toEqual(['inPort', 'ethType', 'vlanVid', 'vlanPcp', 'ipv4Dst', 'ipProto', 'tcpDst']);
  });

  it('shows a wrong match as it is: fields twice, types that contradict, masks where none can be', () => {
    expect(formatMatch([IP, ARP])).toBe('dl_type=0x0800,dl_type=0x0806');
    expect(formatMatch([IPV6, { type: 'ipv4Src', value: 1 }])).toBe('ipv6,ipv4_src=0.0.0.1');
    expect(formatMatch([IP, TCP, { type: 'tcpSrc', value: 0x50, mask: 0xf0 }])).toBe('tcp,tp_src=0x50/0xf0');
    expect(formatMatch([{ type: 'vlanPcp', value: 3 }])).toBe('vlan_tci=0x6000/0xe000');
    expect(formatMatch([{ type: 'vlanVid', value: 0x2005 }])).toBe('vlan_vid=8197');
  });

  it('can be shown in the specification’s names, in the order of its bytes', () => {
    const match = parseMatch('tcp,nw_dst=10.0.0.0/24,tp_dst=80,in_port=LOCAL,dl_vlan=5,metadata=1/3');
    expect(formatOxmMatch(match)).toBe(
      'in_port=LOCAL,eth_type=0x0800,vlan_vid=4101,ipv4_dst=10.0.0.0/24,ip_proto=6,tcp_dst=80,metadata=0x1/0x3',
    );
  });
});

const MISTAKES: readonly Mistake[] = [
  ['in_prt=3', 1, /did you mean in_port\?/],
  ['tcp,IN_PORT=3', 5, /did you mean in_port\?/],
  ['tcp,tcp_dts=80', 5, /did you mean tcp_dst\?/],
  ['frobnicate=3', 1, /^frobnicate is not known here$/],
  ['constructor=3', 1, /not known/],
  ['in_port', 8, /needs a value/],
  ['in_port=', 9, /needs a number/],
  ['in_port=eth0', 9, /port number or one of IN_PORT/],
  ['in_port=LOCA', 9, /did you mean LOCAL\?/],
  ['in_port="eth0"', 9, /names of ports are the switch's/],
  ['in_port=4294967296', 9, /such as 10/],
  ['in_port=3/1', 9, /cannot be masked/],
  ['tcp=6', 5, /stands alone/],
  ['=3', 1, /a name must stand right before =/],
  ['in_port =3', 9, /a name must stand right before =/],
  ['in_port=3)', 10, /no parenthesis is open/],
  ['nw_dst=10.0.0.1', 1, /needs ip or arp .*ipv6_dst/],
  ['ipv6,nw_dst=10.0.0.1', 6, /needs ip or arp/],
  ['ip,tp_dst=80', 4, /needs tcp, udp.* tcp_dst/],
  ['tcp,icmp_type=3', 5, /needs icmp or icmp6/],
  ['nw_proto=6', 1, /needs ip, ipv6 or arp/],
  ['tcp,udp', 5, /udp contradicts tcp in column 1/],
  ['dl_type=0x800,arp', 15, /arp contradicts dl_type in column 1/],
  ['ip,nw_src=10.0.0.1,nw_src=10.0.0.2', 20, /contradicts nw_src in column 4/],
  ['ip,nw_src=10.0.0', 11, /IPv4 address such as/],
  ['ip,nw_src=10.0.0.1/33', 20, /prefix length up to 32/],
  ['ip,nw_src=10.0.0.1/', 20, /not empty/],
  ['ipv6,ipv6_src=fe80', 15, /IPv6 address such as/],
  ['dl_src=00-11-22-33-44-55', 8, /00:11:22:33:44:55/],
  ['ip,nw_tos=3', 11, /multiple of 4.*nw_ecn/],
  ['ip,nw_proto=256', 13, /8 bits: at most 255/],
  ['ip,nw_proto=010', 13, /octal/],
  ['mpls,mpls_label=1048576', 17, /20 bits: at most 0xfffff/],
  ['metadata=0x1ffffffffffffffff', 10, /64 bits/],
  ['metadata=-1', 10, /such as 10 or 0xa/],
  ['tcp,tcp_flags=+syn+fni', 15, /flags such as syn\|ack/],
  ['tcp,tcp_flags=+syn-syn', 15, /flags such as/],
  ['dl_vlan=4096', 9, /at most 4095, or 0xffff/],
  ['dl_vlan_pcp=8', 13, /at most 7/],
  ['vlan_vid=10', 10, /write dl_vlan=10 or vlan_vid=0x100a/],
  ['vlan_tci=0x2000/0x2000', 10, /vlan_pcp cannot be masked/],
  ['vlan_tci=0x2000', 10, /without a tag, which has no priority/],
  ['dl_vlan=0xffff,dl_vlan_pcp=3', 16, /dl_vlan_pcp contradicts dl_vlan in column 1/],
  ['reg0=5', 1, /reg0 is an Open vSwitch extension/],
  ['ip,ct_state=+trk', 4, /ct_state is an Open vSwitch extension/],
  ['tun_src=1.2.3.4', 1, /tun_src is an Open vSwitch extension/],
  ['oxm_80000a02=0x0800', 1, /has a name, eth_type/],
  ['oxm_00013e04=0xc0a8', 14, /says 4 bytes, here are 2/],
  ['oxm_00013e04=12', 14, /bytes such as 0x0102/],
];

describe('a mistake in a match', () => {
  it.each(MISTAKES)('is told with its column and how to mend it: %s', (...mistake) => {
    expectMistake(parseMatch, mistake);
  });
});
