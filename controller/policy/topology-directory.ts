/** The names and properties that a topology document gives, for selectors to go by. */
import type { Topology } from '../../topologies/model.ts';
import { formatDpid, type PortRef } from '../network/network.ts';
import type { Directory, HostEntry, LinkEntry, SwitchEntry } from './directory.ts';

export function directoryOf({ graph, tiers }: Topology): Directory {
  const hosts: HostEntry[] = [];
  const switches: SwitchEntry[] = [];
  graph.forEachNode((name, node) => {
    const { tier, site, labels } = node;
    const placed = { name, ...(tier !== undefined && { tier }), ...(site !== undefined && { site }), labels };
    if (node.type === 'switch') switches.push({ dpid: formatDpid(node.dpid), ...placed });
    if (node.type !== 'host') return;
    const { mac, kind, app } = node;
    hosts.push({ mac, kind, ...placed, ...(app !== undefined && { app }) });
  });
  const toPort = ({ node, port }: { readonly node: string; readonly port: number }): PortRef | undefined => {
    const at = graph.getNodeAttributes(node);
    return at.type === 'switch' ? { dpid: formatDpid(at.dpid), portNo: port } : undefined;
  };
  const links = graph.mapEdges((name, ends): LinkEntry | undefined => {
    const [a, b] = [toPort(ends.a), toPort(ends.b)];
    return a && b && { name, a, b };
  });
  return { hosts, switches, links: links.filter((link) => link !== undefined), tiers };
}
