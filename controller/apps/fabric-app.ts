/**
 * The network as one fabric: links are found by probes, hosts by what they send, and every switch gets the rules for all that is known.
 *
 * What no rule forwards yet is carried by the controller, as far as links lead.
 */
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { FabricCompiler, type FabricHost } from '../compile/fabric-compiler.ts';
import { LAYOUT } from '../compile/layout.ts';
import type { LinkFigures } from '../compile/path-placement.ts';
import type { PolicyFindings } from '../compile/policy-findings.ts';
import type { PortRole } from '../compile/port-parts.ts';
import type { Routes } from '../compile/routes.ts';
import { encodeProbe } from '../network/lldp-probe.ts';
import type { Network, NetworkEvent, PortRef } from '../network/network.ts';
import { NetworkMemory, NOTHING_REMEMBERED, type RememberedNetwork } from '../network/network-memory.ts';
import { ProbeJudge } from '../network/probe-judge.ts';
import { RESTART_GRACE, RestartGrace } from '../network/restart-grace.ts';
import { type SipKey, toSipKey } from '../network/siphash.ts';
import type { Plan } from '../plan.ts';
import { Carriage } from '../policy/carriage.ts';
import type { Directory } from '../policy/directory.ts';
import { toHostNamer } from '../policy/directory-names.ts';
import type { PolicySet } from '../policy/policy.ts';
import { type ResolvedPolicies, resolvePolicies } from '../policy/resolved-policies.ts';
import { HostService, type HostServiceEffects } from '../service/host-service.ts';
import type { Operation } from '../store/store.ts';
import type { SwitchState } from '../switch-state.ts';
import type { App } from './app.ts';

export interface FabricOptions {
  /** 128 bits that make this controller's probes known from forged ones; the default is for tests. */
  readonly probeSecret?: bigint;
  /** As the store has it. */
  readonly remembered?: RememberedNetwork;
  /** How long what is remembered is waited for before rules are changed. */
  readonly restartGraceNs?: Nanos;
}

export interface FabricEffects extends Omit<HostServiceEffects, 'mayCarry' | 'isInForce'> {
  /** Measured by echoes, which `measure` sends. */
  roundTrip(dpid: string): Nanos | undefined;
  measure(dpid: string): void;
  persist(operations: readonly Operation[]): void;
  /** What is wanted now, and who is who. */
  policies(): { readonly set: PolicySet; readonly directory: Directory };
  /** What they could not get. */
  found(findings: PolicyFindings): void;
  /** Every switch has confirmed all that it should have. */
  isConverged(): boolean;
  /** No switch has anything of the program any more. */
  isReleased(program: string): boolean;
  /** How many rules a table of a switch holds, if that is known. */
  roomOf(dpid: string, tableId: number): number | undefined;
}

export class FabricApp implements App {
  readonly #network: Network;
  readonly #routes: Routes;
  readonly #key: SipKey;
  readonly #effects: FabricEffects;
  readonly #probes: ProbeJudge;
  readonly #hosts: HostService;
  readonly #memory: NetworkMemory;
  readonly #grace: RestartGrace;
  readonly #compiler = new FabricCompiler();
  readonly #carriage = new Carriage();

  constructor(network: Network, routes: Routes, effects: FabricEffects, now: Nanos, options: FabricOptions = {}) {
    const { probeSecret = 0n, remembered = NOTHING_REMEMBERED, restartGraceNs = RESTART_GRACE } = options;
    this.#network = network;
    this.#routes = routes;
    this.#key = toSipKey(probeSecret);
    this.#effects = effects;
    this.#probes = new ProbeJudge(network, this.#key, effects, now);
    this.#hosts = new HostService(network, this.#key, {
      ...effects,
      mayCarry: (frame) => this.#carriage.mayCarry(frame),
      isInForce: () => this.#carriage.isFree || effects.isConverged(),
    });
    this.#memory = new NetworkMemory(network, remembered, now, (operations) => effects.persist(operations));
    this.#grace = new RestartGrace(network, remembered.switches, now, restartGraceNs);
  }

  compile(now: Nanos): Plan {
    const hosts = listHosts(this.#network);
    const policies = this.#resolvePolicies(hosts);
    this.#carriage.follow(policies, hosts);
    const { plan, findings } = this.#compiler.compile({
      routes: this.#routes,
      portsOf: (dpid) => this.#listPorts(dpid, now),
      hosts,
      linkFigures: (key) => toLinkFigures(this.#network, key),
      policies,
      nameOf: toHostNamer(this.#effects.policies().directory),
      isReleased: (program) => this.#effects.isReleased(program),
      roomOf: (dpid, tableId) => this.#effects.roomOf(dpid, tableId),
    });
    this.#effects.found(findings);
    return plan;
  }

  programReleased(): boolean {
    return this.#compiler.isProvisional;
  }

  #resolvePolicies(hosts: readonly FabricHost[]): ResolvedPolicies {
    const { set, directory } = this.#effects.policies();
    return resolvePolicies(
      set,
      directory,
      hosts.map(({ mac }) => mac),
    );
  }

  #listPorts(dpid: string, now: Nanos): readonly { readonly portNo: number; readonly role: PortRole }[] {
    return this.#network
      .upPorts(dpid)
      .map((portNo) => ({ portNo, role: roleOf(this.#network, { dpid, portNo }, now) }));
  }

  receivePacket({ dpid }: SwitchState, { match, data, tableId }: MessageOf<'packetIn'>, now: Nanos): void {
    const inPort = match.find((oxm) => oxm.type === 'inPort')?.value;
    if (typeof inPort !== 'number') return;
    const port = { dpid, portNo: inPort };
    if (!isLldp(data)) {
      this.#hosts.receive(port, data, tableId === LAYOUT.policy.id, now);
      return;
    }
    this.#probes.receive(port, data, now);
    this.#hosts.poll(now);
  }

  /**
   * Whichever of two neighbours confirms its rules last sends a probe that the other passes on. Sooner, both may be lost, and the link is not found before the next
   * round.
   */
  switchConfirmed(dpid: string, now: Nanos): void {
    if (!this.#network.hasSwitch(dpid)) return;
    // On a channel that is new nothing has been measured, though the switch may be no news.
    this.#effects.measure(dpid);
    this.#probeSwitch(dpid, now);
  }

  switchLeft(): void {
    // The network knows.
  }

  portChanged(port: PortRef, now: Nanos): void {
    this.#probePort(port, now);
  }

  follow(event: NetworkEvent, now: Nanos): void {
    this.#hosts.follow(event, now);
    const wasHere = event.type === 'switch-joined' && this.#memory.knows(event.dpid);
    this.#memory.follow(event, now);
    if (event.type !== 'switch-joined') return;
    this.#effects.measure(event.dpid);
    // It passes probes on by the rules that it has.
    if (wasHere) this.#probeSwitch(event.dpid, now);
  }

  probe(now: Nanos): void {
    this.#probes.tidy();
    for (const dpid of this.#network.switches()) {
      this.#effects.measure(dpid);
      this.#probeSwitch(dpid, now);
    }
  }

  poll(now: Nanos): void {
    this.#hosts.poll(now);
    this.#memory.poll(now);
  }

  pollAt(): Nanos | undefined {
    const dueAt = Math.min(
      this.#hosts.pollAt() ?? Number.POSITIVE_INFINITY,
      this.#memory.pollAt() ?? Number.POSITIVE_INFINITY,
      this.#grace.endsAt ?? Number.POSITIVE_INFINITY,
    );
    return dueAt === Number.POSITIVE_INFINITY ? undefined : dueAt;
  }

  isWaiting(now: Nanos): boolean {
    return this.#grace.isOn(now);
  }

  persisted(): void {
    this.#memory.persisted();
  }

  #probeSwitch(dpid: string, now: Nanos): void {
    for (const portNo of this.#network.upPorts(dpid)) this.#probePort({ dpid, portNo }, now);
  }

  #probePort(port: PortRef, now: Nanos): void {
    if (!this.#network.hasSwitch(port.dpid)) return;
    const description = this.#network.portsOf(port.dpid).get(port.portNo);
    if (!description) return;
    this.#effects.send(port.dpid, [port.portNo], encodeProbe({ ...port, sentAt: now }, description.hwAddr, this.#key));
  }
}

function roleOf(network: Network, port: PortRef, now: Nanos): PortRole {
  if (network.isLinkPort(port)) return 'link';
  if (network.isEdgePort(port, now)) return 'edge';
  return network.isHostPort(port) ? 'settling' : 'suspended';
}

/** Those that are attached, in the order of their addresses. */
function listHosts({ graph }: Network): readonly FabricHost[] {
  return graph
    .filterNodes((_, { kind }) => kind === 'host')
    .sort()
    .flatMap((host) => {
      const attributes = graph.getNodeAttributes(host);
      const access = graph.edges(host)[0];
      if (attributes.kind !== 'host' || access === undefined) return [];
      return [{ mac: attributes.mac, ...graph.getEdgeAttribute(access, 'a') }];
    });
}

const KILO = 1000;

function toLinkFigures(network: Network, key: string): LinkFigures {
  const { graph } = network;
  if (!graph.hasEdge(key)) return { latencyNs: undefined, capacityBps: undefined };
  const { a, b, latencyNs } = graph.getEdgeAttributes(key);
  const speeds = [a, b].flatMap((port) =>
    port ? (network.portsOf(port.dpid).get(port.portNo)?.currentSpeedKbps ?? 0) : [],
  );
  const capacityBps = Math.min(...speeds.filter((speed) => speed > 0)) * KILO;
  return { latencyNs, capacityBps: Number.isFinite(capacityBps) ? capacityBps : undefined };
}

function isLldp(frame: Uint8Array): boolean {
  return ((frame[12] ?? 0) << 8) + (frame[13] ?? 0) === ETHER_TYPE.lldp;
}
