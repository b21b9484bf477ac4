/** What a lab shows and lets people do beyond its controller: names and places of the document, cables, pings. */

import { formatDpid } from '../controller/network/network.ts';
import type {
  EmulatedHost,
  EmulatedLink,
  EmulatedSwitch,
  Emulation,
  PingRequest,
  PingResource,
} from '../protocol/api/emulation.ts';
import type {
  MigrationRequest,
  WorkloadOutcome,
  WorkloadResource,
  WorkloadVerb,
} from '../protocol/api/workload-resource.ts';
import { formatIpv4, formatMac } from '../protocol/wire/address.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { MILLISECOND } from '../sim/clock.ts';
import { type PingResult, startPing } from '../sim/ping.ts';
import type { NodeAttributes } from '../topologies/model.ts';
import type { Lab } from './lab.ts';
import { actOnWorkload, listWorkloads, migrateWorkload } from './lab-workloads.ts';

const PING_COUNT_DEFAULT = 3;

export class LabEmulation implements Emulation {
  readonly name: string;
  readonly tiers: readonly string[];
  readonly #lab: Lab;
  readonly #enter: (work: () => void) => void;

  /** `enter` brings the lab to the present moment before it works on it. */
  constructor(lab: Lab, enter: (work: () => void) => void) {
    this.name = lab.topology.name;
    this.tiers = lab.topology.tiers;
    this.#lab = lab;
    this.#enter = enter;
  }

  switches(): readonly EmulatedSwitch[] {
    return this.#nodes('switch').map(([name, node]) => ({
      name,
      ...placeOf(node),
      dpid: node.type === 'switch' ? formatDpid(node.dpid) : '',
    }));
  }

  hosts(): readonly EmulatedHost[] {
    const { graph } = this.#lab.topology;
    return graph
      .filterNodes((_, { type }) => type !== 'switch')
      .map((name) => this.#toHost(name, graph.getNodeAttributes(name)));
  }

  links(): readonly EmulatedLink[] {
    const { graph } = this.#lab.topology;
    return graph.mapEdges((_, { name, a, b }) => {
      const cable = this.#lab.network.cables.get(name)!;
      const { a: fromA, b: fromB } = cable.counters;
      return {
        name,
        a: this.#endOf(a),
        b: this.#endOf(b),
        isUp: cable.isUp,
        frames: fromA.delivered + fromB.delivered,
        bytes: fromA.deliveredBytes + fromB.deliveredBytes,
      };
    });
  }

  setLinkUp(name: string, isUp: boolean): boolean {
    const cable = this.#lab.network.cables.get(name);
    if (!cable) return false;
    this.#enter(() => cable.setUp(isUp));
    return true;
  }

  ping({ from, to, count = PING_COUNT_DEFAULT }: PingRequest, done: (result: PingResource) => void): boolean {
    const source = this.#lab.network.hosts.get(from);
    const target = this.#lab.network.hosts.get(to)?.ipv4;
    if (!source || target === undefined) return false;
    this.#enter(() => startPing(source, target, { count }, (result) => done(toPingResource(from, to, result))));
    return true;
  }

  workloads(): readonly WorkloadResource[] {
    return listWorkloads(this.#lab.network.workloads);
  }

  actOnWorkload(name: string, verb: WorkloadVerb): WorkloadOutcome {
    return this.#entered(() => actOnWorkload(this.#lab.network.workloads, name, verb));
  }

  migrateWorkload(name: string, request: MigrationRequest): WorkloadOutcome {
    return this.#entered(() => migrateWorkload(this.#lab.network.workloads, name, request));
  }

  #entered<T>(work: () => T): T {
    let result: { readonly value: T } | undefined;
    this.#enter(() => {
      result = { value: work() };
    });
    assert(result !== undefined, 'who enters the lab works on it at once');
    return result.value;
  }

  #toHost(name: string, node: NodeAttributes): EmulatedHost {
    const id = toHostId(name, node);
    if (node.type !== 'host') return { id, name, ...placeOf(node), kind: 'port', mac: '', ip: '' };
    // Of a guest that shares the card of its node, the node's.
    const { ipv4: ip, mac } = this.#lab.network.hosts.get(name)!;
    const { kind } = node;
    return { id, name, ...placeOf(node), kind, mac: formatMac(mac), ip: ip === undefined ? '' : formatIpv4(ip) };
  }

  #nodes(type: NodeAttributes['type']): readonly (readonly [string, NodeAttributes])[] {
    return this.#lab.topology.graph
      .mapNodes((name, node) => [name, node] as const)
      .filter(([, node]) => node.type === type);
  }

  /** Switches by dpid, hosts by address: the names by which the controller knows them. Bare ports it never hears of. */
  #endOf({ node, port }: { readonly node: string; readonly port: number }): EmulatedLink['a'] {
    const attributes = this.#lab.topology.graph.getNodeAttributes(node);
    if (attributes.type === 'switch') return { node: formatDpid(attributes.dpid), portNo: port };
    return { node: toHostId(node, attributes), portNo: 0 };
  }
}

/** No name has a colon, so what is behind `port:` is like no address and no dpid. */
function toHostId(name: string, node: NodeAttributes): string {
  return node.type === 'host' ? formatMac(node.mac) : `port:${name}`;
}

function placeOf({ tier = '', site = '' }: NodeAttributes): { readonly tier: string; readonly site: string } {
  return { tier, site };
}

function toPingResource(
  from: string,
  to: string,
  { sent, received, duplicates, roundTripsNs }: PingResult,
): PingResource {
  const times = roundTripsNs.filter((time) => time !== undefined).sort((a, b) => a - b);
  const toMs = (index: number) => times[index]! / MILLISECOND;
  return {
    from,
    to,
    sent,
    received,
    duplicates,
    lossPercent: sent === 0 ? 0 : (100 * (sent - received)) / sent,
    roundTripMs:
      times.length === 0 ? null : { min: toMs(0), median: toMs(times.length >> 1), max: toMs(times.length - 1) },
  };
}
