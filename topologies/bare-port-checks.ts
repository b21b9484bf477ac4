/** Bare ports: the end of one cable, and nothing that would have an address or run anything. */
import type { HostEntry, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';

/** By their keys in the file. */
const NOT_OF_A_PORT: readonly (readonly [key: string, property: keyof HostEntry, reason: string])[] = [
  ['on', 'on', 'lives nowhere'],
  ['ip', 'ip', 'has no address'],
  ['ipv6', 'ipv6', 'has no address'],
  ['gateway', 'gateway', 'has no address'],
  ['mac', 'mac', 'has no address'],
  ['app', 'app', 'runs nothing'],
  ['profile', 'profile', 'runs nothing'],
  ['start', 'start', 'runs nothing'],
  ['boot', 'bootNs', 'runs nothing'],
  ['cpus', 'cpus', 'runs nothing'],
  ['memory', 'memoryBytes', 'runs nothing'],
  ['services', 'services', 'runs nothing'],
];

export function* checkBarePorts({ hosts, links }: TopologyDocument): Generator<Finding> {
  for (const [name, host] of hosts) {
    if (host.kind !== 'port') continue;
    for (const [key, property, reason] of NOT_OF_A_PORT) {
      if (host[property] === undefined) continue;
      yield {
        path: ['hosts', name, key],
        reason: `${name} is a bare port and ${reason}; remove this, or choose another kind`,
      };
    }
  }
  const linked = new Set<string>();
  for (const [i, { ends }] of links.entries()) {
    for (const [j, { node }] of ends.entries()) {
      if (hosts.get(node)?.kind !== 'port') continue;
      if (linked.has(node)) {
        const reason = `${node} is a bare port, the end of one cable, and has a link already; name another end`;
        yield { path: ['links', i, 'ends', j], reason };
      }
      linked.add(node);
    }
  }
}
