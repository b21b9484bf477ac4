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
  /** Switches of which a part is not what it was. */
  readonly #changed = new Set<string>();
  #plansBefore = new Map<string, SwitchPlan>();
  #plansNow = new Map<string, SwitchPlan>();

  /** The parts of a switch that this compilation has asked for; the same object as before, if all of them are. */
  planOf(dpid: string): SwitchPlan {
    const parts = this.#partsOf(dpid);
    const before = this.#plansBefore.get(dpid);
    const isSame = before !== undefined && before.size === parts.size && !this.#changed.has(dpid);
    const plan = isSame ? before : new Map([...parts].map(([key, { part }]) => [key, part]));
    this.#plansNow.set(dpid, plan);
    return plan;
  }

  take(dpid: string, key: string, signature: string, build: () => PlanPart): void {
    const known = this.#before.get(dpid)?.get(key);
    const isSame = known?.signature === signature;
    if (!isSame) this.#changed.add(dpid);
    this.#partsOf(dpid).set(key, isSame ? known : { signature, part: build() });
  }

  /** A part that is kept elsewhere. */
  put(dpid: string, key: string, part: PlanPart): void {
    if (this.#before.get(dpid)?.get(key)?.part !== part) this.#changed.add(dpid);
    this.#partsOf(dpid).set(key, { signature: '', part });
  }

  end(): void {
    this.#before = this.#now;
    this.#now = new Map();
    this.#plansBefore = this.#plansNow;
    this.#plansNow = new Map();
    this.#changed.clear();
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
