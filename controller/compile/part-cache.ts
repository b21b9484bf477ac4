/**
 * The parts of the last plan, so that what says the same is the same object again and nobody has to look into it.
 *
 * The parts of a switch lie in sections, and each section tells what it is built of: if those are the same objects as the last time, it is not even built again, and a switch of which
 * no section has changed has the same plan. Within a section a part is known by its key and a signature: text that holds all that it is built of. What a compilation does
 * not ask for is forgotten at its end.
 */
import type { PlanPart, SwitchPlan } from '../plan.ts';

interface Cached {
  readonly signature: string;
  readonly part: PlanPart;
}

/** Compared by identity, one by one. */
export type Inputs = readonly unknown[];

/** How a section follows from one that was built of almost the same. */
export interface Amendment {
  /** What that one was built of. */
  readonly from: Inputs;
  readonly gone: readonly string[];
  /** Takes what is new. */
  build(): void;
}

interface Section {
  inputs: Inputs;
  parts: Map<string, Cached>;
}

interface Shelf {
  readonly sections: Map<string, Section>;
  /** Sections that this compilation has asked for. */
  readonly asked: Set<string>;
  /** The section that is being built, as it was and as it becomes. */
  before: ReadonlyMap<string, Cached>;
  now: Map<string, Cached>;
  /** Undefined when it is to be put together anew. */
  plan: SwitchPlan | undefined;
}

const NOTHING: ReadonlyMap<string, Cached> = new Map();

export class PartCache {
  readonly #shelves = new Map<string, Shelf>();

  section(dpid: string, name: string, inputs: Inputs, build: () => void, amendment?: Amendment): void {
    const shelf = this.#shelfOf(dpid);
    shelf.asked.add(name);
    const before = shelf.sections.get(name);
    if (before && isSame(before.inputs, inputs)) return;
    const canAmend = before && amendment && isSame(before.inputs, amendment.from);
    shelf.before = before?.parts ?? NOTHING;
    shelf.now = canAmend ? new Map(before.parts) : new Map();
    if (canAmend) {
      for (const key of amendment.gone) shelf.now.delete(key);
      amendment.build();
    } else build();
    if (!hasSameParts(shelf.before, shelf.now)) shelf.plan = undefined;
    shelf.sections.set(name, { inputs, parts: shelf.now });
  }

  /** Of the section that is being built. */
  take(dpid: string, key: string, signature: string, build: () => PlanPart): void {
    const { before, now } = this.#shelfOf(dpid);
    const known = before.get(key);
    now.set(key, known?.signature === signature ? known : { signature, part: build() });
  }

  /** A part that is kept elsewhere. */
  put(dpid: string, key: string, part: PlanPart): void {
    const { before, now } = this.#shelfOf(dpid);
    const known = before.get(key);
    now.set(key, known?.part === part ? known : { signature: '', part });
  }

  /** The parts of a switch that this compilation has asked for; ends it for this switch. */
  planOf(dpid: string): SwitchPlan {
    const shelf = this.#shelfOf(dpid);
    for (const [name, { parts }] of shelf.sections) {
      if (shelf.asked.has(name)) continue;
      shelf.sections.delete(name);
      if (parts.size > 0) shelf.plan = undefined;
    }
    shelf.asked.clear();
    shelf.plan ??= putTogether(shelf.sections.values());
    return shelf.plan;
  }

  /** Forgets all switches but these. */
  keep(dpids: { has(dpid: string): boolean }): void {
    for (const dpid of this.#shelves.keys()) if (!dpids.has(dpid)) this.#shelves.delete(dpid);
  }

  #shelfOf(dpid: string): Shelf {
    let shelf = this.#shelves.get(dpid);
    if (!shelf) {
      shelf = { sections: new Map(), asked: new Set(), before: NOTHING, now: new Map(), plan: undefined };
      this.#shelves.set(dpid, shelf);
    }
    return shelf;
  }
}

/** A part that refers to nothing. */
export function plainPart(rules: PlanPart['rules'], needs: readonly string[] = []): PlanPart {
  return { rules, groups: [], meters: [], program: undefined, needs };
}

function isSame(a: Inputs, b: Inputs): boolean {
  return a.length === b.length && a.every((input, i) => input === b[i]);
}

function hasSameParts(a: ReadonlyMap<string, Cached>, b: ReadonlyMap<string, Cached>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, { part }] of b) if (a.get(key)?.part !== part) return false;
  return true;
}

function putTogether(sections: Iterable<Section>): SwitchPlan {
  const plan = new Map<string, PlanPart>();
  for (const { parts } of sections) for (const [key, { part }] of parts) plan.set(key, part);
  return plan;
}
