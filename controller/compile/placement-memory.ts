/**
 * Paths that were searched for before, by the network that they were searched in: links come back, and each host that comes is no reason to search them all anew.
 *
 * What is found in a network depends on its switches, links and their figures, and on nothing that was before; so these, as text, are what it is known by. What keeps
 * bandwidth free depends on what others have taken, too, and is not remembered.
 */
import type { Placed } from './path-placement.ts';

/** Of all networks together; of older ones, all is forgotten before there are more. */
const PATHS_MAX = 20_000;

export class PlacementBook {
  readonly #placed = new Map<string, Map<string, Placed>>();
  /** By the ends, whether a way is left whatever link is lost. */
  readonly twoWays = new Map<string, boolean>();
  #size = 0;

  get size(): number {
    return this.#size + this.twoWays.size;
  }

  /** By what is asked of the path, which is a long text, and by its ends. */
  find(asked: string, ends: string): Placed | undefined {
    return this.#placed.get(asked)?.get(ends);
  }

  add(asked: string, ends: string, placed: Placed): void {
    let byEnds = this.#placed.get(asked);
    if (!byEnds) {
      byEnds = new Map();
      this.#placed.set(asked, byEnds);
    }
    byEnds.set(ends, placed);
    this.#size++;
  }
}

export class PlacementMemory {
  /** By network, the one that was opened last at the end. */
  readonly #books = new Map<string, PlacementBook>();

  open(network: string): PlacementBook {
    const book = this.#books.get(network) ?? new PlacementBook();
    this.#books.delete(network);
    let size = 0;
    for (const each of this.#books.values()) size += each.size;
    for (const [oldest, { size: gone }] of this.#books) {
      if (size + book.size <= PATHS_MAX) break;
      this.#books.delete(oldest);
      size -= gone;
    }
    this.#books.set(network, book);
    return book;
  }
}
