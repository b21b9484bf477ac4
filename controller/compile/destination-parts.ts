/**
 * The rules that say where a host is: the same at all switches that have hosts, so each is made once, and told from what was before by being the same object.
 */
import type { PlanPart } from '../plan.ts';

interface Known {
  readonly location: bigint;
  readonly needs: string | undefined;
  readonly part: PlanPart;
}

/** At switches from which a program leads there, and at those that need none. */
interface Variants {
  far: Known | undefined;
  near: Known | undefined;
}

export class DestinationParts {
  readonly #byMac = new Map<number, Variants>();

  /** `needs`: the program that leads there, by its id. */
  take(mac: number, location: bigint, needs: string | undefined, build: () => PlanPart): PlanPart {
    let variants = this.#byMac.get(mac);
    if (!variants) {
      variants = { far: undefined, near: undefined };
      this.#byMac.set(mac, variants);
    }
    const place = needs === undefined ? 'near' : 'far';
    let known = variants[place];
    if (!known || known.location !== location || known.needs !== needs) {
      known = { location, needs, part: build() };
      variants[place] = known;
    }
    return known.part;
  }

  forget(mac: number): void {
    this.#byMac.delete(mac);
  }
}
