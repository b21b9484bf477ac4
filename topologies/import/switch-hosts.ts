/** Hosts for a network that has none, as maps of backbones do: so many at each switch, called after it. */
import type { HostEntry, LinkEntry, TopologyDocument } from '../document.ts';
import { ForeignNames } from './foreign-names.ts';

/** As many as a shorthand may ask for. */
export const SWITCH_HOSTS_MAX = 100_000;

/** They stand where their switch stands; their links have what `defaults` say. */
export function addSwitchHosts(document: TopologyDocument, hostsPerSwitch: number): TopologyDocument {
  const names = new ForeignNames();
  for (const section of [document.switches, document.nodes, document.hosts])
    for (const name of section.keys()) names.take(name);
  const hosts = new Map(document.hosts);
  const links: LinkEntry[] = [...document.links];
  for (const [name, { site, location }] of document.switches) {
    for (let i = 1; i <= hostsPerSwitch; i++) {
      const host = names.invent(hostsPerSwitch === 1 ? `h-${name}` : `h${i}-${name}`);
      const entry: HostEntry = { kind: 'host', ...(site !== undefined && { site }), ...(location && { location }) };
      hosts.set(host, entry);
      links.push({ ends: [{ node: host }, { node: name }] });
    }
  }
  return { ...document, hosts, links };
}
