/**
 * The directory, looked up by selectors: who is meant, and what is wrong when nobody is.
 *
 * A host without an entry has the text of its MAC for a name, a switch its sixteen hex digits, a link its key; and these names are good for those that have
 * an entry, too. Whoever is named so need not be there yet. Equal selectors give the same set: policies by the hundred speak of the same few.
 */
import { formatMac, parseMac } from '../../protocol/wire/address.ts';
import { suggest } from '../../protocol/wire/openflow/text/suggestion.ts';
import { toLinkKey } from '../network/network.ts';
import type { Directory, HostEntry } from './directory.ts';
import { type Condition, EntryIndex, type Property } from './entry-index.ts';
import type { Selector } from './policy.ts';

export interface Selected<T> {
  readonly selected: ReadonlySet<T>;
  readonly problems: readonly string[];
}

export type Avoided =
  | { readonly type: 'switch' | 'link'; readonly key: string }
  | { readonly type: 'problem'; readonly reason: string };

const DPID = /^[0-9a-f]{16}$/;
const LINK_KEY = /^([0-9a-f]{16}):(\d+)-([0-9a-f]{16}):(\d+)$/;

const PROPERTIES = ['tier', 'site', 'app', 'kind'] as const satisfies Property[];

interface Kind<T> {
  readonly noun: 'host' | 'switch';
  readonly index: EntryIndex<T>;
  readonly properties: readonly Property[];
  /** What a name means that is in no entry. */
  readonly parseName: (name: string) => T | undefined;
  readonly known: Map<string, Selected<T>>;
}

export class DirectoryIndex {
  readonly #hosts: Kind<number>;
  readonly #switches: Kind<string>;
  readonly #links: ReadonlyMap<string, string>;

  constructor({ hosts, switches, links }: Directory, knownHosts: Iterable<number>) {
    const entries = new Map<number, Omit<HostEntry, 'mac'>>(hosts.map((entry) => [entry.mac, entry]));
    for (const mac of knownHosts) if (!entries.has(mac)) entries.set(mac, { name: formatMac(mac) });
    this.#hosts = {
      noun: 'host',
      index: new EntryIndex(entries),
      properties: PROPERTIES,
      parseName: parseMac,
      known: new Map(),
    };
    this.#switches = {
      noun: 'switch',
      index: new EntryIndex(new Map(switches.map((entry) => [entry.dpid, entry]))),
      properties: ['tier', 'site'],
      parseName: (name) => (DPID.test(name) ? name : undefined),
      known: new Map(),
    };
    this.#links = new Map(links.map(({ name, a, b }) => [name, toLinkKey(a, b)]));
  }

  selectHosts(selector: Selector): Selected<number> {
    return recall(selector, this.#hosts);
  }

  selectSwitches(selector: Selector): Selected<string> {
    return recall(selector, this.#switches);
  }

  /** A link by its name or key, or else a switch. */
  findAvoided(name: string): Avoided {
    const link = this.#links.get(name) ?? parseLinkKey(name);
    if (link !== undefined) return { type: 'link', key: link };
    const [dpid] = lookUp(name, this.#switches);
    if (dpid !== undefined) return { type: 'switch', key: dpid };
    const hint = suggest(name, [...this.#links.keys(), ...this.#switches.index.names()]);
    return { type: 'problem', reason: `there is no link or switch ${name}${hint}` };
  }
}

function recall<T>({ address, ...selector }: Selector, kind: Kind<T>): Selected<T> {
  // Which address it is narrows packets, and makes no difference here.
  const key = JSON.stringify([selector, address !== undefined]);
  const found = kind.known.get(key) ?? select({ ...selector, ...(address !== undefined && { address }) }, kind);
  kind.known.set(key, found);
  return found;
}

function select<T>(selector: Selector, kind: Kind<T>): Selected<T> {
  const { noun, index } = kind;
  const problems = [...findProblems(selector, kind)];
  const conditions = listConditions(selector);
  const { names, all, address } = selector;
  if (!names && !all && address === undefined && conditions.length === 0) {
    return { selected: new Set(), problems: [...problems, 'this selects nobody; say who is meant'] };
  }
  // One who is named need not be there, but then nothing else is known of it.
  const named = names?.flatMap((name) => lookUp(name, kind));
  const meant = named ? named.filter((key) => index.hasAll(key, conditions)) : index.findAll(conditions);
  const selected = new Set(meant);
  // All of nobody is nobody, and nobody's mistake.
  const isMistake = selected.size === 0 && problems.length === 0 && (named !== undefined || conditions.length > 0);
  if (isMistake) problems.push(`no ${noun} is all of this`);
  return { selected, problems };
}

function* findProblems<T>(selector: Selector, kind: Kind<T>): Generator<string> {
  const { noun, index, properties } = kind;
  for (const name of selector.names ?? []) {
    if (lookUp(name, kind).length === 0) yield `there is no ${noun} ${name}${suggest(name, index.names())}`;
  }
  for (const property of PROPERTIES) {
    const wanted = selector[property];
    if (wanted === undefined) continue;
    if (!properties.includes(property)) {
      yield `switches have no ${property}`;
      continue;
    }
    const known = index.valuesOf(property);
    if (!known.has(wanted)) yield `no ${noun} has the ${property} ${wanted}${suggest(wanted, known.keys())}`;
  }
  if (selector.address !== undefined && noun === 'switch') yield 'switches are not selected by address';
}

function listConditions(selector: Selector): Condition[] {
  const properties = PROPERTIES.flatMap((property) => {
    const value = selector[property];
    return value === undefined ? [] : [{ property, value }];
  });
  return [...properties, ...Object.entries(selector.labels ?? {}).map(([label, value]) => ({ label, value }))];
}

function lookUp<T>(name: string, { index, parseName }: Kind<T>): readonly T[] {
  const known = index.named(name);
  if (known) return known;
  const parsed = parseName(name);
  return parsed === undefined ? [] : [parsed];
}

function parseLinkKey(name: string): string | undefined {
  const [, dpidA, portA, dpidB, portB] = LINK_KEY.exec(name) ?? [];
  if (dpidA === undefined || dpidB === undefined) return undefined;
  return toLinkKey({ dpid: dpidA, portNo: Number(portA) }, { dpid: dpidB, portNo: Number(portB) });
}
