/** Sound frames of all shapes that a field can be set in: tagged, labelled, with options and extension headers, padded. */
import fc from 'fast-check';
import { ETHER_TYPE } from '../../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Icmpv6Body } from '../../../protocol/wire/packet/icmpv6.ts';
import { IP_PROTOCOL } from '../../../protocol/wire/packet/ipv4.ts';
import type { Ipv4Option } from '../../../protocol/wire/packet/ipv4-option.ts';
import type { Layer } from '../../../protocol/wire/packet/layer.ts';
import type { NeighborOption } from '../../../protocol/wire/packet/neighbor-discovery-option.ts';

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const macs = fc.integer({ min: 0, max: 0xffff_ffff_ffff });
const ipv6s = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
const dscp = fc.integer({ min: 0, max: 63 });
const ecn = fc.integer({ min: 0, max: 3 });
const ttl = fc.integer({ min: 0, max: 255 });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

interface Part {
  readonly protocol: number;
  readonly layers: readonly Layer[];
}

const payloads = bytes(33).map((data): Layer => ({ type: 'payload', data }));

const tcp = fc
  .record({ srcPort: u16, dstPort: u16, seq: u32, ack: u32, flags: fc.integer({ min: 0, max: 0xfff }), window: u16 })
  .chain((fields) =>
    payloads.map((data): Part => ({ protocol: IP_PROTOCOL.tcp, layers: [{ type: 'tcp', ...fields }, data] })),
  );

/** With and without a checksum. */
const udp = fc
  .tuple(fc.record({ srcPort: u16, dstPort: u16, checksum: fc.constantFrom(0, undefined) }), payloads)
  .map(([fields, data]): Part => ({ protocol: IP_PROTOCOL.udp, layers: [{ type: 'udp', ...fields }, data] }));

const sctp = fc.tuple(fc.record({ srcPort: u16, dstPort: u16, verificationTag: u32 }), bytes(30)).map(
  ([fields, data]): Part => ({
    protocol: IP_PROTOCOL.sctp,
    layers: [{ type: 'sctp', ...fields, chunks: [{ type: 'unknown', kind: 200, data }] }],
  }),
);

const icmp = fc.tuple(u16, u16, bytes(31)).map(
  ([identifier, sequence, data]): Part => ({
    protocol: IP_PROTOCOL.icmp,
    layers: [{ type: 'icmp', body: { type: 'echo-request', identifier, sequence, data } }],
  }),
);

const neighbors = fc.tuple(ipv6s, macs, fc.boolean()).map(([target, address, isSolicitation]): Icmpv6Body => {
  const options: NeighborOption[] = [
    { type: 'mtu', mtu: 1500 },
    { type: isSolicitation ? 'source-link-address' : 'target-link-address', address },
  ];
  return isSolicitation
    ? { type: 'neighbor-solicitation', target, options }
    : { type: 'neighbor-advertisement', router: false, solicited: true, override: false, target, options };
});

const icmpv6 = fc
  .oneof(
    neighbors,
    bytes(31).map((data): Icmpv6Body => ({ type: 'echo-request', identifier: 1, sequence: 2, data })),
  )
  .map((body): Part => ({ protocol: IP_PROTOCOL.icmpv6, layers: [{ type: 'icmpv6', body }] }));

const ipv4Options = fc.oneof(
  fc.constant([]),
  fc.constant<Ipv4Option[]>([{ type: 'router-alert', value: 0 }]),
  // Of three stops, all, one or none still to come.
  fc
    .tuple(fc.constantFrom('loose-route', 'strict-route'), fc.constantFrom(4, 12, 16), fc.tuple(u32, u32, u32))
    .map(([type, pointer, addresses]): Ipv4Option[] => [{ type: 'no-op' }, { type, pointer, addresses }]),
);

const ipv4 = fc
  .tuple(
    fc.record({ dscp, ecn, ttl, identification: u16, src: u32, dst: u32, options: ipv4Options }),
    fc.oneof(tcp, udp, sctp, icmp),
  )
  .map(
    ([fields, { protocol, layers }]): Part => ({
      protocol: ETHER_TYPE.ipv4,
      layers: [{ type: 'ipv4', ...fields, protocol }, ...layers],
    }),
  );

function toRouting(type: number, segmentsLeft: number, stops: readonly bigint[]): (nextHeader: number) => Layer {
  const data = new Uint8Array(4 + 16 * stops.length);
  const view = new DataView(data.buffer);
  if (type === 4) view.setUint8(0, stops.length - 1);
  stops.forEach((stop, index) => {
    view.setBigUint64(4 + 16 * index, stop >> 64n);
    view.setBigUint64(12 + 16 * index, stop & 0xffff_ffff_ffff_ffffn);
  });
  return (nextHeader) => ({ type: 'routing', nextHeader, routingType: type, segmentsLeft, data });
}

interface Extension {
  readonly protocol: number;
  readonly toLayer: (nextHeader: number) => Layer;
}

const routing = fc
  .tuple(fc.constantFrom(0, 4), fc.integer({ min: 0, max: 2 }), fc.tuple(ipv6s, ipv6s))
  .map(([type, left, stops]): Extension => ({ protocol: IP_PROTOCOL.routing, toLayer: toRouting(type, left, stops) }));

const hopByHop = fc.constant<Extension>({
  protocol: IP_PROTOCOL.hopByHop,
  toLayer: (nextHeader) => ({ type: 'hop-by-hop', nextHeader, options: [{ type: 'router-alert', value: 0 }] }),
});

const atomicFragment = fc.constant<Extension>({
  protocol: IP_PROTOCOL.fragment,
  toLayer: (nextHeader) => ({ type: 'fragment', nextHeader, offsetBytes: 0, moreFragments: false, identification: 1 }),
});

const authentication = fc.constant<Extension>({
  protocol: IP_PROTOCOL.ah,
  toLayer: (nextHeader) => ({ type: 'ah', nextHeader, spi: 1, sequence: 1, icv: new Uint8Array(12) }),
});

const extensions = fc
  .tuple(...[hopByHop, routing, atomicFragment, authentication].map((extension) => fc.option(extension)))
  .map((chosen) => chosen.filter((extension) => extension !== null));

const ipv6 = fc
  .tuple(
    fc.record({ dscp, ecn, flowLabel: fc.integer({ min: 0, max: 0xfffff }), hopLimit: ttl, src: ipv6s, dst: ipv6s }),
    extensions,
    fc.oneof(tcp, udp, sctp, icmpv6),
  )
  .map(([fields, chain, { protocol, layers }]): Part => {
    const protocols = [...chain.map((extension) => extension.protocol), protocol];
    const headers = chain.map(({ toLayer }, index) => toLayer(protocols[index + 1]!));
    return {
      protocol: ETHER_TYPE.ipv6,
      layers: [{ type: 'ipv6', ...fields, nextHeader: protocols[0]! }, ...headers, ...layers],
    };
  });

const arp = fc
  .record({ operation: u16, senderMac: macs, senderIp: u32, targetMac: macs, targetIp: u32 })
  .map((fields): Part => ({ protocol: ETHER_TYPE.arp, layers: [{ type: 'arp', ...fields }] }));

const labelled = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.record({ label: fc.integer({ min: 0, max: 0xfffff }), trafficClass: fc.integer({ min: 0, max: 7 }), ttl }),
    fc.oneof(ipv4, ipv6),
  )
  .map(([depth, fields, { layers }]): Part => {
    const stack = Array.from(
      { length: depth },
      (_, index): Layer => ({
        type: 'mpls',
        ...fields,
        label: (fields.label + index) % 2 ** 20,
        bottom: index === depth - 1,
      }),
    );
    return { protocol: ETHER_TYPE.mpls, layers: [...stack, ...layers] };
  });

const vlan = fc.record({
  pcp: fc.integer({ min: 0, max: 7 }),
  dei: fc.boolean(),
  vid: fc.integer({ min: 0, max: 0xfff }),
});

/** Padding is not zero, so that it shows if it gets into a checksum. */
const padding = bytes(20).map((data): Layer => ({ type: 'padding', data }));

export const frames = fc
  .tuple(
    fc.record({ dst: macs, src: macs }),
    fc.array(vlan, { maxLength: 2 }),
    fc.oneof(ipv4, ipv6, arp, labelled),
    padding,
  )
  .map(([addresses, tags, { protocol, layers }, filler]) => {
    const types = [...tags.map((_, index) => (index === 0 ? ETHER_TYPE.serviceVlan : ETHER_TYPE.vlan)), protocol];
    const tagLayers = tags.map((tag, index): Layer => ({ type: 'vlan', ...tag, etherType: types[index + 1] }));
    return encodeFrame([{ type: 'ethernet', ...addresses, etherType: types[0] }, ...tagLayers, ...layers, filler]);
  });
