/**
 * Which node each guest of a document lives on, and what the nodes lack for them.
 *
 * Guests that name their node come first, in the order of the file, then those that leave it to us (`on: auto`). A guest that starts
 * later takes nothing yet; that it would fit at all is looked at.
 */
import type { HostEntry, LinkEntry, TopologyDocument } from './document.ts';
import { isGuestKind } from './guest-figures.ts';
import { chooseNode, type Demand, demandOf, NodeCapacity, type Shortage } from './node-capacity.ts';

export const AUTO = 'auto';

export interface GuestPlacement {
  /** By guest; without those that start later and leave it to us. */
  readonly on: ReadonlyMap<string, string>;
  readonly lacks: readonly Lack[];
}

export type Lack = {
  readonly guest: string;
  /** Absent: no node has room. */
  readonly node?: string;
  /** What it takes there beyond what it asks for. */
  readonly overheadBytes: number;
} & (
  | { readonly shortage: Shortage }
  /** From this one on, guests share the processors. */
  | { readonly shortage?: undefined; readonly sharedCpus?: number }
);

type Guests = Pick<TopologyDocument, 'hosts' | 'nodes' | 'links'>;

export function placeGuests({ hosts, nodes, links }: Guests): GuestPlacement {
  const capacities = new Map([...nodes].map(([name, server]) => [name, new NodeCapacity(name, server)]));
  const on = new Map<string, string>();
  const lacks: Lack[] = [];
  const isAuto = ({ on: wanted, kind }: HostEntry) =>
    wanted === AUTO && isGuestKind(kind) && nodes.size > 0 && !nodes.has(AUTO);
  const overheadOf = (entry: HostEntry, demand: Demand) => demand.memoryBytes - (entry.memoryBytes ?? 0);

  for (const [guest, entry] of hosts) {
    const capacity = entry.on === undefined ? undefined : capacities.get(entry.on);
    if (!capacity) continue;
    const demand = demandOf(entry);
    const { name: node } = capacity;
    const lack = { guest, node, overheadBytes: overheadOf(entry, demand) };
    on.set(guest, node);
    const isLater = isGuestKind(entry.kind) && entry.start === 'later';
    const shortage = (isLater ? new NodeCapacity(node, nodes.get(node)!) : capacity).shortageFor(demand);
    if (shortage) lacks.push({ ...lack, shortage });
    if (isLater || (shortage && shortage.type !== 'cpus')) continue;
    const { cpus, cpusTaken } = capacity;
    if (!shortage && cpusTaken <= cpus && cpusTaken + demand.cpus > cpus) lacks.push({ ...lack, sharedCpus: cpus });
    capacity.take(guest, demand);
  }
  const candidatesOf = listCandidates(links, hosts);
  for (const [guest, entry] of hosts) {
    if (!isAuto(entry) || entry.start === 'later') continue;
    const demand = demandOf(entry);
    const candidates = candidatesOf.get(guest);
    const chosen = chooseNode(
      [...capacities.values()].filter(({ name }) => candidates?.has(name) ?? true),
      demand,
    );
    if (!chosen) {
      lacks.push({ guest, overheadBytes: overheadOf(entry, demand) });
      continue;
    }
    on.set(guest, chosen.name);
    chosen.take(guest, demand);
  }
  return { on, lacks };
}

/** By guest, the nodes on which it has a link; nothing of a guest that has one wherever it is. */
export function listCandidates(
  links: readonly LinkEntry[],
  hosts: ReadonlyMap<string, HostEntry>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const candidates = new Map<string, Set<string>>();
  const anywhere = new Set<string>();
  for (const { ends, node } of links) {
    for (const end of ends) {
      if (!isGuestKind(hosts.get(end.node)?.kind ?? '')) continue;
      if (node === undefined) anywhere.add(end.node);
      else candidates.set(end.node, (candidates.get(end.node) ?? new Set()).add(node));
    }
  }
  for (const guest of anywhere) candidates.delete(guest);
  return candidates;
}
