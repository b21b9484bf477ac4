/** One frame for every protocol of the packet room, as values whose lengths and checksums are all left to be computed. */
import { parseIpv4, parseIpv6, parseMac } from '../../protocol/wire/address.ts';
import { parseHex } from '../../protocol/wire/hex.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import type { Icmp, IcmpBody } from '../../protocol/wire/packet/icmp.ts';
import type { Icmpv6Body } from '../../protocol/wire/packet/icmpv6.ts';
import type { Ipv4 } from '../../protocol/wire/packet/ipv4.ts';
import type { Ipv6 } from '../../protocol/wire/packet/ipv6.ts';
import type { Frame, Layer } from '../../protocol/wire/packet/layer.ts';
import type { Udp } from '../../protocol/wire/packet/udp.ts';

export interface BuiltFrame {
  readonly name: string;
  readonly layers: Frame;
}

const hex = (text: string): Uint8Array => parseHex(text)!;
const mac = (text: string): number => parseMac(text)!;
const ip = (text: string): number => parseIpv4(text)!;
const ip6 = (text: string): bigint => parseIpv6(text)!;

const A = mac('02:00:00:00:00:0a');
const B = mac('02:00:00:00:00:0b');

function ethernet(etherType: number | undefined, dst = B): Layer {
  return { type: 'ethernet', dst, src: A, etherType };
}

function ipv4(protocol: number, more: Partial<Ipv4> = {}): Layer {
  return { type: 'ipv4', ttl: 64, protocol, src: ip('192.0.2.1'), dst: ip('192.0.2.2'), ...more };
}

function ipv6(nextHeader: number, more: Partial<Ipv6> = {}): Layer {
  return { type: 'ipv6', nextHeader, hopLimit: 64, src: ip6('2001:db8::a'), dst: ip6('2001:db8::b'), ...more };
}

function udp(more: Partial<Udp> = {}): Layer {
  return { type: 'udp', srcPort: 40_000, dstPort: 7, ...more };
}

/** Of an odd length, as that is where checksums go wrong. */
const payload: Layer = { type: 'payload', data: hex('736c75696365') };
const odd: Layer = { type: 'payload', data: hex('6f6464') };
const padding: Layer = { type: 'padding', data: new Uint8Array(7) };
const quote = encodeFrame([ipv4(17), udp(), payload]);
const quote6 = encodeFrame([ipv6(17), udp(), payload]);

function icmp(code: number, body: IcmpBody): Frame {
  const message: Icmp = { type: 'icmp', code, body };
  return [ethernet(0x0800), ipv4(1), message];
}

function icmpv6(code: number, body: Icmpv6Body, more: Partial<Ipv6> = {}): Frame {
  return [ethernet(0x86dd), ipv6(58, more), { type: 'icmpv6', code, body }];
}

function mld(body: Icmpv6Body, dst: string): Frame {
  const routerAlert: Layer = { type: 'hop-by-hop', nextHeader: 58, options: [{ type: 'router-alert', value: 0 }] };
  return [
    ethernet(0x86dd, mac('33:33:00:00:00:16')),
    ipv6(0, { hopLimit: 1, src: ip6('fe80::a'), dst: ip6(dst) }),
    routerAlert,
    { type: 'icmpv6', body },
  ];
}

const neighbor: Partial<Ipv6> = { hopLimit: 255, src: ip6('fe80::a'), dst: ip6('fe80::b') };
const syn: Layer = {
  type: 'tcp',
  srcPort: 40_000,
  dstPort: 5001,
  seq: 0xdead_beef,
  ack: 0,
  flags: 0x002,
  window: 64_240,
  options: [{ type: 'mss', bytes: 1460 }, { type: 'sack-permitted' }, { type: 'window-scale', shift: 7 }],
};

const built: Readonly<Record<string, Frame>> = {
  'an ARP reply': [
    ethernet(0x0806),
    { type: 'arp', operation: 2, senderMac: A, senderIp: ip('192.0.2.1'), targetMac: B, targetIp: ip('192.0.2.2') },
    padding,
  ],
  'a VLAN stack': [
    ethernet(0x88a8),
    { type: 'vlan', pcp: 3, dei: true, vid: 4094, etherType: 0x8100 },
    { type: 'vlan', vid: 1, etherType: 0x0800 },
    ipv4(17),
    udp(),
    odd,
    padding,
  ],
  'an MPLS stack': [
    ethernet(0x8847),
    { type: 'mpls', label: 100, trafficClass: 5, bottom: false, ttl: 9 },
    { type: 'mpls', label: 1_048_575, bottom: true, ttl: 255 },
    ipv6(17),
    udp(),
    odd,
  ],
  'a backbone frame': [
    ethernet(0x88a8),
    { type: 'vlan', vid: 200, etherType: 0x88e7 },
    { type: 'pbb', pcp: 2, uca: true, isid: 0x123456 },
    ethernet(0x0800),
    ipv4(17),
    udp(),
    payload,
  ],
  'SNAP with an 802.3 length': [
    ethernet(undefined),
    { type: 'llc', dsap: 0xaa, ssap: 0xaa, control: 3, snap: { oui: 0, protocol: 0x0800 } },
    ipv4(17),
    udp(),
    odd,
    padding,
  ],
  'a tag before an 802.3 length': [
    ethernet(0x8100, mac('01:80:c2:00:00:00')),
    { type: 'vlan', vid: 7 },
    { type: 'llc', dsap: 0x42, ssap: 0x42, control: 3 },
    {
      type: 'payload',
      data: hex(`0000000000 8000 ${'02'.repeat(6)} 00000000 8000 ${'02'.repeat(6)} 8001 0000 1400 0200 0f00`),
    },
  ],
  LLDP: [
    ethernet(0x88cc, mac('01:80:c2:00:00:0e')),
    {
      type: 'lldp',
      tlvs: [
        { type: 'chassis-id', subtype: 4, id: hex('02000000000a') },
        { type: 'port-id', subtype: 7, id: hex('31') },
        { type: 'time-to-live', seconds: 120 },
        { type: 'end' },
      ],
    },
  ],
  'UDP over IPv4 with options': [
    ethernet(0x0800),
    ipv4(17, {
      dscp: 46,
      ecn: 2,
      identification: 0xbeef,
      dontFragment: true,
      options: [
        { type: 'router-alert', value: 0 },
        { type: 'record-route', pointer: 4, addresses: [0, 0] },
      ],
    }),
    udp(),
    odd,
  ],
  'UDP over IPv4 along a source route': [
    ethernet(0x0800),
    ipv4(17, { options: [{ type: 'loose-route', pointer: 4, addresses: [ip('198.51.100.1'), ip('198.51.100.2')] }] }),
    udp(),
    odd,
  ],
  'TCP over IPv4': [ethernet(0x0800), ipv4(6), syn, padding],
  'TCP over IPv6 with data': [
    ethernet(0x86dd),
    ipv6(6, { dscp: 10, flowLabel: 0xabcde }),
    { ...syn, flags: 0x018 },
    odd,
  ],
  'SCTP over IPv4': [
    ethernet(0x0800),
    ipv4(132),
    {
      type: 'sctp',
      srcPort: 5000,
      dstPort: 5001,
      verificationTag: 0x1234_5678,
      chunks: [
        { type: 'data', flags: 3, tsn: 1, stream: 0, streamSequence: 0, payloadProtocol: 0, data: hex('6f6464') },
      ],
    },
  ],
  'IGMPv2 report': [
    ethernet(0x0800, mac('01:00:5e:01:02:03')),
    ipv4(2, { ttl: 1, dst: ip('239.1.2.3'), options: [{ type: 'router-alert', value: 0 }] }),
    { type: 'igmp', message: { type: 'report-v2', group: ip('239.1.2.3') } },
  ],
  'an echo request': icmp(0, { type: 'echo-request', identifier: 0x1234, sequence: 9, data: hex('010203') }),
  'an echo reply': icmp(0, { type: 'echo-reply', identifier: 0x1234, sequence: 9, data: hex('010203') }),
  'a host unreachable': icmp(1, { type: 'unreachable', quote }),
  'a fragmentation needed': icmp(4, { type: 'unreachable', nextHopMtu: 1400, quote }),
  'a time exceeded': icmp(0, { type: 'time-exceeded', quote }),
  'a redirect': icmp(1, { type: 'redirect', gateway: ip('192.0.2.254'), quote }),
  'a parameter problem': icmp(0, { type: 'parameter-problem', pointer: 1, quote }),
  'a timestamp reply': icmp(0, {
    type: 'timestamp-reply',
    identifier: 1,
    sequence: 2,
    originateMs: 1000,
    receiveMs: 1001,
    transmitMs: 1002,
  }),
  'every IPv6 extension header': [
    ethernet(0x86dd),
    ipv6(0),
    { type: 'hop-by-hop', nextHeader: 60, options: [{ type: 'router-alert', value: 1 }] },
    { type: 'destination-options', nextHeader: 43, options: [{ type: 'unknown', kind: 0x1e, data: hex('ff') }] },
    {
      type: 'routing',
      nextHeader: 44,
      routingType: 4,
      segmentsLeft: 1,
      data: hex(`01000000 ${'20010db8'.repeat(4)} ${'20010db9'.repeat(4)}`),
    },
    { type: 'fragment', nextHeader: 51, offsetBytes: 0, moreFragments: false, identification: 77 },
    { type: 'ah', nextHeader: 60, spi: 0x1000, sequence: 1, icv: hex('000102030405060708090a0b') },
    { type: 'destination-options', nextHeader: 17, options: [] },
    udp(),
    odd,
  ],
  'AH over IPv4': [
    ethernet(0x0800),
    ipv4(51),
    { type: 'ah', nextHeader: 17, spi: 7, sequence: 8, icv: hex('000102030405060708090a0b') },
    udp(),
    odd,
  ],
  ESP: [
    ethernet(0x86dd),
    ipv6(50),
    { type: 'esp', spi: 7, sequence: 8 },
    { type: 'payload', data: new Uint8Array(40) },
  ],
  'no next header': [ethernet(0x86dd), ipv6(59)],
  'the first fragment of a given datagram': [
    ethernet(0x86dd),
    ipv6(44),
    { type: 'fragment', nextHeader: 17, offsetBytes: 0, moreFragments: true, identification: 5 },
    udp({ length: 2000, checksum: 0xabcd }),
    { type: 'payload', data: new Uint8Array(8) },
  ],
  'a later fragment': [
    ethernet(0x0800),
    ipv4(17, { identification: 5, fragmentOffsetBytes: 1480 }),
    { type: 'payload', data: new Uint8Array(9) },
  ],
  'an ICMPv6 echo request': icmpv6(0, { type: 'echo-request', identifier: 0x1234, sequence: 9, data: hex('010203') }),
  'an ICMPv6 unreachable': icmpv6(4, { type: 'unreachable', quote: quote6 }),
  'an ICMPv6 packet too big': icmpv6(0, { type: 'packet-too-big', value: 1400, quote: quote6 }),
  'an ICMPv6 time exceeded': icmpv6(0, { type: 'time-exceeded', quote: quote6 }),
  'an ICMPv6 parameter problem': icmpv6(1, { type: 'parameter-problem', value: 6, quote: quote6 }),
  'a router solicitation': icmpv6(
    0,
    { type: 'router-solicitation', options: [{ type: 'source-link-address', address: A }] },
    neighbor,
  ),
  'a router advertisement': icmpv6(
    0,
    {
      type: 'router-advertisement',
      hopLimit: 64,
      managed: false,
      otherConfiguration: true,
      lifetimeSeconds: 1800,
      reachableMs: 30_000,
      retransmitMs: 1000,
      options: [
        { type: 'source-link-address', address: A },
        { type: 'mtu', mtu: 1400 },
        {
          type: 'prefix',
          prefix: ip6('2001:db8:5::'),
          prefixBits: 64,
          onLink: true,
          autonomous: true,
          validSeconds: 86_400,
          preferredSeconds: 14_400,
        },
        { type: 'dns-servers', lifetimeSeconds: 600, servers: [ip6('2001:db8::53'), ip6('2001:db8::54')] },
      ],
    },
    neighbor,
  ),
  'a neighbor solicitation': icmpv6(
    0,
    { type: 'neighbor-solicitation', target: ip6('fe80::b'), options: [{ type: 'source-link-address', address: A }] },
    neighbor,
  ),
  'a neighbor advertisement': icmpv6(
    0,
    {
      type: 'neighbor-advertisement',
      router: false,
      solicited: true,
      override: true,
      target: ip6('fe80::a'),
      options: [{ type: 'target-link-address', address: A }],
    },
    neighbor,
  ),
  'an ICMPv6 redirect': icmpv6(
    0,
    {
      type: 'redirect',
      target: ip6('fe80::c'),
      destination: ip6('2001:db8::c'),
      options: [
        { type: 'target-link-address', address: B },
        { type: 'redirected-header', quote: quote6.slice(0, 48) },
      ],
    },
    neighbor,
  ),
  'an MLDv1 query': mld({ type: 'mld1-query', maxResponseMs: 10_000, group: 0n }, 'ff02::1'),
  'an MLDv1 report': mld({ type: 'mld1-report', maxResponseMs: 0, group: ip6('ff15::1') }, 'ff15::1'),
  'an MLDv1 done': mld({ type: 'mld1-done', maxResponseMs: 0, group: ip6('ff15::1') }, 'ff02::2'),
  'an MLDv2 query': mld(
    {
      type: 'mld2-query',
      maxResponseCode: 1000,
      group: ip6('ff15::1'),
      suppressRouterSide: false,
      robustness: 2,
      queryIntervalCode: 125,
      sources: [ip6('2001:db8::1'), ip6('2001:db8::2')],
    },
    'ff15::1',
  ),
  'an MLDv2 report': mld(
    {
      type: 'mld2-report',
      records: [
        { kind: 4, group: ip6('ff15::1'), sources: [] },
        { kind: 1, group: ip6('ff15::2'), sources: [ip6('2001:db8::1')] },
      ],
    },
    'ff02::16',
  ),
  'a DHCP discover': [
    ethernet(0x0800, mac('ff:ff:ff:ff:ff:ff')),
    ipv4(17, { src: 0, dst: 0xffff_ffff }),
    udp({ srcPort: 68, dstPort: 67 }),
    {
      type: 'dhcp',
      operation: 1,
      transactionId: 0x3903_f326,
      clientMac: A,
      options: [{ type: 'message-type', value: 1 }, { type: 'end' }],
    },
  ],
  'a DNS query': [
    ethernet(0x86dd),
    ipv6(17),
    udp({ dstPort: 53 }),
    {
      type: 'dns',
      id: 0x4242,
      flags: 0x0100,
      operation: 0,
      responseCode: 0,
      questions: [{ name: 'www.example.com', kind: 28 }],
      answers: [],
      authorities: [],
      additionals: [],
    },
  ],
  'VXLAN with filling inside and outside': [
    ethernet(0x0800),
    ipv4(17),
    udp({ dstPort: 4789 }),
    { type: 'vxlan', vni: 0xabcdef },
    ethernet(0x0800),
    ipv4(17, { src: ip('10.0.0.1'), dst: ip('10.0.0.2') }),
    udp(),
    odd,
    { type: 'padding', after: 4, data: new Uint8Array(15) },
    padding,
  ],
  'VXLAN over IPv6 with IPv6 inside': [
    ethernet(0x86dd),
    ipv6(17),
    udp({ dstPort: 4789 }),
    { type: 'vxlan', vni: 1 },
    ethernet(0x86dd),
    ipv6(6, { src: ip6('fd00::1'), dst: ip6('fd00::2') }),
    { ...syn, dstPort: 5002 } as Layer,
  ],
  'IPv4 in IPv4': [ethernet(0x0800), ipv4(4), ipv4(17, { src: ip('10.0.0.1'), dst: ip('10.0.0.2') }), udp(), odd],
};

export const BUILT_FRAMES: readonly BuiltFrame[] = Object.entries(built).map(([name, layers]) => ({ name, layers }));
