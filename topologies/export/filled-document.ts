/**
 * A document with every number written in: what the model has is then there for programs that do not know our rules of numbering, or that do not
 * keep things in our order, from which the numbers follow.
 */
import type { HostEntry, LinkEntry, SwitchEntry, TopologyDocument } from '../document.ts';
import { assignDpids, assignIps, assignMacs, assignPorts } from '../numbering.ts';

/** The document must have passed its checks. It stands for the same network as before. */
export function fillDocument(document: TopologyDocument): TopologyDocument {
  const { switches, hosts, links, defaults } = document;
  const dpids = assignDpids(document);
  const ips = assignIps(hosts);
  const macs = assignMacs(hosts);
  const ports = assignPorts(document);
  const fillSwitch = (name: string, entry: SwitchEntry): SwitchEntry => ({ ...entry, dpid: dpids.get(name)! });
  const fillHost = (name: string, entry: HostEntry): HostEntry =>
    entry.kind === 'port' ? entry : { ...entry, ip: ips.get(name)!, mac: macs.get(name)! };
  const fillLink = (link: LinkEntry, i: number): LinkEntry => ({ ...defaults?.link, ...link, ends: ports[i]! });
  return {
    ...document,
    switches: mapEntries(switches, fillSwitch),
    hosts: mapEntries(hosts, fillHost),
    links: links.map(fillLink),
  };
}

function mapEntries<T>(entries: ReadonlyMap<string, T>, fill: (name: string, entry: T) => T): ReadonlyMap<string, T> {
  return new Map([...entries].map(([name, entry]) => [name, fill(name, entry)]));
}
