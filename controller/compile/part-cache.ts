/**
 * The parts of the last plan, so that what says the same is the same object again and nobody has to look into it.
 *
 * A part is known by its switch, its key, and a signature: text that holds all that it is built of. What a compilation does not ask for is forgotten at its end.
 */
import type { PlanPart, SwitchPlan } from '../plan.ts';

interface Cached {
  readonly signature: string;
  readonly part: PlanPart;
}

export class PartCache {
  #before = new Map<string, Map<string, Cached>>();
  #now = new Map<string, Map<string, Cached>>();

  /** The parts of a switch that this compilation has asked for. */
  planOf(dpid: string): SwitchPlan {
    return new Map([...this.#partsOf(dpid)].map(([key, { part }]) => [key, part]));
  }

  take(dpid: string, key: string, signature: string, build: () => PlanPart): void {
    const known = this.#before.get(dpid)?.get(key);
    this.#partsOf(dpid).set(key, known?.signature === signature ? known : { signature, part: build() });
  }

  /** A part that is kept elsewhere. */
  put(dpid: string, key: string, part: PlanPart): void {
    this.#partsOf(dpid).set(key, { signature: '', part });
  }

  end(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  #partsOf(dpid: string): Map<string, Cached> {
    let parts = this.#now.get(dpid);
    if (!parts) {
      parts = new Map();
      this.#now.set(dpid, parts);
    }
    return parts;
  }
}

/** A part that refers to nothing. */
export function plainPart(rules: PlanPart['rules'], needs: readonly string[] = []): PlanPart {
  return { rules, groups: [], meters: [], program: undefined, needs };
}
