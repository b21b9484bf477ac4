/** Entries of a directory by key, found by their names and by what is said of them; each way of finding is prepared when it is first asked for. */

export type Property = 'tier' | 'site' | 'app' | 'kind';

export type Condition =
  | { readonly property: Property; readonly value: string }
  | { readonly label: string; readonly value: string };

/** What hosts and switches have in common. */
export type IndexedEntry = Partial<Readonly<Record<Property, string>>> & {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
};

type Groups<T> = Map<string, T[]>;

export class EntryIndex<T> {
  readonly #entries: ReadonlyMap<T, IndexedEntry>;
  readonly #groups = new Map<string, Groups<T>>();

  constructor(entries: ReadonlyMap<T, IndexedEntry>) {
    this.#entries = entries;
  }

  /** More than one may have a name. */
  named(name: string): readonly T[] | undefined {
    return this.#group('name', (entry) => entry.name).get(name);
  }

  names(): Iterable<string> {
    return this.#group('name', (entry) => entry.name).keys();
  }

  /** Each value that occurs, with those that have it. */
  valuesOf(property: Property): ReadonlyMap<string, readonly T[]> {
    return this.#group(property, (entry) => entry[property]);
  }

  /** Those of whom all of it holds; of nothing, all. */
  findAll(conditions: readonly Condition[]): readonly T[] {
    const [first, ...others] = conditions
      .map((condition) => this.#findBy(condition))
      .sort((a, b) => a.length - b.length);
    if (!first) return [...this.#entries.keys()];
    return others.length === 0 ? first : first.filter((key) => this.hasAll(key, conditions));
  }

  /** Of one that has no entry, nothing holds. */
  hasAll(key: T, conditions: readonly Condition[]): boolean {
    const entry = this.#entries.get(key);
    return conditions.every((condition) => entry !== undefined && readValue(entry, condition) === condition.value);
  }

  #findBy(condition: Condition): readonly T[] {
    const way = 'property' in condition ? condition.property : `label ${condition.label}`;
    return this.#group(way, (entry) => readValue(entry, condition)).get(condition.value) ?? [];
  }

  #group(way: string, read: (entry: IndexedEntry) => string | undefined): Groups<T> {
    const known = this.#groups.get(way);
    if (known) return known;
    const groups: Groups<T> = new Map();
    for (const [key, entry] of this.#entries) {
      const value = read(entry);
      if (value === undefined) continue;
      const group = groups.get(value);
      if (group) group.push(key);
      else groups.set(value, [key]);
    }
    this.#groups.set(way, groups);
    return groups;
  }
}

function readValue(entry: IndexedEntry, condition: Condition): string | undefined {
  if ('property' in condition) return entry[condition.property];
  const { labels = {} } = entry;
  return Object.hasOwn(labels, condition.label) ? labels[condition.label] : undefined;
}
