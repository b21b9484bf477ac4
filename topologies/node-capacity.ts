/**
 * What a compute node bears and what is taken of it: the one law by which files are checked and running nodes admit guests.
 *
 * Memory is there or not: what a guest asks for, and what its profile takes beyond that. Processors are shared, so they are no reason to
 * refuse, unless one guest asks for more than there are. How many guests there may be is the node's own word (`density`), or else,
 * kind by kind, the profile's.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { ServerEntry } from './document.ts';
import { type GuestKind, isGuestKind } from './guest-figures.ts';
import { parseProfile, profileOf } from './guest-profiles.ts';
import { formatQuantity, SIZE } from './quantity.ts';

/** What one guest takes. */
export interface Demand {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Absent of a plain host: it counts for no profile's density. */
  readonly kind?: GuestKind;
  readonly kindMax?: number;
}

/** What a document or a model says of a guest that matters here. */
export interface Demanding {
  readonly kind: string;
  readonly profile?: string;
  readonly cpus?: number;
  readonly memoryBytes?: number;
}

export function demandOf({ kind, profile, cpus = 0, memoryBytes = 0 }: Demanding): Demand {
  if (!isGuestKind(kind)) return { cpus, memoryBytes };
  const { figures } = profileOf(kind, profile === undefined ? {} : parseProfile(profile));
  const kindMax = figures.density?.value;
  return {
    cpus,
    memoryBytes: memoryBytes + figures.overheadBytes.value,
    kind,
    ...(kindMax !== undefined && { kindMax }),
  };
}

export type Shortage =
  | { readonly type: 'memory'; readonly leftBytes: number }
  | { readonly type: 'density'; readonly max: number; readonly kind?: GuestKind }
  | { readonly type: 'cpus'; readonly max: number };

export class NodeCapacity {
  readonly name: string;
  readonly #server: ServerEntry;
  readonly #taken = new Map<string, Demand>();
  readonly #kinds = new Map<GuestKind, number>();
  #memoryTaken = 0;
  #cpusTaken = 0;

  constructor(name: string, server: ServerEntry) {
    this.name = name;
    this.#server = server;
  }

  /** In the order in which they came. */
  get guests(): readonly string[] {
    return [...this.#taken.keys()];
  }

  get guestCount(): number {
    return this.#taken.size;
  }

  get memoryTakenBytes(): number {
    return this.#memoryTaken;
  }

  /** Infinite where the node does not say how much it has. */
  get memoryLeftBytes(): number {
    return (this.#server.memoryBytes ?? Number.POSITIVE_INFINITY) - this.#memoryTaken;
  }

  get cpusTaken(): number {
    return this.#cpusTaken;
  }

  get cpus(): number {
    return this.#server.cpus ?? Number.POSITIVE_INFINITY;
  }

  has(guest: string): boolean {
    return this.#taken.has(guest);
  }

  /** Why it could not take this as well; undefined when it can. */
  shortageFor({ cpus, memoryBytes, kind, kindMax }: Demand): Shortage | undefined {
    if (memoryBytes > this.memoryLeftBytes) return { type: 'memory', leftBytes: this.memoryLeftBytes };
    const { density } = this.#server;
    if (density !== undefined) {
      if (this.#taken.size >= density) return { type: 'density', max: density };
    } else if (kind !== undefined && kindMax !== undefined && (this.#kinds.get(kind) ?? 0) >= kindMax) {
      return { type: 'density', max: kindMax, kind };
    }
    return cpus > this.cpus ? { type: 'cpus', max: this.cpus } : undefined;
  }

  take(guest: string, demand: Demand): void {
    assert(!this.#taken.has(guest), 'a guest is on a node once');
    this.#taken.set(guest, demand);
    this.#count(demand, 1);
  }

  release(guest: string): void {
    const demand = this.#taken.get(guest);
    if (!demand) return;
    this.#taken.delete(guest);
    this.#count(demand, -1);
  }

  #count({ cpus, memoryBytes, kind }: Demand, sign: 1 | -1): void {
    this.#memoryTaken += sign * memoryBytes;
    this.#cpusTaken += sign * cpus;
    if (kind !== undefined) this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + sign);
  }
}

/** Where a guest goes that leaves it to us: the node with the most memory free, then the one with the fewest guests, then the first of the file. */
export function chooseNode<T extends NodeCapacity>(nodes: Iterable<T>, demand: Demand): T | undefined {
  let best: T | undefined;
  for (const node of nodes) {
    if (node.shortageFor(demand)) continue;
    const isBetter =
      best === undefined ||
      node.memoryLeftBytes > best.memoryLeftBytes ||
      (node.memoryLeftBytes === best.memoryLeftBytes && node.guestCount < best.guestCount);
    if (isBetter) best = node;
  }
  return best;
}

/** `server-1 has 1 GiB left, too little for b`, without the mend. */
export function describeShortage(node: string, guest: string, shortage: Shortage): string {
  switch (shortage.type) {
    case 'memory':
      return `${node} has ${formatMemory(shortage.leftBytes)} left, too little for ${guest}`;
    case 'cpus':
      return `${node} has only ${shortage.max} processors`;
    case 'density': {
      const { max, kind } = shortage;
      const guests = max === 1 ? 'one guest' : `${max} guests`;
      const whose = kind === undefined ? '' : ` of kind ${kind} by their profile`;
      return `${node} bears ${guests}${whose}, and ${guest} would be one more`;
    }
  }
}

/** In GiB, to a hundredth, or exactly where that would be next to nothing. */
function formatMemory(bytes: number): string {
  const GIB = 2 ** 30;
  return bytes < GIB / 100 ? formatQuantity(bytes, SIZE) : `${Math.round((bytes / GIB) * 100) / 100} GiB`;
}
