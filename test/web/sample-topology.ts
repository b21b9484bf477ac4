/** Networks to draw and to hear about: the edge network as the server tells it, and any network that a generator can think of. */
import fc from 'fast-check';
import type {
  HostResource,
  LinkResource,
  SwitchResource,
  TopologyResource,
} from '../../protocol/api/network-resource.ts';

export function toDpid(number: number): string {
  return number.toString(16).padStart(16, '0');
}

export function toMac(number: number): string {
  return `02:00:00:00:${Math.floor(number / 256)
    .toString(16)
    .padStart(2, '0')}:${(number % 256).toString(16).padStart(2, '0')}`;
}

export function sampleSwitch(number: number, name: string, tier: string, site: string): SwitchResource {
  return { dpid: toDpid(number), name, tier, site, isConnected: true, ports: [], flowCount: 3 };
}

export function sampleHost(number: number, name: string, tier: string, site: string, dpid = ''): HostResource {
  return {
    id: toMac(number),
    name,
    kind: 'host',
    mac: toMac(number),
    ips: [`10.0.0.${number}`],
    tier,
    site,
    isSeen: true,
    dpid,
    portNo: dpid ? number : 0,
  };
}

export function sampleLink(name: string, a: string, b: string): LinkResource {
  const end = (node: string) => ({ node, portNo: node.includes(':') ? 0 : 1 });
  return { name, a: end(a), b: end(b), isUp: true, isDiscovered: true, framesPerSecond: 0, bytesPerSecond: 0 };
}

/** Two plants with a gateway each, a platform of two switches, a data centre of two. */
export function edgeGateway(): TopologyResource {
  const switches = [
    sampleSwitch(0x11, 'gw-1', 'gateway', 'plant-a'),
    sampleSwitch(0x12, 'gw-2', 'gateway', 'plant-b'),
    sampleSwitch(0x21, 'edge-1', 'platform', 'edge-room'),
    sampleSwitch(0x22, 'edge-2', 'platform', 'edge-room'),
    sampleSwitch(0x31, 'core-1', 'datacenter', 'dc'),
    sampleSwitch(0x32, 'core-2', 'datacenter', 'dc'),
  ];
  const places: readonly (readonly [name: string, tier: string, site: string, access: number])[] = [
    ['plc-a1', 'terminal', 'plant-a', 0x11],
    ['camera-a1', 'terminal', 'plant-a', 0x11],
    ['sensor-a1', 'terminal', 'plant-a', 0x11],
    ['plc-b1', 'terminal', 'plant-b', 0x12],
    ['camera-b1', 'terminal', 'plant-b', 0x12],
    ['gateway-a', 'gateway', 'plant-a', 0x11],
    ['gateway-b', 'gateway', 'plant-b', 0x12],
    ['ingest', 'platform', 'edge-room', 0x21],
    ['analytics', 'platform', 'edge-room', 0x22],
    ['scada', 'datacenter', 'dc', 0x31],
    ['historian', 'datacenter', 'dc', 0x32],
  ];
  const hosts = places.map(([name, tier, site, access], index) =>
    sampleHost(index + 1, name, tier, site, toDpid(access)),
  );
  const trunks: readonly (readonly [name: string, a: number, b: number])[] = [
    ['uplink-a', 0x11, 0x21],
    ['uplink-a-5g', 0x11, 0x22],
    ['uplink-b', 0x12, 0x22],
    ['uplink-b-5g', 0x12, 0x21],
    ['edge-ring', 0x21, 0x22],
    ['trunk-1', 0x21, 0x31],
    ['trunk-2', 0x22, 0x32],
    ['core-ring', 0x31, 0x32],
  ];
  return {
    name: 'edge-gateway',
    tiers: ['terminal', 'gateway', 'platform', 'datacenter'],
    isConverged: true,
    isEmulated: true,
    switches,
    hosts,
    links: [
      ...hosts.map(({ name, mac, dpid }) => sampleLink(`${name}-access`, mac, dpid)),
      ...trunks.map(([name, a, b]) => sampleLink(name, toDpid(a), toDpid(b))),
    ],
  };
}

const TIERS = ['terminal', 'gateway', 'platform'] as const;
const SITES = ['', 'plant-a', 'plant-b', 'hall'] as const;

/** Anything goes: tiers that no document names, sites across tiers, parallel links, loops, nodes that nobody is linked to. */
export const anyTopology: fc.Arbitrary<TopologyResource> = fc
  .record({
    switches: fc.array(fc.tuple(fc.constantFrom('', 'elsewhere', ...TIERS), fc.constantFrom(...SITES)), {
      maxLength: 9,
    }),
    hosts: fc.array(fc.tuple(fc.constantFrom('', ...TIERS), fc.constantFrom(...SITES), fc.nat(8)), { maxLength: 12 }),
    links: fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 25 }),
  })
  .map((drawn) => {
    const switches = drawn.switches.map(([tier, site], index) => sampleSwitch(index + 1, `s${index + 1}`, tier, site));
    const hosts = drawn.hosts.map(([tier, site, access], index) =>
      sampleHost(index + 1, `h${index + 1}`, tier, site, switches[access]?.dpid ?? ''),
    );
    const nodes = [...switches.map(({ dpid }) => dpid), ...hosts.map(({ mac }) => mac), 'nobody'];
    const between = drawn.links.map(([a, b], index) =>
      sampleLink(`l${index}`, nodes[a % nodes.length]!, nodes[b % nodes.length]!),
    );
    const access = hosts.filter(({ dpid }) => dpid !== '').map(({ mac, dpid, name }) => sampleLink(name, mac, dpid));
    return {
      name: 'any',
      tiers: [...TIERS],
      isConverged: true,
      isEmulated: true,
      switches,
      hosts,
      links: [...access, ...between],
    };
  });
