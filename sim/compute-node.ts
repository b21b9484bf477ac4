/**
 * A compute node: what it bears, who lives on it, and what its guests get of it.
 *
 * It admits by the law of `topologies/node-capacity.ts`, by which files are checked as well. Two figures of profiles work here: how many guests of a
 * kind it can start in a second, and whether guests of one image share it on its disk (写复制).
 */
import type { ServerEntry } from '../topologies/document.ts';
import type { GuestProfile } from '../topologies/guest-profiles.ts';
import { type Demand, describeShortage, NodeCapacity } from '../topologies/node-capacity.ts';
import { type Nanos, SECOND } from './clock.ts';
import { GuestRefusal } from './guest-refusal.ts';
import type { NodeCard } from './node-card.ts';
import { PortTable } from './port-table.ts';

/** What a node knows of who lives on it. */
export interface Resident {
  readonly name: string;
  readonly profile: GuestProfile;
  /** Processors it would keep busy, no more than it may. */
  readonly busyCpus: number;
}

export class ComputeNode extends NodeCapacity {
  readonly server: ServerEntry;
  /** The node's own place on the network; without one, nothing migrates from or to it. */
  readonly card: NodeCard | undefined;
  /** Of the stack that the node has, and guests without one of their own share. */
  readonly ports: PortTable;
  readonly #residents = new Map<string, Resident>();
  #nextStartAt: Nanos = 0;

  constructor(name: string, server: ServerEntry, card: NodeCard | undefined) {
    super(name, server);
    this.server = server;
    this.card = card;
    this.ports = new PortTable(name);
  }

  /** Throws a `GuestRefusal`; the place is then taken until it is given up. */
  admit(guest: Resident, demand: Demand): void {
    const shortage = this.shortageFor(demand);
    if (shortage) throw new GuestRefusal('no-room', describeShortage(this.name, guest.name, shortage));
    this.take(guest.name, demand);
    this.#residents.set(guest.name, guest);
  }

  giveUp(guest: string): void {
    this.release(guest);
    this.#residents.delete(guest);
    this.ports.release(guest);
  }

  /** When a guest of this profile that was asked for now begins to boot: at once, or behind those before it. */
  nextStartAt({ figures }: GuestProfile, now: Nanos): Nanos {
    const rate = figures.startsPerCpuSecond?.value;
    if (rate === undefined || !Number.isFinite(this.cpus)) return now;
    const startAt = Math.max(now, this.#nextStartAt);
    this.#nextStartAt = startAt + Math.ceil(SECOND / (rate * this.cpus));
    return startAt;
  }

  /** What the images of its guests take on its disk. */
  get imageBytes(): number {
    const shared = new Set<string>();
    let bytes = 0;
    for (const { profile } of this.#residents.values()) {
      const isShared = profile.capabilities.verdicts.copyOnWrite === 'yes';
      if (isShared && shared.has(profile.name)) continue;
      if (isShared) shared.add(profile.name);
      bytes += profile.figures.imageBytes.value;
    }
    return bytes;
  }

  /** Processors that each guest gets: what it wants, or all in proportion where that is more than there are. */
  cpuShares(): ReadonlyMap<string, number> {
    const residents = [...this.#residents.values()];
    const wanted = residents.reduce((sum, { busyCpus }) => sum + busyCpus, 0);
    const factor = wanted > this.cpus ? this.cpus / wanted : 1;
    return new Map(residents.map(({ name, busyCpus }) => [name, busyCpus * factor]));
  }
}
