/**
 * The directory, looked up by selectors: who is meant, and what is wrong when nobody is.
 *
 * A host without an entry has the text of its MAC for a name, a switch its sixteen hex digits, a link its key; and these names are good for those that have
 * an entry, too. Whoever is named so need not be there yet.
 */
import { formatMac, parseMac } from '../../protocol/wire/address.ts';
import { suggest } from '../../protocol/wire/openflow/text/suggestion.ts';
import { toLinkKey } from '../network/network.ts';
import type { Directory, HostEntry, SwitchEntry } from './directory.ts';
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

const HOST_PROPERTIES = ['tier', 'site', 'app', 'kind'] as const;
const SWITCH_PROPERTIES = ['tier', 'site'] as const;

type Property = (typeof HOST_PROPERTIES)[number];

/** What hosts and switches have in common for selectors; `key` is the MAC or the dpid. */
interface Candidate<T> {
  readonly key: T;
  readonly entry: Partial<Pick<HostEntry, Property | 'name' | 'labels'>>;
}

interface Kind<T> {
  readonly noun: 'host' | 'switch';
  readonly candidates: readonly Candidate<T>[];
  readonly byName: ReadonlyMap<string, readonly T[]>;
  readonly properties: readonly Property[];
  /** What a name means that is in no entry. */
  readonly parseName: (name: string) => T | undefined;
}

export class DirectoryIndex {
  readonly #hosts: Kind<number>;
  readonly #switches: Kind<string>;
  readonly #links: ReadonlyMap<string, string>;

  constructor({ hosts, switches, links }: Directory, knownHosts: Iterable<number>) {
    const entries = new Map<number, HostEntry>(hosts.map((entry) => [entry.mac, entry]));
    const strangers = [...new Set(knownHosts)].filter((mac) => !entries.has(mac));
    this.#hosts = {
      noun: 'host',
      candidates: [
        ...[...entries].map(([key, entry]) => ({ key, entry })),
        ...strangers.map((key) => ({ key, entry: { name: formatMac(key) } })),
      ],
      byName: groupByName([...entries]),
      properties: HOST_PROPERTIES,
      parseName: parseMac,
    };
    const named = switches.map((entry): [string, SwitchEntry] => [entry.dpid, entry]);
    this.#switches = {
      noun: 'switch',
      candidates: named.map(([key, entry]) => ({ key, entry })),
      byName: groupByName(named),
      properties: SWITCH_PROPERTIES,
      parseName: (name) => (DPID.test(name) ? name : undefined),
    };
    this.#links = new Map(links.map(({ name, a, b }) => [name, toLinkKey(a, b)]));
  }

  selectHosts(selector: Selector): Selected<number> {
    return select(selector, this.#hosts);
  }

  selectSwitches(selector: Selector): Selected<string> {
    return select(selector, this.#switches);
  }

  /** A link by its name or key, or else a switch. */
  findAvoided(name: string): Avoided {
    const link = this.#links.get(name) ?? parseLinkKey(name);
    if (link !== undefined) return { type: 'link', key: link };
    const [dpid] = lookUp(name, this.#switches);
    if (dpid !== undefined) return { type: 'switch', key: dpid };
    const hint = suggest(name, [...this.#links.keys(), ...this.#switches.byName.keys()]);
    return { type: 'problem', reason: `there is no link or switch ${name}${hint}` };
  }
}

function select<T>(selector: Selector, kind: Kind<T>): Selected<T> {
  const problems = [...findProblems(selector, kind)];
  const isSaid = selector.all || selector.address !== undefined || listConditions(selector).length > 0;
  if (!isSaid && !selector.names) {
    return { selected: new Set(), problems: [...problems, 'this selects nobody; say who is meant'] };
  }
  const named = selector.names && new Set(selector.names.flatMap((name) => lookUp(name, kind)));
  const selected = new Set<T>();
  for (const { key, entry } of kind.candidates) {
    if ((!named || named.has(key)) && hasAll(entry, selector)) selected.add(key);
  }
  // One who is named need not be there; nothing but the name is known of it.
  if (named && listConditions(selector).length === 0) for (const key of named) selected.add(key);
  // All of nobody is nobody, and nobody's mistake.
  if (selected.size === 0 && problems.length === 0 && (named || listConditions(selector).length > 0)) {
    problems.push(`no ${kind.noun} is all of this`);
  }
  return { selected, problems };
}

function* findProblems<T>(selector: Selector, kind: Kind<T>): Generator<string> {
  const { noun, byName, candidates, properties } = kind;
  for (const name of selector.names ?? []) {
    if (lookUp(name, kind).length === 0) yield `there is no ${noun} ${name}${suggest(name, byName.keys())}`;
  }
  for (const property of HOST_PROPERTIES) {
    const wanted = selector[property];
    if (wanted === undefined) continue;
    if (!properties.includes(property)) {
      yield `${noun === 'switch' ? 'switches have' : 'hosts have'} no ${property}`;
      continue;
    }
    const known = new Set(candidates.flatMap(({ entry }) => entry[property] ?? []));
    if (!known.has(wanted)) yield `no ${noun} has the ${property} ${wanted}${suggest(wanted, known)}`;
  }
  if (selector.address !== undefined && noun === 'switch') yield 'switches are not selected by address';
}

/** The properties and labels that are asked for. */
function listConditions(selector: Selector): string[] {
  const properties = HOST_PROPERTIES.filter((property) => selector[property] !== undefined);
  return [...properties, ...Object.keys(selector.labels ?? {})];
}

function hasAll({ labels = {}, ...entry }: Candidate<unknown>['entry'], selector: Selector): boolean {
  const hasProperties = HOST_PROPERTIES.every(
    (property) => selector[property] === undefined || entry[property] === selector[property],
  );
  return (
    hasProperties &&
    Object.entries(selector.labels ?? {}).every(
      ([label, value]) => Object.hasOwn(labels, label) && labels[label] === value,
    )
  );
}

function lookUp<T>(name: string, { byName, parseName }: Kind<T>): readonly T[] {
  const known = byName.get(name);
  if (known) return known;
  const parsed = parseName(name);
  return parsed === undefined ? [] : [parsed];
}

function groupByName<T>(entries: readonly (readonly [T, { readonly name: string }])[]): Map<string, T[]> {
  const byName = new Map<string, T[]>();
  for (const [key, { name }] of entries) {
    const group = byName.get(name);
    if (group) group.push(key);
    else byName.set(name, [key]);
  }
  return byName;
}

function parseLinkKey(name: string): string | undefined {
  const [, dpidA, portA, dpidB, portB] = LINK_KEY.exec(name) ?? [];
  if (dpidA === undefined || dpidB === undefined) return undefined;
  return toLinkKey({ dpid: dpidA, portNo: Number(portA) }, { dpid: dpidB, portNo: Number(portB) });
}
