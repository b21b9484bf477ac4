/**
 * Mininet's `--topo` shorthand (`linear,3` or `tree,depth=2,fanout=3`) as a document, with Mininet's names, datapath ids, ports and addresses.
 *
 * People know these networks by heart and have scripts that say "s1-eth2", so everything must come out as Mininet 2.3 does it: links in
 * the order of its `addLink` calls, because ports are counted in that order, and hosts in the natural order of their names
 * (`h2s1` before `h10s1`), because Mininet sorts before it hands out addresses.
 */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import type { End, LinkEntry, SwitchEntry, TopologyDocument } from './document.ts';
import { clip, show } from './text-form.ts';
import { escapeControls, TopologyError } from './topology-error.ts';

interface Parameter {
  readonly name: string;
  readonly what: string;
  readonly min: number;
  readonly max?: number;
  /** None for an argument that must be given. */
  readonly otherwise?: number;
}

interface Family {
  readonly parameters: readonly Parameter[];
  /** How many hosts and switches there will be; may be infinite. */
  readonly count: (...values: readonly number[]) => number;
  readonly build: (plan: Plan, ...values: readonly number[]) => void;
}

/** What a family adds, in Mininet's order. */
class Plan {
  readonly switches = new Map<string, SwitchEntry>();
  readonly hosts: string[] = [];
  readonly links: LinkEntry[] = [];

  addSwitch(name: string, entry: SwitchEntry = {}): string {
    this.switches.set(name, entry);
    return name;
  }

  addHost(name: string): string {
    this.hosts.push(name);
    return name;
  }

  addLink(a: string | End, b: string | End): void {
    const toEnd = (end: string | End): End => (typeof end === 'string' ? { node: end } : end);
    this.links.push({ ends: [toEnd(a), toEnd(b)] });
  }
}

/** As many as Mininet has never run, and few enough to build while somebody waits. */
const NODES_MAX = 100_000;

/** A tree of fanout 1 is a chain: its depth is bounded by our stack, not by its size. */
const DEPTH_MAX = 1000;

const HOSTS: Parameter = { name: 'k', what: 'hosts', min: 0, otherwise: 2 };

function buildSingle(plan: Plan, k: number): void {
  plan.addSwitch('s1');
  for (let h = 1; h <= k; h++) plan.addLink(plan.addHost(`h${h}`), 's1');
}

function buildReversed(plan: Plan, k: number): void {
  plan.addSwitch('s1');
  for (let h = 1; h <= k; h++) {
    plan.addLink({ node: plan.addHost(`h${h}`), port: 0 }, { node: 's1', port: k - h + 1 });
  }
}

function buildLinear(plan: Plan, k: number, n: number): void {
  for (let i = 1; i <= k; i++) {
    const name = plan.addSwitch(`s${i}`);
    for (let j = 1; j <= n; j++) plan.addLink(plan.addHost(n === 1 ? `h${i}` : `h${j}s${i}`), name);
    if (i > 1) plan.addLink(name, `s${i - 1}`);
  }
}

function buildTree(plan: Plan, depth: number, fanout: number): void {
  // Links are made on the way back up, so the ports of a switch count its children before its parent.
  const addTree = (height: number): string => {
    if (height === 0) return plan.addHost(`h${plan.hosts.length + 1}`);
    const name = plan.addSwitch(`s${plan.switches.size + 1}`);
    for (let i = 0; i < fanout; i++) plan.addLink(name, addTree(height - 1));
    return name;
  };
  addTree(depth);
}

function buildTorus(plan: Plan, x: number, y: number, n: number): void {
  const at = (i: number, j: number) => `${(i % x) + 1}x${(j % y) + 1}`;
  for (let i = 0; i < x; i++) {
    for (let j = 0; j < y; j++) {
      const name = plan.addSwitch(`s${at(i, j)}`, { dpid: BigInt((i + 1) * 256 + (j + 1)) });
      for (let k = 1; k <= n; k++) plan.addLink(plan.addHost(n === 1 ? `h${at(i, j)}` : `h${at(i, j)}x${k}`), name);
    }
  }
  for (let i = 0; i < x; i++) {
    for (let j = 0; j < y; j++) {
      plan.addLink(`s${at(i, j)}`, `s${at(i, j + 1)}`);
      plan.addLink(`s${at(i, j)}`, `s${at(i + 1, j)}`);
    }
  }
}

const FAMILIES: Readonly<Record<string, Family>> = {
  minimal: { parameters: [], count: () => 3, build: (plan) => buildSingle(plan, 2) },
  single: { parameters: [HOSTS], count: (k = 0) => 1 + k, build: (plan, k = 0) => buildSingle(plan, k) },
  reversed: { parameters: [HOSTS], count: (k = 0) => 1 + k, build: (plan, k = 0) => buildReversed(plan, k) },
  linear: {
    parameters: [
      { name: 'k', what: 'switches', min: 1, otherwise: 2 },
      { name: 'n', what: 'hosts per switch', min: 0, otherwise: 1 },
    ],
    count: (k = 0, n = 0) => k * (1 + n),
    build: (plan, k = 0, n = 0) => buildLinear(plan, k, n),
  },
  tree: {
    parameters: [
      { name: 'depth', what: 'levels of switches', min: 1, max: DEPTH_MAX, otherwise: 1 },
      { name: 'fanout', what: 'children per switch', min: 1, otherwise: 2 },
    ],
    count: (depth = 0, fanout = 0) => (fanout === 1 ? depth + 1 : (fanout ** (depth + 1) - 1) / (fanout - 1)),
    build: (plan, depth = 0, fanout = 0) => buildTree(plan, depth, fanout),
  },
  torus: {
    // Its datapath ids are x * 256 + y: with more than 255 in a row they would repeat.
    parameters: [
      { name: 'x', what: 'columns', min: 3, max: 255 },
      { name: 'y', what: 'rows', min: 3, max: 255 },
      { name: 'n', what: 'hosts per switch', min: 0, otherwise: 1 },
    ],
    count: (x = 0, y = 0, n = 0) => x * y * (1 + n),
    build: (plan, x = 0, y = 0, n = 0) => buildTorus(plan, x, y, n),
  },
};

/** Whether somebody who wrote this meant a shorthand rather than a file (a file named `tree` is `./tree`). */
export function isShorthand(text: string): boolean {
  const [family = ''] = text.split(',');
  return Object.hasOwn(FAMILIES, family) || (/^\w*,/.test(text) && !/[/\\]|\.\w+$/.test(text));
}

/** Throws a `TopologyError` with the column; its file is the shorthand itself. */
export function parseShorthand(text: string): TopologyDocument {
  try {
    return readShorthand(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const file = escapeControls(clip(text));
    throw new TopologyError({ file, line: 1, column: error.at, reason: escapeControls(error.reason) });
  }
}

function readShorthand(text: string): TopologyDocument {
  const [familyName = '', ...words] = text.split(',');
  const family = Object.hasOwn(FAMILIES, familyName) ? FAMILIES[familyName] : undefined;
  if (!family) {
    const known = Object.keys(FAMILIES);
    throw fail(
      1,
      `there is no topology ${show(familyName)}${suggest(familyName, known) || `; there are ${known.join(', ')}`}`,
    );
  }
  const values = readArguments(familyName, family.parameters, words);
  const count = family.count(...values);
  if (count > NODES_MAX) {
    throw fail(familyName.length + 2, `this would be more than ${NODES_MAX} hosts and switches; ask for fewer`);
  }
  const plan = new Plan();
  family.build(plan, ...values);
  const natural = new Intl.Collator('en', { numeric: true });
  return {
    apiVersion: 'sluice/v1',
    kind: 'Topology',
    name: [familyName, ...values].join('-'),
    switches: plan.switches,
    nodes: new Map(),
    hosts: new Map(plan.hosts.toSorted(natural.compare).map((name) => [name, { kind: 'host' }])),
    links: plan.links,
    attach: [],
  };
}

/** Python's rules, as Mininet has them: by position or by name, in any order. */
function readArguments(family: string, parameters: readonly Parameter[], words: readonly string[]): number[] {
  const values = new Map<Parameter, number>();
  const usage =
    parameters.length === 0 ? 'nothing' : parameters.map(({ name, what }) => `${name} (${what})`).join(' and ');
  let column = family.length + 2;
  let position = 0;
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = word.slice(0, Math.max(0, equals)).trim();
    const parameter = equals < 0 ? parameters[position++] : parameters.find((candidate) => candidate.name === name);
    if (!parameter) {
      const reason = equals < 0 ? 'this is one argument too many' : `there is no argument ${show(name)}`;
      throw fail(column, `${reason}; ${family} takes ${usage}`);
    }
    if (values.has(parameter)) throw fail(column, `${parameter.name} is here a second time; remove one`);
    values.set(parameter, readValue(parameter, word.slice(equals + 1), column + equals + 1));
    column += word.length + 1;
  }
  return parameters.map((parameter) => {
    const value = values.get(parameter) ?? parameter.otherwise;
    if (value === undefined)
      throw fail(column - 1, `${parameter.name} (${parameter.what}) is missing; ${family} takes ${usage}`);
    return value;
  });
}

function readValue(
  { name, what, min, max = Number.POSITIVE_INFINITY }: Parameter,
  text: string,
  column: number,
): number {
  const digits = text.trim();
  if (!/^\d{1,15}$/.test(digits)) throw fail(column, `${name} must be a whole number of ${what}, not ${show(digits)}`);
  const value = Number(digits);
  if (value < min) throw fail(column, `${name} must be at least ${min}; there are ${value} ${what} here`);
  if (value > max) throw fail(column, `${name} must be at most ${max}; there are ${value} ${what} here`);
  return value;
}

function fail(column: number, reason: string): WireError {
  return new WireError('SYNTAX', column, reason);
}
