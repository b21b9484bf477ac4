/** A network as the controller would know it once it is at rest, without a controller: for what is compiled from it. */
import { FabricCompiler, type FabricView } from '../../../controller/compile/fabric-compiler.ts';
import { Routes } from '../../../controller/compile/routes.ts';
import { formatDpid, toLinkKey } from '../../../controller/network/network.ts';
import { toHostNamer } from '../../../controller/policy/directory-names.ts';
import type { PolicySet } from '../../../controller/policy/policy.ts';
import { resolvePolicies } from '../../../controller/policy/resolved-policies.ts';
import type { Topology } from '../../../topologies/model.ts';
import { toDirectory } from '../drawn-fabric.ts';
import type { UpFabric } from '../policy-oracle.ts';
import type { PlanLink } from './plan-walk.ts';

export class PaperNetwork {
  readonly links: PlanLink[] = [];
  readonly hosts: { name: string; mac: number; ip: number; dpid: string; portNo: number }[] = [];
  readonly dpids = new Map<string, string>();
  readonly delays = new Map<string, number>();
  readonly directory: ReturnType<typeof toDirectory>;
  readonly compiler = new FabricCompiler();

  constructor(topology: Topology) {
    this.directory = toDirectory(topology);
    const { graph } = topology;
    graph.forEachNode((name, node) => {
      if (node.type === 'switch') this.dpids.set(name, formatDpid(node.dpid));
    });
    graph.forEachEdge((name, { a, b, delayNs }) => {
      const [dpidA, dpidB] = [this.dpids.get(a.node), this.dpids.get(b.node)];
      if (dpidA !== undefined && dpidB !== undefined) {
        this.links.push({ name, a: { dpid: dpidA, portNo: a.port }, b: { dpid: dpidB, portNo: b.port } });
        this.delays.set(name, delayNs);
        return;
      }
      const [host, at] = dpidA === undefined ? [a.node, b] : [b.node, a];
      const node = graph.getNodeAttributes(host);
      if (node.type !== 'host' || node.ip === 'dhcp') return;
      this.hosts.push({
        name: host,
        mac: node.mac,
        ip: node.ip.address,
        dpid: this.dpids.get(at.node)!,
        portNo: at.port,
      });
    });
    this.hosts.sort((one, other) => one.mac - other.mac);
  }

  compile(set: PolicySet, lost: ReadonlySet<string> = new Set()) {
    const routes = new Routes();
    for (const dpid of this.dpids.values()) routes.addSwitch(dpid);
    const up = this.links.filter(({ name }) => !lost.has(name));
    for (const { a, b } of up) routes.addLink(a, b);
    const latencies = new Map(up.map(({ name, a, b }) => [toLinkKey(a, b), this.delays.get(name)!]));
    const view: FabricView = {
      routes,
      hosts: this.hosts,
      portsOf: (dpid) => [
        ...up.flatMap(({ a, b }) =>
          [a, b].filter((end) => end.dpid === dpid).map(({ portNo }) => ({ portNo, role: 'link' as const })),
        ),
        ...this.hosts.filter((host) => host.dpid === dpid).map(({ portNo }) => ({ portNo, role: 'edge' as const })),
      ],
      linkFigures: (key) => ({ latencyNs: latencies.get(key), capacityBps: undefined }),
      policies: resolvePolicies(
        set,
        this.directory,
        this.hosts.map(({ mac }) => mac),
      ),
      nameOf: toHostNamer(this.directory),
      isReleased: () => true,
      roomOf: () => undefined,
    };
    return this.compiler.compile(view);
  }

  upFabric(lost: ReadonlySet<string>): UpFabric {
    return {
      switches: new Set(this.dpids.values()),
      links: this.links
        .filter(({ name }) => !lost.has(name))
        .map(({ name, a, b }) => ({ name, a: a.dpid, b: b.dpid, delayNs: this.delays.get(name)! })),
    };
  }
}
