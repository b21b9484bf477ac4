/**
 * A topology come to life: its switches, hosts and cables on one clock.
 *
 * It knows no controller. Control channels are opened from outside, on pipes or sockets, as they are on real switches.
 */
import type { IpAddress } from '../protocol/wire/ip-address.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import type { AttachEntry, HostIpv6 } from '../topologies/document.ts';
import type { HostNode, LinkAttributes, SwitchNode, Topology } from '../topologies/model.ts';
import { LENIENCES } from '../vswitch/lenience.ts';
import type { SwitchConfig } from '../vswitch/switch.ts';
import { AttachPort } from './attach-port.ts';
import { BarePort } from './bare-port.ts';
import { Cable, type CableEnd } from './cable.ts';
import type { CableSide } from './cable-figures.ts';
import type { Clock } from './clock.ts';
import { createGuestWorld, type GuestLink, isGuest } from './guest-factory.ts';
import { Host, type HostSpec } from './host.ts';
import { bandwidthFrom, mtuOf, toCableSpec } from './link-figures.ts';
import { portNameOf } from './port-name.ts';
import type { Random } from './random.ts';
import { NetworkServices } from './service/network-services.ts';
import type { Ipv6Config } from './stack/ipv6-setup.ts';
import { SwitchActor } from './switch-actor.ts';
import type { Workloads } from './workloads.ts';

/** The deviations of peers that a switch may let pass, for those who know switches from here only. */
export const SWITCH_LENIENCES = LENIENCES;

/** What a topology does not say of its switches. */
export type SwitchDefaults = Pick<SwitchConfig, 'failMode' | 'lenient'>;

/** The lower half of port addresses of switch n is n itself; the locally administered bit is set. */
function toPortMac(dpid: bigint, portNo: number): number {
  return 0x0600_0000_0000 + Number(BigInt.asUintN(24, dpid)) * 0x1_0000 + (portNo % 0x1_0000);
}

export class EmulatedNetwork {
  readonly topology: Topology;
  readonly switches = new Map<string, SwitchActor>();
  readonly hosts = new Map<string, Host>();
  /** Ends of cables with nothing behind them. */
  readonly barePorts = new Map<string, BarePort>();
  /** Ports that the outside plugs into, by `switch:port`; without somebody who opens them, nothing ever does. */
  readonly attachPorts = new Map<string, AttachPort>();
  readonly cables = new Map<string, Cable>();
  /** Compute nodes and the guests on them. */
  readonly workloads: Workloads;
  /** What hosts serve each other: leases, names, files. */
  readonly services: NetworkServices;

  /** `switchDefaults` is said of every switch. */
  constructor(topology: Topology, clock: Clock, random: Random, switchDefaults: SwitchDefaults = {}) {
    this.topology = topology;
    const links = topology.graph.mapEdges((_, attributes) => attributes);
    const usedPorts = indexPorts(links);
    const plugs = new Map(links.map((link) => [link, { a: new CablePlug('a'), b: new CablePlug('b') }]));
    const plainHosts = new Map<string, Host>();
    topology.graph.forEachNode((name, node) => {
      const ports = usedPorts.get(name) ?? [];
      const [first] = ports;
      // A host speaks on its lowest port.
      const plug = first ? plugs.get(first.link)![first.side] : new CablePlug('a');
      const send = (frame: Uint8Array) => plug.send(frame);
      if (node.type === 'switch') {
        const attached = topology.attachments.filter((entry) => entry.switch === name);
        const config = { ...toSwitchConfig(name, node, ports, attached), ...switchDefaults };
        this.switches.set(name, new SwitchActor(clock, config));
      } else if (node.type === 'port') this.barePorts.set(name, new BarePort(name, send));
      else if (!isGuest(node)) {
        const spec = toHostSpec(name, node, first && mtuOf(first.link));
        plainHosts.set(name, new Host(clock, random, spec, send));
      }
    });
    const linksOf = (name: string): GuestLink[] =>
      (usedPorts.get(name) ?? []).map(({ link, side }) => ({
        name: link.name,
        node: link.node,
        send: (frame) => plugs.get(link)![side].send(frame),
        setLit: (isLit) => plugs.get(link)![side].cable?.setLit(side, isLit),
      }));
    // What a guest sends must fit wherever it lives.
    const guestSpec = (name: string, node: HostNode) =>
      toHostSpec(name, node, leastOf((usedPorts.get(name) ?? []).map(({ link }) => mtuOf(link))));
    const guests = createGuestWorld(topology, { clock, random }, plainHosts, guestSpec, linksOf);
    this.workloads = guests.workloads;
    topology.graph.forEachNode((name) => {
      const host = plainHosts.get(name) ?? guests.stacks.get(name);
      if (host) this.hosts.set(name, host);
    });
    for (const link of links) {
      const ofLink = plugs.get(link)!;
      const endOf = (side: CableSide): CableEnd => {
        const { node, port } = link[side];
        const guest = guests.endOf(node, link.name);
        if (guest) return guest;
        const machine = this.hosts.get(node) ?? this.barePorts.get(node);
        if (machine) return usedPorts.get(node)![0]!.link === link ? machine : toFurtherEnd(machine, port);
        const plug = ofLink[side];
        const end = this.switches.get(node)?.plug(port, (frame) => plug.send(frame));
        assert(end !== undefined, 'a link has a switch or a host at each end');
        return end;
      };
      const cable = new Cable(clock, random, toCableSpec(link), endOf('a'), endOf('b'));
      this.cables.set(link.name, cable);
      ofLink.a.cable = cable;
      ofLink.b.cable = cable;
    }
    for (const entry of topology.attachments) {
      const actor = this.switches.get(entry.switch);
      assert(actor !== undefined, 'what is attached is attached to a switch');
      const port = new AttachPort(entry, (send) => actor.plug(entry.port, send));
      this.attachPorts.set(port.name, port);
    }
    this.services = new NetworkServices(topology, (name) => this.hosts.get(name));
    for (const name of plainHosts.keys()) this.services.start(name);
    // What a guest serves begins and ends with it.
    this.workloads.onChange(({ name }, state) => {
      if (state === 'running') this.services.start(name);
      else if (state !== 'paused') this.services.stop(name);
    });
    this.workloads.begin();
  }

  assertConserved(): void {
    for (const cable of this.cables.values()) cable.assertConserved();
  }
}

/** Beyond the first, which has the machine's name: a direction of a cable has a name of its own, also where two hosts have several. */
function toFurtherEnd(machine: CableEnd, portNo: number): CableEnd {
  return {
    name: `${machine.name}:${portNo}`,
    receiveFrame: (frame) => machine.receiveFrame(frame),
    linkChanged: (isUp) => machine.linkChanged(isUp),
  };
}

/** Where a port sends to: the cable comes when both its ends are there. One that nothing is plugged into swallows what is sent. */
class CablePlug {
  readonly #side: CableSide;
  cable: Cable | undefined;

  constructor(side: CableSide) {
    this.#side = side;
  }

  send(frame: Uint8Array): void {
    this.cable?.send(this.#side, frame);
  }
}

interface UsedPort {
  readonly portNo: number;
  readonly link: LinkAttributes;
  readonly side: CableSide;
}

/** Of each node, by number. */
function indexPorts(links: readonly LinkAttributes[]): ReadonlyMap<string, readonly UsedPort[]> {
  const used = new Map<string, UsedPort[]>();
  for (const link of links) {
    for (const side of ['a', 'b'] as const) {
      const { node, port: portNo } = link[side];
      const ports = used.get(node) ?? [];
      used.set(node, ports);
      ports.push({ portNo, link, side });
    }
  }
  for (const ports of used.values()) ports.sort((x, y) => x.portNo - y.portNo);
  return used;
}

function toSwitchConfig(
  name: string,
  { dpid, tables, maxEntries }: SwitchNode,
  linked: readonly UsedPort[],
  attached: readonly AttachEntry[],
) {
  const toPort = (portNo: number, bandwidthBps?: number, queues?: LinkAttributes['queues']) => ({
    portNo,
    name: portNameOf(name, portNo),
    hwAddr: toPortMac(dpid, portNo),
    ...(bandwidthBps !== undefined && { speedKbps: Math.min(Math.round(bandwidthBps / 1000), 0xffffffff) }),
    ...(queues && { queues: [...queues].map(([id, rates]) => ({ queueId: Number(id), ...rates })) }),
  });
  return {
    name,
    dpid,
    ...(tables !== undefined && { tableCount: tables }),
    ...(maxEntries !== undefined && { tableEntriesMax: maxEntries }),
    ports: [
      ...linked.map(({ portNo, link, side }) => toPort(portNo, bandwidthFrom(side, link), link.queues)),
      ...attached.map(({ port }) => toPort(port)),
    ],
  };
}

function leastOf(mtus: readonly (number | undefined)[]): number | undefined {
  const said = mtus.filter((mtu) => mtu !== undefined);
  return said.length === 0 ? undefined : Math.min(...said);
}

function toHostSpec(name: string, { mac, ip, ipv6, gateway }: HostNode, mtu: number | undefined): HostSpec {
  // An address by DHCP comes with the DHCP client; until then such a host has none.
  const address = ip === 'dhcp' ? { prefixLength: 0 } : { ip: ip.address, prefixLength: ip.prefixLength };
  const router = typeof gateway === 'number' && { router: gateway };
  const ipv6Config = ipv6 && { ipv6: toIpv6Config(ipv6, gateway) };
  return { name, mac, ...address, ...router, ...ipv6Config, ...(mtu !== undefined && { mtu }) };
}

function toIpv6Config(ipv6: HostIpv6, gateway: IpAddress | undefined): Ipv6Config {
  if (typeof ipv6 === 'string') return { mode: ipv6 };
  return { mode: 'static', address: ipv6, ...(typeof gateway === 'bigint' && { router: gateway }) };
}
