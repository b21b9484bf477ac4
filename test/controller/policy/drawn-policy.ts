/** Small worlds for policies: few hosts, addresses and ports, so that what is drawn meets; frames that are read, not facts that are made up. */
import fc from 'fast-check';
import type { Directory } from '../../../controller/policy/directory.ts';
import type {
  AllowPolicy,
  DenyPolicy,
  Policy,
  PolicySet,
  Selector,
  Service,
} from '../../../controller/policy/policy.ts';
import { parseIpv4, parseIpv6 } from '../../../protocol/wire/address.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Layer } from '../../../protocol/wire/packet/layer.ts';

export const MACS = [1, 2, 3, 4] as const;

const DPIDS = ['a', 'b', 'c'].map((digit) => digit.repeat(16));

export const DIRECTORY: Directory = {
  hosts: [
    { mac: 1, name: 'h1', tier: 'edge', site: 'plant-a', app: 'control', kind: 'vm', labels: { team: 'red' } },
    { mac: 2, name: 'h2', tier: 'edge', site: 'plant-b', app: 'video', kind: 'container' },
    { mac: 3, name: 'h3', tier: 'core', site: 'plant-a', labels: { team: 'blue' } },
  ],
  switches: [
    { dpid: DPIDS[0]!, name: 's1', tier: 'edge', site: 'plant-a' },
    { dpid: DPIDS[1]!, name: 's2', tier: 'core', site: 'plant-a' },
    { dpid: DPIDS[2]!, name: 's3', tier: 'core', site: 'plant-b', labels: { firewall: 'yes' } },
  ],
  links: [
    { name: 'uplink', a: { dpid: DPIDS[0]!, portNo: 1 }, b: { dpid: DPIDS[1]!, portNo: 1 } },
    { name: 'trunk', a: { dpid: DPIDS[2]!, portNo: 2 }, b: { dpid: DPIDS[1]!, portNo: 2 } },
  ],
};

const ADDRESSES_4 = ['10.1.0.1', '10.1.255.255', '10.2.0.1', '192.168.0.1'];
const ADDRESSES_6 = ['fd00::1', 'fd00:1::1', '2001:db8::1'];
const PORTS = [1, 80, 81, 443, 5000];

const everybody: Selector = { all: true };

const selectors: fc.Arbitrary<Selector> = fc.oneof(
  fc.subarray(['h1', 'h2', 'h3', '00:00:00:00:00:04'], { minLength: 1 }).map((names) => ({ names })),
  fc.constantFrom<Selector>(
    everybody,
    { tier: 'edge' },
    { site: 'plant-a' },
    { app: 'control' },
    { labels: { team: 'red' } },
  ),
  fc
    .constantFrom('10.1.0.0/16', '10.0.0.0/8', '0.0.0.0/0', '10.1.0.1', 'fd00::/16', 'fd00::1', '::/0')
    .map((address) => ({ address })),
);

const services: fc.Arbitrary<Service> = fc.oneof(
  fc.constantFrom('ip', 'tcp', 'udp', 'sctp', 'icmp', 'icmpv6').map((protocol) => ({ protocol }) as Service),
  fc
    .tuple(fc.constantFrom('tcp', 'udp', 'sctp'), fc.constantFrom(...PORTS), fc.integer({ min: 0, max: 2 }))
    .map(([protocol, first, more]) => ({ protocol, ports: { first, last: first + more } }) as Service),
);

const heads = (id: string) =>
  fc.record({
    id: fc.constant(id),
    from: selectors,
    to: selectors,
    services: fc.array(services, { maxLength: 3 }),
  });

export const PLAIN = {
  type: 'allow',
  via: [],
  avoid: { switches: [], links: [] },
  latencyNsMax: undefined,
  bandwidthBps: undefined,
  protect: 'none',
  limitBps: undefined,
  mirror: undefined,
} as const satisfies Partial<AllowPolicy>;

export function drawDeny(id: string): fc.Arbitrary<DenyPolicy> {
  return heads(id).map((head) => ({ type: 'deny', ...head }));
}

export function drawAllow(id: string): fc.Arbitrary<AllowPolicy> {
  const optional = <T>(...values: readonly T[]) => fc.constantFrom(undefined, ...values);
  return fc
    .tuple(
      heads(id),
      fc.record({
        via: fc.subarray(['s1', 's2', 's3'], { maxLength: 2 }).map((names) => names.map((name) => ({ names: [name] }))),
        avoid: fc.subarray(['uplink', 'trunk']).map((links) => ({ switches: [], links })),
        latencyNsMax: optional(5_000_000, 20_000_000),
        bandwidthBps: optional(1_000_000),
        protect: fc.constantFrom('none', 'failover', 'disjoint'),
        limitBps: optional(2_000_000),
        mirror: optional('h3'),
      }),
    )
    .map(([head, treatment]) => ({ type: 'allow', ...head, ...treatment }));
}

export const policySets: fc.Arbitrary<PolicySet> = fc
  .tuple(fc.constantFrom('allow', 'deny'), fc.array(fc.boolean(), { maxLength: 5 }))
  .chain(([otherwise, kinds]) =>
    fc
      .tuple(...kinds.map((isAllow, i): fc.Arbitrary<Policy> => (isAllow ? drawAllow(`p${i}`) : drawDeny(`p${i}`))))
      .map((policies) => ({ default: otherwise, policies })),
  );

const ports = fc.constantFrom(...PORTS, 82);

const transports: fc.Arbitrary<{ readonly protocol: number; readonly layers: readonly Layer[] }> = fc
  .record({ srcPort: ports, dstPort: ports, kind: fc.constantFrom('tcp', 'udp', 'sctp', 'icmp', 'icmpv6', 'other') })
  .map(({ srcPort, dstPort, kind }) => {
    switch (kind) {
      case 'tcp':
        return { protocol: 6, layers: [{ type: 'tcp', srcPort, dstPort, seq: 1, ack: 0, flags: 2, window: 1000 }] };
      case 'udp':
        return { protocol: 17, layers: [{ type: 'udp', srcPort, dstPort }] };
      case 'sctp':
        return { protocol: 132, layers: [{ type: 'sctp', srcPort, dstPort, verificationTag: 0, chunks: [] }] };
      case 'icmp':
        return { protocol: 1, layers: [{ type: 'payload', data: new Uint8Array(8) }] };
      case 'icmpv6':
        return { protocol: 58, layers: [{ type: 'payload', data: new Uint8Array(8) }] };
      default:
        return { protocol: 99, layers: [] };
    }
  });

const contents: fc.Arbitrary<{ readonly etherType: number; readonly layers: readonly Layer[] }> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...ADDRESSES_4), fc.constantFrom(...ADDRESSES_4), transports, fc.constantFrom(0, 0, 0, 8))
      .map(([src, dst, { protocol, layers }, fragmentOffsetBytes]) => ({
        etherType: 0x0800,
        layers: [
          { type: 'ipv4' as const, ttl: 64, protocol, src: parseIpv4(src)!, dst: parseIpv4(dst)!, fragmentOffsetBytes },
          ...(fragmentOffsetBytes > 0 ? [{ type: 'payload' as const, data: new Uint8Array(24) }] : layers),
        ],
      })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...ADDRESSES_6), fc.constantFrom(...ADDRESSES_6), transports)
      .map(([src, dst, { protocol, layers }]) => ({
        etherType: 0x86dd,
        layers: [
          { type: 'ipv6' as const, hopLimit: 64, nextHeader: protocol, src: parseIpv6(src)!, dst: parseIpv6(dst)! },
          ...layers,
        ],
      })),
  },
  {
    weight: 1,
    arbitrary: fc.constant({ etherType: 0x88b5, layers: [{ type: 'payload' as const, data: new Uint8Array(20) }] }),
  },
  // Says that it is IP and is not: it has a type, and neither protocol nor addresses.
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(0x0800, 0x86dd)
      .map((etherType) => ({ etherType, layers: [{ type: 'payload' as const, data: new Uint8Array(3) }] })),
  },
);

export const frames: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...MACS), fc.constantFrom(...MACS), fc.boolean(), contents)
  .map(([src, dst, isTagged, { etherType, layers }]) =>
    encodeFrame([
      { type: 'ethernet', src, dst, etherType: isTagged ? 0x8100 : etherType },
      ...(isTagged ? [{ type: 'vlan' as const, pcp: 0, dei: false, vid: 7, etherType }] : []),
      ...layers,
    ]),
  );
