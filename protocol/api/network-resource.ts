/** The network as REST and the live feed show it: switches, ports, hosts, links, and all of them as one topology. */
import Type, { type Static } from 'typebox';

const DPID_PATTERN = '^[0-9a-f]{16}$';

export const Dpid = Type.String({ pattern: DPID_PATTERN, description: 'A datapath id as sixteen hex digits.' });

export const PortResource = Type.Object({
  portNo: Type.Integer(),
  name: Type.String(),
  mac: Type.String(),
  isUp: Type.Boolean(),
});
export type PortResource = Static<typeof PortResource>;

export const SwitchResource = Type.Object({
  dpid: Dpid,
  name: Type.String({ description: 'The name that the topology document gives it, else its dpid.' }),
  tier: Type.String({ description: 'Empty when the document does not say.' }),
  site: Type.String({ description: 'Empty when the document does not say.' }),
  isConnected: Type.Boolean(),
  ports: Type.Array(PortResource),
  flowCount: Type.Integer({ description: 'Rules of ours that the switch has confirmed.' }),
});
export type SwitchResource = Static<typeof SwitchResource>;

export const HostKind = Type.Union(
  [
    Type.Literal('host'),
    Type.Literal('container'),
    Type.Literal('vm'),
    Type.Literal('unikernel'),
    Type.Literal('microvm'),
    Type.Literal('port'),
  ],
  { description: 'A port is the bare end of a cable: it has no address, and nothing answers.' },
);
export type HostKind = Static<typeof HostKind>;

export const HostResource = Type.Object({
  id: Type.String({ description: 'By which links name it: its MAC address, or port:NAME for a bare port.' }),
  name: Type.String({ description: 'The name that the topology document gives it, else its MAC address.' }),
  kind: HostKind,
  mac: Type.String({ description: 'Empty at a bare port.' }),
  ips: Type.Array(Type.String(), {
    description: "IPv4 and IPv6 addresses: the document's first, then those that were seen, the newest last.",
  }),
  tier: Type.String(),
  site: Type.String(),
  isSeen: Type.Boolean({
    description: 'The controller has seen a frame of it; hosts of a document are listed before.',
  }),
  dpid: Type.String({ description: 'The switch it is attached to; empty when that is not known.' }),
  portNo: Type.Integer({ description: 'The port it is attached to; 0 when that is not known.' }),
});
export type HostResource = Static<typeof HostResource>;

const LinkEnd = Type.Object({
  node: Type.String({ description: 'A dpid, or the id of a host.' }),
  portNo: Type.Integer({ description: '0 at a host.' }),
});

export const LinkResource = Type.Object({
  name: Type.String(),
  a: LinkEnd,
  b: LinkEnd,
  isUp: Type.Boolean({
    description:
      'In an emulated network: the cable is whole, and what hangs at both ends is on. Else: the controller finds the link.',
  }),
  isDiscovered: Type.Boolean({ description: 'Probes of the controller cross it, or its host was seen.' }),
  framesPerSecond: Type.Number({
    description: 'Both directions, measured at the emulated cable over the last second; 0 without emulation.',
  }),
  bytesPerSecond: Type.Number(),
});
export type LinkResource = Static<typeof LinkResource>;

export const TopologyResource = Type.Object({
  name: Type.String(),
  tiers: Type.Array(Type.String()),
  isConverged: Type.Boolean({ description: 'Every switch has confirmed all rules that it should have.' }),
  isEmulated: Type.Boolean(),
  switches: Type.Array(SwitchResource),
  hosts: Type.Array(HostResource),
  links: Type.Array(LinkResource),
});
export type TopologyResource = Static<typeof TopologyResource>;

/** Lists are objects, so that a cursor can join the items. */
export const SwitchList = Type.Object({ items: Type.Array(SwitchResource) });
export const HostList = Type.Object({ items: Type.Array(HostResource) });
export const LinkList = Type.Object({ items: Type.Array(LinkResource) });

export const SwitchParams = Type.Object({ dpid: Dpid });
export type SwitchParams = Static<typeof SwitchParams>;

export const LinkParams = Type.Object({ name: Type.String({ maxLength: 256 }) });
export type LinkParams = Static<typeof LinkParams>;

export const Health = Type.Object({ isAlive: Type.Literal(true) });
export const Readiness = Type.Object({ isReady: Type.Literal(true) });
