/**
 * Which program has which label.
 *
 * A label is a function of the set of programs that are wanted: each has the place that its content hashes to, or the next that is free, first come in the order
 * of their keys; those that the network can do without come after all others, and leave room for the next set of them. So the same network has the same labels after any history and in any controller. But a label still in use for what was wanted before must not mean two
 * things at once: whoever would get it takes another for the meantime, and moves to its own place when the switches have given that up (`releaseGone`).
 */
import { ContentHash } from './content-hash.ts';

/** VLAN 0 is no label, 4095 is reserved; between them, this many. */
export const LABELS = 4094;

/** Beyond, there would be no label to put another program in place before the one that it replaces is gone. */
const LABELS_WITH_SPARE = LABELS / 2;

export class LabelBook {
  /** By label, the program that has it, or had it and is not gone from all switches. */
  readonly #held = new Map<number, string>();
  /** By program; those that are wanted. */
  #labels = new Map<string, number>();
  #isProvisional = false;

  /** Some programs are not at their own places; when others are released, it is to be assigned again. */
  get isProvisional(): boolean {
    return this.#isProvisional;
  }

  /** A label for each, except for those that there are none left for; `spare` are those that go without first. */
  assign(keys: readonly string[], spare: readonly string[] = []): ReadonlyMap<string, number> {
    const own = toOwnLabels(keys, spare);
    const labels = new Map<string, number>();
    this.#isProvisional = false;
    const late: string[] = [];
    for (const [key, label] of own) {
      const holder = this.#held.get(label);
      if (holder === undefined || holder === key) labels.set(key, label);
      else late.push(key);
    }
    for (const [key, label] of labels) this.#held.set(label, key);
    const reserved = new Set(own.values());
    const moved = new Set<string>();
    for (const key of late) {
      this.#isProvisional = true;
      const known = this.#labels.get(key);
      const kept = known !== undefined && this.#held.get(known) === key ? known : undefined;
      const isStuck = kept === undefined || this.#waitsForItself(key, own, moved);
      const label = (isStuck ? this.#findFree(key, reserved) : undefined) ?? kept;
      if (label === undefined) continue;
      if (label !== kept) moved.add(key);
      labels.set(key, label);
      this.#held.set(label, key);
    }
    this.#labels = labels;
    return labels;
  }

  /** Labels of which no switch has anything any more are free again. */
  releaseGone(isGone: (key: string, label: number) => boolean): void {
    for (const [label, key] of this.#held) {
      if (this.#labels.get(key) !== label && isGone(key, label)) this.#held.delete(label);
    }
  }

  /** Whoever has its place waits, in the end, for the place that it has; one that has moved gives its place free. */
  #waitsForItself(key: string, own: ReadonlyMap<string, number>, moved: ReadonlySet<string>): boolean {
    const passed = new Set<string>();
    for (let at = key; !passed.has(at); ) {
      passed.add(at);
      const place = own.get(at);
      const holder = place === undefined ? undefined : this.#held.get(place);
      // One that holds it from before, and has another now, gives it free by itself.
      if (holder === undefined || moved.has(holder) || this.#labels.get(holder) !== place) return false;
      if (holder === key) return true;
      at = holder;
    }
    return false;
  }

  /** One that nobody has and nobody is to have. */
  #findFree(key: string, reserved: ReadonlySet<number>): number | undefined {
    const begin = placeOf(key);
    for (let i = 0; i < LABELS; i++) {
      const label = 1 + ((begin + i) % LABELS);
      if (!this.#held.has(label) && !reserved.has(label)) return label;
    }
    return undefined;
  }
}

/** As if nothing had been before. */
function toOwnLabels(keys: readonly string[], spare: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  const labels = new Map<string, number>();
  const assignUpTo = (count: number, list: readonly string[]) => {
    for (const key of [...list].sort()) {
      if (taken.size >= count) return;
      let place = placeOf(key);
      while (taken.has(1 + place)) place = (place + 1) % LABELS;
      taken.add(1 + place);
      labels.set(key, 1 + place);
    }
  };
  assignUpTo(LABELS, keys);
  assignUpTo(LABELS_WITH_SPARE, spare);
  return labels;
}

function placeOf(key: string): number {
  return new ContentHash().addText(key).toNumber() % LABELS;
}
