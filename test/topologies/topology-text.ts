/** Topologies as short texts, for expectations that can be read. */
import { formatIpv4, formatMac } from '../../protocol/wire/address.ts';
import type { Topology } from '../../topologies/model.ts';

/** The beginning of every file. */
export const HEAD = 'apiVersion: sluice/v1\nkind: Topology\nname: t\n';

/** `h1:0-s1:1`, in the order of the file. */
export function listLinks({ graph }: Topology): string[] {
  return graph.mapEdges((_edge, { a, b }) => `${a.node}:${a.port}-${b.node}:${b.port}`);
}

/** `s10=a`: the datapath id in hex. */
export function listSwitches({ graph }: Topology): string[] {
  return graph.mapNodes((name, node) => (node.type === 'switch' ? [`${name}=${node.dpid.toString(16)}`] : [])).flat();
}

/** `h1 10.0.0.1/8 00:00:00:00:00:01`. */
export function listHosts({ graph }: Topology): string[] {
  return graph
    .mapNodes((name, node) => {
      if (node.type !== 'host') return [];
      const { ip, mac } = node;
      return [`${name} ${ip === 'dhcp' ? ip : `${formatIpv4(ip.address)}/${ip.prefixLength}`} ${formatMac(mac)}`];
    })
    .flat();
}

/** Everything that a model says, to compare two of them. */
export function describeTopology({ graph, ...topology }: Topology): unknown {
  return {
    ...topology,
    nodes: graph.mapNodes((name, attributes) => [name, attributes]),
    links: graph.mapEdges((name, attributes, source, target) => [name, attributes, source, target]),
  };
}

/** Depth-first search over the links that are left: deliberately not how the model does it. */
export function isConnectedWithout(lost: string | undefined, { graph }: Topology): boolean {
  const seen = new Set<string>();
  const visit = (node: string): void => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const { edge, source, target } of graph.edgeEntries()) {
      if (edge === lost) continue;
      if (source === node) visit(target);
      if (target === node) visit(source);
    }
  };
  visit(graph.nodes()[0]!);
  return seen.size === graph.order;
}
