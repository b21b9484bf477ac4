/**
 * Networks by chance, connected and simple (no link twice), the same for the same seed.
 *
 * - `random`: a tree drawn uniformly from all labelled trees (by its Prüfer sequence), and on it links between pairs drawn uniformly from
 *   those that have none, until switches have `degree` links to others on average.
 * - `waxman`: Waxman's model (IEEE JSAC 6/9, 1988). Switches stand anywhere in a square of `side` kilometres, and two that are d apart are linked
 *   with probability alpha · exp(-d / (beta · L)), L being the diagonal. What is then in parts is joined by the shortest links that do so,
 *   as a network operator would. A link is as slow as light in fibre: 200 000 km/s.
 */
import { assert } from '../../protocol/wire/wire-error.ts';
import { Chance } from './chance.ts';
import type { Family, Parameter, Plan } from './family.ts';

/** Pairs are looked at one by one: two million of them are a moment. */
const SWITCHES_MAX = 2000;

/** Nanoseconds of light in fibre. */
const NS_PER_KM = 5000;

const SWITCHES: Parameter = { name: 'k', what: 'switches', min: 2, max: SWITCHES_MAX, otherwise: 10 };
const HOSTS: Parameter = { name: 'n', what: 'hosts per switch', min: 0, otherwise: 1 };
const SEED: Parameter = { name: 'seed', what: 'your choice', min: 0, otherwise: 1 };

type Pair = readonly [number, number];

function buildSwitches(plan: Plan, k: number, n: number): void {
  for (let i = 1; i <= k; i++) {
    const name = plan.addSwitch(`s${i}`);
    for (let j = 1; j <= n; j++) plan.addLink(plan.addHost(n === 1 ? `h${i}` : `h${j}s${i}`), name);
  }
}

const linksOf = (k: number, degree: number) => Math.max(k - 1, Math.round((k * degree) / 2));

function buildRandom(plan: Plan, k: number, degree: number, n: number, seed: number): void {
  buildSwitches(plan, k, n);
  const chance = new Chance(seed);
  const pairs = drawTree(k, chance);
  const taken = new Set(pairs.map(([a, b]) => a * k + b));
  // As numbers: there may be two million of them.
  const free: number[] = [];
  for (let a = 0; a < k; a++) for (let b = a + 1; b < k; b++) if (!taken.has(a * k + b)) free.push(a * k + b);
  while (pairs.length < linksOf(k, degree)) {
    // The last one takes the place of the drawn one: each that remains is as likely as any.
    const i = chance.nextBelow(free.length);
    const drawn = free[i]!;
    free[i] = free.at(-1)!;
    free.pop();
    pairs.push([Math.floor(drawn / k), drawn % k]);
  }
  for (const [a, b] of pairs.toSorted(comparePairs)) plan.addLink(`s${a + 1}`, `s${b + 1}`);
}

const comparePairs = (x: Pair, y: Pair) => x[0] - y[0] || x[1] - y[1];

/** Prüfer's bijection: each sequence of k - 2 labels is one labelled tree. */
function drawTree(k: number, chance: Chance): Pair[] {
  const sequence = Array.from({ length: k - 2 }, () => chance.nextBelow(k));
  const degrees = new Array<number>(k).fill(1);
  for (const label of sequence) degrees[label]!++;
  const pairs: Pair[] = [];
  const join = (a: number, b: number) => pairs.push(a < b ? [a, b] : [b, a]);
  for (const label of sequence) {
    const leaf = degrees.indexOf(1);
    join(leaf, label);
    degrees[leaf]!--;
    degrees[label]!--;
  }
  const [a, b] = degrees.flatMap((degree, label) => (degree === 1 ? [label] : []));
  assert(a !== undefined && b !== undefined, 'two labels are left when a Prüfer sequence is read');
  join(a, b);
  return pairs;
}

function buildWaxman(plan: Plan, k: number, ...[alpha = 0, beta = 0, side = 0, n = 0, seed = 0]: number[]): void {
  buildSwitches(plan, k, n);
  const chance = new Chance(seed);
  const places = Array.from({ length: k }, () => ({
    x: chance.nextFraction() * side,
    y: chance.nextFraction() * side,
  }));
  const distanceOf = ([a, b]: Pair) => Math.hypot(places[a]!.x - places[b]!.x, places[a]!.y - places[b]!.y);
  const reach = beta * side * Math.SQRT2;
  const linked: Pair[] = [];
  for (const pair of pairsOf(k)) {
    if (chance.nextFraction() < alpha * Math.exp(-distanceOf(pair) / reach)) linked.push(pair);
  }
  joinParts(k, linked, distanceOf);
  for (const pair of linked.sort(comparePairs)) {
    const delayNs = Math.round(distanceOf(pair) * NS_PER_KM);
    plan.addLink(`s${pair[0] + 1}`, `s${pair[1] + 1}`, { delayNs });
  }
}

function* pairsOf(k: number): Generator<Pair> {
  for (let a = 0; a < k; a++) for (let b = a + 1; b < k; b++) yield [a, b];
}

/** Adds the shortest links that make one part of all (Borůvka's algorithm: each part takes its shortest way out, and again). */
function joinParts(k: number, linked: Pair[], lengthOf: (pair: Pair) => number): void {
  const parts = Array.from({ length: k }, (_, i) => i);
  const unite = ([a, b]: Pair): boolean => {
    const [kept, lost] = [Math.min(parts[a]!, parts[b]!), Math.max(parts[a]!, parts[b]!)];
    if (kept === lost) return false;
    for (let i = 0; i < k; i++) if (parts[i] === lost) parts[i] = kept;
    return true;
  };
  for (const pair of linked) unite(pair);
  while (parts.some((part) => part !== 0)) {
    const ways = new Map<number, { readonly pair: Pair; readonly length: number }>();
    for (const pair of pairsOf(k)) {
      const [x, y] = [parts[pair[0]]!, parts[pair[1]]!];
      if (x === y) continue;
      const way = { pair, length: lengthOf(pair) };
      for (const part of [x, y])
        if (way.length < (ways.get(part)?.length ?? Number.POSITIVE_INFINITY)) ways.set(part, way);
    }
    for (const { pair } of ways.values()) if (unite(pair)) linked.push(pair);
  }
}

export const RANDOM_GRAPHS: Readonly<Record<string, Family>> = {
  waxman: {
    doc: "Switches in a square, linked by chance the likelier the nearer they are (Waxman's model), n hosts at each.",
    parameters: [
      SWITCHES,
      { name: 'alpha', what: 'the probability of short links', isDecimal: true, min: 0.001, max: 1, otherwise: 0.4 },
      {
        name: 'beta',
        what: 'how far links reach, in diagonals',
        isDecimal: true,
        min: 0.001,
        max: 100,
        otherwise: 0.14,
      },
      { name: 'side', what: 'kilometres of a side', min: 1, max: 20_000, otherwise: 1000 },
      HOSTS,
      SEED,
    ],
    // By chance there may be a link for each pair; the switches' own bound keeps that in memory.
    sizeOf: (k = 0, alpha = 0, _beta = 0, _side = 0, n = 0) => ({
      nodes: k * (1 + n),
      links: k * n + k + (alpha * k * (k - 1)) / 2,
    }),
    build: (plan, k = 0, ...rest) => buildWaxman(plan, k, ...rest),
  },
  random: {
    doc: 'A random tree of switches and random links on it, `degree` per switch on average; n hosts at each.',
    parameters: [
      SWITCHES,
      { name: 'degree', what: 'the mean number of links to other switches', isDecimal: true, min: 1, otherwise: 3 },
      HOSTS,
      SEED,
    ],
    sizeOf: (k = 0, degree = 0, n = 0) => ({ nodes: k * (1 + n), links: k * n + linksOf(k, degree) }),
    check: (k = 0, degree = 0) =>
      linksOf(k, degree) <= (k * (k - 1)) / 2
        ? undefined
        : {
            parameter: 'degree',
            reason: `${k} switches have no more than ${k - 1} others each; make degree ${k - 1} at most`,
          },
    build: (plan, k = 0, degree = 0, n = 0, seed = 0) => buildRandom(plan, k, degree, n, seed),
  },
};
