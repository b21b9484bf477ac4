/**
 * Where probes go: every crossing of every cable, and which crossing led to it.
 *
 * A switch sends on what it receives within the same call, so a crossing that begins at a node at the moment at which the same probe came in there was
 * led to by that. One that begins at a switch without such an arrival was sent by the controller.
 */
import type { Lab } from '../../lab/lab.ts';
import type { CableSide } from '../../sim/cable-figures.ts';
import type { Nanos } from '../../sim/clock.ts';
import { readProbeId, readTag } from './probe-frame.ts';

export interface Crossing {
  readonly cable: string;
  /** Nodes, by name. */
  readonly from: string;
  readonly to: string;
  /** The outermost tag that it had; -1 for none. */
  readonly tag: number;
  readonly frame: Uint8Array;
  readonly sentAt: Nanos;
  readonly parent: Crossing | undefined;
  /** Undefined: it is under way, or was dropped. */
  deliveredAt: Nanos | undefined;
}

/** More crossings of one probe than any law allows in the networks here; what circulates is not written down for ever. */
const CROSSINGS_MAX = 4000;

export class WalkRecord {
  /** By probe, in the order in which they were sent. */
  #walks = new Map<number, Crossing[]>();
  readonly #lab: Lab;
  /** Every tag that a probe has had on a cable: a host that sends under one of them may be taken for a switch. */
  readonly tags = new Set<number>();
  /** Whoever looks at a probe at each end that it comes to, before that end has it. */
  watch: { readonly probeId: number; tell(crossing: Crossing): void } | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
    lab.topology.graph.forEachEdge((name, { a, b }) => this.#watch(name, a.node, b.node));
  }

  of(probeId: number): readonly Crossing[] {
    return this.#walks.get(probeId) ?? [];
  }

  clear(): void {
    this.#walks = new Map();
  }

  #watch(cable: string, a: string, b: string): void {
    const ends = { a: [a, b], b: [b, a] } as const;
    const underWay: Record<CableSide, Crossing[]> = { a: [], b: [] };
    this.#lab.network.cables.get(cable)!.addTap({
      sent: (side, frame) => {
        const crossing = this.#begin(cable, ends[side], frame);
        if (crossing) underWay[side].push(crossing);
      },
      delivered: (side, frame) => {
        const id = readProbeId(frame);
        if (id === undefined) return;
        // What was sent before and has not come was dropped.
        let crossing = underWay[side].shift();
        while (crossing !== undefined && crossing.frame !== frame) crossing = underWay[side].shift();
        if (!crossing) return;
        crossing.deliveredAt = this.#lab.clock.now;
        if (this.watch?.probeId === id) this.watch.tell(crossing);
      },
    });
  }

  #begin(cable: string, [from, to]: readonly [string, string], frame: Uint8Array): Crossing | undefined {
    const id = readProbeId(frame);
    if (id === undefined) return undefined;
    const walk = this.#walks.get(id) ?? [];
    this.#walks.set(id, walk);
    if (walk.length >= CROSSINGS_MAX) return undefined;
    const { now } = this.#lab.clock;
    const parent = walk.findLast((earlier) => earlier.to === from && earlier.deliveredAt === now);
    const tag = readTag(frame);
    if (tag >= 0) this.tags.add(tag);
    const crossing = { cable, from, to, tag, frame, sentAt: now, parent, deliveredAt: undefined };
    walk.push(crossing);
    return crossing;
  }
}

/** The crossings that led to this one, from the first on, and itself. */
export function chainOf(last: Crossing): Crossing[] {
  const chain: Crossing[] = [];
  for (let at: Crossing | undefined = last; at; at = at.parent) chain.push(at);
  return chain.reverse();
}

function placeOf({ cable, from, tag }: Crossing): string {
  return `${cable} ${from} ${tag}`;
}

/** Whether a cable was crossed twice the same way under one label: in a circle, or by copies. */
export function hasTwins(walk: readonly Crossing[]): boolean {
  return new Set(walk.map(placeOf)).size < walk.length;
}

/** What goes in a circle comes back to where it was under the label that it had there; in words. */
export function findCircle(walk: readonly Crossing[]): string | undefined {
  if (walk.length >= CROSSINGS_MAX) return `it circulates: it crossed ${CROSSINGS_MAX} cables`;
  if (!hasTwins(walk)) return undefined;
  for (const crossing of walk) {
    const place = placeOf(crossing);
    for (let at = crossing.parent; at; at = at.parent) {
      if (placeOf(at) === place)
        return `it went in a circle: it crossed ${at.cable} from ${at.from} twice under one label`;
    }
  }
  return undefined;
}

export function formatWalk(walk: readonly Crossing[]): string {
  return walk
    .map(({ cable, from, to, tag, deliveredAt }) => {
      const label = tag < 0 ? '' : ` [${tag & 0xfff}.${tag >> 13}]`;
      return `${from} -> ${to} (${cable})${label}${deliveredAt === undefined ? ' not delivered' : ''}`;
    })
    .join('\n');
}
