/**
 * A topology come to life: its switches, hosts and cables on one clock.
 *
 * It knows no controller. Control channels are opened from outside, on pipes or sockets, as they are on real switches.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { AttachEntry } from '../topologies/document.ts';
import type { HostNode, LinkAttributes, SwitchNode, Topology } from '../topologies/model.ts';
import { LENIENCES } from '../vswitch/lenience.ts';
import type { SwitchConfig } from '../vswitch/switch.ts';
import { AttachPort } from './attach-port.ts';
import { BarePort } from './bare-port.ts';
import { Cable, type CableEnd, type CableSide } from './cable.ts';
import type { Clock } from './clock.ts';
import { Host } from './host.ts';
import type { Random } from './random.ts';
import { SwitchActor } from './switch-actor.ts';

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

  /** `switchDefaults` is said of every switch. */
  constructor(topology: Topology, clock: Clock, random: Random, switchDefaults: SwitchDefaults = {}) {
    this.topology = topology;
    const links = topology.graph.mapEdges((_, attributes) => attributes);
    const plugs = new Map(links.map((link) => [link, { a: new CablePlug('a'), b: new CablePlug('b') }]));
    topology.graph.forEachNode((name, node) => {
      const ports = portsOf(name, links);
      const [first] = ports;
      // A host speaks on its lowest port.
      const plug = first ? plugs.get(first.link)![first.side] : new CablePlug('a');
      const send = (frame: Uint8Array) => plug.send(frame);
      if (node.type === 'switch') {
        const attached = topology.attachments.filter((entry) => entry.switch === name);
        const config = { ...toSwitchConfig(name, node, ports, attached), ...switchDefaults };
        this.switches.set(name, new SwitchActor(clock, config));
      } else if (node.type === 'port') this.barePorts.set(name, new BarePort(name, send));
      else this.hosts.set(name, new Host(clock, toHostSpec(name, node), send));
    });
    for (const link of links) {
      const ofLink = plugs.get(link)!;
      const endOf = (side: CableSide): CableEnd => {
        const { node, port } = link[side];
        const plug = ofLink[side];
        const end =
          this.switches.get(node)?.plug(port, (frame) => plug.send(frame)) ??
          this.hosts.get(node) ??
          this.barePorts.get(node);
        assert(end !== undefined, 'a link has a switch or a host at each end');
        return end;
      };
      const spec = {
        name: link.name,
        bandwidthBps: link.bandwidthBps,
        delayNs: link.delayNs,
        queueFramesMax: link.queuePackets,
        lossProbability: link.loss,
      };
      const cable = new Cable(clock, random, spec, endOf('a'), endOf('b'));
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
  }

  assertConserved(): void {
    for (const cable of this.cables.values()) cable.assertConserved();
  }
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

function portsOf(node: string, links: readonly LinkAttributes[]): readonly UsedPort[] {
  const ports: UsedPort[] = [];
  for (const link of links) {
    for (const side of ['a', 'b'] as const)
      if (link[side].node === node) ports.push({ portNo: link[side].port, link, side });
  }
  return ports.sort((x, y) => x.portNo - y.portNo);
}

function toSwitchConfig(
  name: string,
  { dpid, tables, maxEntries }: SwitchNode,
  linked: readonly UsedPort[],
  attached: readonly AttachEntry[],
) {
  const toPort = (portNo: number, { bandwidthBps, queues }: Partial<LinkAttributes> = {}) => ({
    portNo,
    name: `${name}-eth${portNo}`,
    hwAddr: toPortMac(dpid, portNo),
    ...(bandwidthBps !== undefined && { speedKbps: Math.min(Math.round(bandwidthBps / 1000), 0xffffffff) }),
    ...(queues && { queues: [...queues].map(([id, rates]) => ({ queueId: Number(id), ...rates })) }),
  });
  return {
    name,
    dpid,
    ...(tables !== undefined && { tableCount: tables }),
    ...(maxEntries !== undefined && { tableEntriesMax: maxEntries }),
    ports: [...linked.map(({ portNo, link }) => toPort(portNo, link)), ...attached.map(({ port }) => toPort(port))],
  };
}

function toHostSpec(name: string, { mac, ip }: HostNode) {
  // An address by DHCP comes with the DHCP client; until then such a host has none.
  return ip === 'dhcp' ? { name, mac, prefixLength: 0 } : { name, mac, ip: ip.address, prefixLength: ip.prefixLength };
}
