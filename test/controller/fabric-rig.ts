/**
 * A fabric that is run for a law: a lab in virtual time, what is cut of it, and when it has come to rest.
 *
 * A switch that fails loses its cables, those to its hosts among them, and its control channel. Hosts at it are silent until it is back.
 */

import { formatDpid } from '../../controller/network/network.ts';
import type { Directory } from '../../controller/policy/directory.ts';
import { Lab, type LabOptions } from '../../lab/lab.ts';
import { MAC_BROADCAST } from '../../protocol/wire/address.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { ClockBudgetError, MILLISECOND, type Nanos, SECOND } from '../../sim/clock.ts';
import type { Topology } from '../../topologies/model.ts';
import { toBerth, toDirectory } from './drawn-fabric.ts';
import { isDoneWithPolicies } from './lab-policies.ts';
import type { UpFabric, UpLink } from './policy-oracle.ts';
import type { ProbeHost } from './probe-frame.ts';
import { WalkRecord } from './walk-record.ts';

export interface RigHost extends ProbeHost {
  /** The roamer's changes. */
  switchName: string;
  /** Of that switch. */
  dpid: string;
}

/** A machine that moves from berth to berth, as a guest does from server to server. */
const ROAMER = { name: 'roamer', mac: 0x0200_0000_00aa, ip: 0x0a00_00aa };

interface RigLink extends UpLink {
  /** By name. */
  readonly ends: readonly [string, string];
}

/** News are under way for this long at least after something was cut. */
const NEWS: Nanos = 20 * MILLISECOND;
const PATIENCE: Nanos = 20 * SECOND;
/** Of one stretch of time; the busiest without a storm has a hundredth of it. */
const EVENTS_MAX = 500_000;

export class FabricRig {
  readonly lab: Lab;
  readonly directory: Directory;
  readonly hosts: readonly RigHost[];
  /** By name of switch. */
  readonly dpids: ReadonlyMap<string, string>;
  readonly walks: WalkRecord;
  /** Only where there are berths. */
  readonly roamer: RigHost | undefined;
  readonly #links: readonly RigLink[];
  readonly #cut = new Set<string>();
  /** Gone, or without a control channel: in either case nothing that the controller would build on. */
  readonly #failed = new Set<string>();

  constructor(topology: Topology, options: LabOptions = {}) {
    this.lab = new Lab(topology, options);
    this.directory = toDirectory(topology);
    this.dpids = new Map(this.directory.switches.map(({ name, dpid }) => [name, dpid]));
    const hosts = listHosts(topology);
    this.roamer = this.#berthRoamer();
    this.hosts = this.roamer ? [...hosts, this.roamer] : hosts;
    this.walks = new WalkRecord(this.lab);
    this.#links = listLinks(topology, this.dpids);
  }

  /** Names of the links between switches. */
  get linkNames(): readonly string[] {
    return this.#links.map(({ name }) => name);
  }

  get switchNames(): readonly string[] {
    return [...this.dpids.keys()];
  }

  upFabric(): UpFabric {
    return {
      switches: new Set(
        this.switchNames.filter((name) => !this.#failed.has(name)).map((name) => this.dpids.get(name)!),
      ),
      links: this.#links.filter(({ name, ends }) => !this.#cut.has(name) && !ends.some((end) => this.#failed.has(end))),
    };
  }

  /** As if nothing were cut. */
  wholeFabric(): UpFabric {
    return { switches: new Set(this.dpids.values()), links: this.#links };
  }

  /** Those whose switch is there, and is heard of. */
  liveHosts(): RigHost[] {
    return this.hosts.filter(({ switchName }) => !this.#failed.has(switchName));
  }

  cutLink(name: string): void {
    this.#cut.add(name);
    this.lab.network.cables.get(name)!.setUp(false);
  }

  mendLink(name: string): void {
    this.#cut.delete(name);
    this.lab.network.cables.get(name)!.setUp(true);
  }

  failSwitch(name: string): void {
    this.#failed.add(name);
    for (const cable of this.#cablesOf(name)) cable.setUp(false);
    this.lab.disconnect(name);
  }

  /** It goes on with the rules it has, and the controller no longer counts on it. */
  loseChannel(name: string): void {
    this.#failed.add(name);
    this.lab.disconnect(name);
  }

  regainChannel(name: string): void {
    this.#failed.delete(name);
    this.lab.connect(name);
  }

  restoreSwitch(name: string): void {
    this.#failed.delete(name);
    this.lab.connect(name);
    for (const cable of this.#cablesOf(name)) cable.setUp(!this.#cut.has(cable.name));
  }

  /** Of the topology. */
  nodeOf(host: RigHost): string {
    return host === this.roamer ? toBerth(host.switchName) : host.name;
  }

  /** The switches that the roamer may be at. */
  get berths(): readonly string[] {
    return this.switchNames.filter((name) => this.lab.network.barePorts.has(toBerth(name)));
  }

  /** It says at once where it is, as a guest's new server does for it. */
  moveRoamer(switchName: string): void {
    assert(this.roamer !== undefined, 'there is one where there are berths');
    this.roamer.switchName = switchName;
    this.roamer.dpid = this.dpids.get(switchName)!;
    this.send(this.roamer, toAnnouncement(this.roamer));
  }

  send(host: RigHost, frame: Uint8Array): void {
    const { hosts, barePorts } = this.lab.network;
    (hosts.get(host.name) ?? barePorts.get(this.nodeOf(host)))!.sendFrame(frame);
  }

  /** Throws a `ClockBudgetError` in a storm. */
  run(duration: Nanos): void {
    this.lab.clock.runUntil(this.lab.clock.now + duration, EVENTS_MAX);
  }

  /** Until all that is up is known and confirmed, hosts among it; what is missing, in words, if that never comes. */
  settle(): string | undefined {
    this.run(NEWS);
    const missing = this.#waitFor(() => this.#missingOfFabric());
    if (missing) return missing;
    this.announce();
    const unseen = this.#waitFor(() => this.missing());
    if (unseen) return unseen;
    // What was confirmed last may lead to more.
    this.run(NEWS);
    return this.#waitFor(() => this.missing());
  }

  /** What is not known or confirmed yet of all that is up. */
  missing(): string | undefined {
    return this.#missingOfFabric() ?? this.#missingOfHosts();
  }

  #berthRoamer(): RigHost | undefined {
    const [switchName] = this.berths;
    return switchName === undefined ? undefined : { ...ROAMER, switchName, dpid: this.dpids.get(switchName)! };
  }

  #waitFor(missing: () => string | undefined): string | undefined {
    const deadline = this.lab.clock.now + PATIENCE;
    while (missing() !== undefined) {
      if (this.lab.clock.now >= deadline) return missing();
      this.run(5 * MILLISECOND);
    }
    return undefined;
  }

  #missingOfFabric(): string | undefined {
    const { controller } = this.lab;
    const { switches, links } = this.upFabric();
    if (controller.switches().length !== switches.size)
      return 'a switch is not connected, or one that is gone still is';
    const known = controller.network.graph.filterEdges((_, { kind }) => kind === 'link').length;
    if (known !== links.length) return `${known} links are known and ${links.length} are up`;
    if (controller.network.nextSettleAt() !== undefined) return 'ports have not settled';
    if (!controller.isConverged) return 'not all switches have confirmed all their rules';
    return isDoneWithPolicies(this.lab) ? undefined : 'a policy is still being compiled';
  }

  #missingOfHosts(): string | undefined {
    const lost = this.liveHosts().find((host) => !this.#isKnown(host));
    return lost && `${lost.name} is not known to be at ${lost.switchName}`;
  }

  #isKnown({ mac, dpid }: RigHost): boolean {
    return this.lab.controller.network.portOfHost(mac)?.dpid === dpid;
  }

  /** Hosts that nobody knows say who they are, as they do when their link comes up. */
  announce(): void {
    for (const host of this.liveHosts()) {
      if (this.#isKnown(host)) continue;
      this.send(host, toAnnouncement(host));
      this.run(MILLISECOND);
    }
  }

  #cablesOf(name: string) {
    return this.lab.topology.graph.edges(name).map((edge) => this.lab.network.cables.get(edge)!);
  }
}

/** What the work gives, or what is made of a storm that ended it. */
export function orStorm<T>(work: () => T, toResult: (storm: string) => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ClockBudgetError)) throw error;
    return toResult(`a storm: ${error.message}`);
  }
}

function listLinks({ graph }: Topology, dpids: ReadonlyMap<string, string>): RigLink[] {
  const links = graph.mapEdges((name, { a: from, b: to, delayNs }): RigLink[] => {
    const [a, b] = [dpids.get(from.node), dpids.get(to.node)];
    return a === undefined || b === undefined ? [] : [{ name, ends: [from.node, to.node], a, b, delayNs }];
  });
  return links.flat();
}

function listHosts({ graph }: Topology): RigHost[] {
  const hosts: RigHost[] = [];
  graph.forEachNode((name, node) => {
    if (node.type !== 'host' || node.ip === 'dhcp') return;
    const switchName = graph.neighbors(name)[0]!;
    const home = graph.getNodeAttributes(switchName);
    if (home.type !== 'switch') return;
    hosts.push({ name, mac: node.mac, ip: node.ip.address, switchName, dpid: formatDpid(home.dpid) });
  });
  return hosts;
}

/** A gratuitous ARP (RFC 5227, section 3). */
function toAnnouncement({ mac, ip }: ProbeHost): Uint8Array {
  return encodeFrame([
    { type: 'ethernet', dst: MAC_BROADCAST, src: mac, etherType: 0x0806 },
    { type: 'arp', operation: 1, senderMac: mac, senderIp: ip, targetMac: 0, targetIp: ip },
  ]);
}
