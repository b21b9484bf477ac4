/**
 * The network as one fabric: links are found by probes, hosts by what they send, and every switch gets the rules for all that is known.
 *
 * What no rule forwards yet is carried by the controller, as far as links lead.
 */
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { compileForwarding } from '../compile/forwarding.ts';
import type { Routes } from '../compile/routes.ts';
import { sightFrame } from '../network/frame-sighting.ts';
import { encodeProbe } from '../network/lldp-probe.ts';
import type { Network, PortRef } from '../network/network.ts';
import type { Plan, PlanPart, SwitchPlan } from '../plan.ts';
import { isSameRuleList } from '../push/rule-difference.ts';
import type { SwitchState } from '../switch-state.ts';
import type { App, SendFrame } from './app.ts';

/** An unknown destination is looked for at no more edge ports than this at once: the controller is no data plane. */
const FLOOD_PORTS_MAX = 256;

const BASE = 'base';

export class FabricApp implements App {
  readonly #network: Network;
  readonly #routes: Routes;
  readonly #probeSecret: bigint;
  readonly #send: SendFrame;
  #plan: Plan = new Map();

  constructor(network: Network, routes: Routes, probeSecret: bigint, send: SendFrame) {
    this.#network = network;
    this.#routes = routes;
    this.#probeSecret = probeSecret;
    this.#send = send;
  }

  compile(now: Nanos): Plan {
    const tables = compileForwarding(this.#network.graph, this.#routes, (port) => this.#network.isEdgePort(port, now));
    const plan = new Map<string, SwitchPlan>();
    for (const [dpid, rules] of tables) {
      const before = this.#plan.get(dpid);
      const isSame = before !== undefined && isSameRuleList(before.get(BASE)!.rules, rules);
      const part: PlanPart = { rules, groups: [], meters: [], program: undefined, needs: [] };
      plan.set(dpid, isSame ? before : new Map([[BASE, part]]));
    }
    this.#plan = plan;
    return plan;
  }

  receivePacket({ dpid }: SwitchState, { match, data }: MessageOf<'packetIn'>, now: Nanos): void {
    const inPort = match.find((oxm) => oxm.type === 'inPort')?.value;
    if (typeof inPort !== 'number') return;
    const port = { dpid, portNo: inPort };
    const destination = sightFrame(this.#network, port, data, this.#probeSecret, now);
    if (destination !== undefined) this.#forward(destination, port, data, now);
  }

  /**
   * Whichever of two neighbours confirms its rules last sends a probe that the other passes on. Sooner, both may be lost, and the link is not found before the next
   * round.
   */
  switchConfirmed(dpid: string): void {
    if (this.#network.hasSwitch(dpid)) this.#probeSwitch(dpid);
  }

  switchLeft(): void {
    // The network knows.
  }

  portChanged(port: PortRef): void {
    this.#probePort(port);
  }

  probe(): void {
    for (const dpid of this.#network.switches()) this.#probeSwitch(dpid);
  }

  /**
   * A frame that no rule forwarded: to where its destination is, or, if nobody knows, to every edge. Only as far as the cables go: the
   * controller reaches every switch, and would join what is cut.
   */
  #forward(destination: number, from: PortRef, frame: Uint8Array, now: Nanos): void {
    const port = this.#network.portOfHost(destination);
    const reachable = this.#network.reachableFrom(from.dpid);
    if (port) {
      if (reachable.has(port.dpid)) this.#send(port, frame);
      return;
    }
    let sent = 0;
    for (const dpid of [...reachable].sort()) {
      for (const portNo of this.#network.upPorts(dpid)) {
        const isOrigin = dpid === from.dpid && portNo === from.portNo;
        if (isOrigin || !this.#network.isEdgePort({ dpid, portNo }, now) || sent >= FLOOD_PORTS_MAX) continue;
        this.#send({ dpid, portNo }, frame);
        sent++;
      }
    }
  }

  #probeSwitch(dpid: string): void {
    for (const portNo of this.#network.upPorts(dpid)) this.#probePort({ dpid, portNo });
  }

  #probePort(port: PortRef): void {
    const description = this.#network.portsOf(port.dpid).get(port.portNo);
    if (description) this.#send(port, encodeProbe(port, description.hwAddr, this.#probeSecret));
  }
}
