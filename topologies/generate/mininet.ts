/**
 * Mininet's own families of networks, with its names, datapath ids, ports and addresses.
 *
 * People know these networks by heart and have scripts that say "s1-eth2", so everything must come out as Mininet 2.3 does it: links in
 * the order of its `addLink` calls, because ports are counted in that order, and hosts in the natural order of their names
 * (`h2s1` before `h10s1`), because Mininet sorts before it hands out addresses.
 */
import type { Family, Parameter, Plan } from './family.ts';

/** A tree of fanout 1 is a chain: its depth is bounded by our stack, not by its size. */
const DEPTH_MAX = 1000;

const HOSTS: Parameter = { name: 'k', what: 'hosts', min: 0, otherwise: 2 };

/** Hosts are handed out their addresses in another order than that of their links. */
function sortHosts(plan: Plan): void {
  const natural = new Intl.Collator('en', { numeric: true });
  const sorted = [...plan.hosts].sort(([a], [b]) => natural.compare(a, b));
  plan.hosts.clear();
  for (const [name, entry] of sorted) plan.hosts.set(name, entry);
}

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
  sortHosts(plan);
}

function buildTree(plan: Plan, depth: number, fanout: number): void {
  // Links are made on the way back up, so the ports of a switch count its children before its parent.
  const addTree = (height: number): string => {
    if (height === 0) return plan.addHost(`h${plan.hosts.size + 1}`);
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
  sortHosts(plan);
}

/** Tall trees of fanout 1 are chains, and the formula has no answer for them. */
const sizeOfTree = (depth: number, fanout: number) =>
  fanout === 1 ? depth + 1 : (fanout ** (depth + 1) - 1) / (fanout - 1);

export const MININET: Readonly<Record<string, Family>> = {
  minimal: {
    doc: 'One switch, two hosts.',
    parameters: [],
    sizeOf: () => ({ nodes: 3, links: 2 }),
    build: (plan) => buildSingle(plan, 2),
  },
  single: {
    doc: 'One switch, k hosts.',
    parameters: [HOSTS],
    sizeOf: (k = 0) => ({ nodes: 1 + k, links: k }),
    build: (plan, k = 0) => buildSingle(plan, k),
  },
  reversed: {
    doc: 'One switch, k hosts, at its ports from the last to the first.',
    parameters: [HOSTS],
    sizeOf: (k = 0) => ({ nodes: 1 + k, links: k }),
    build: (plan, k = 0) => buildReversed(plan, k),
  },
  linear: {
    doc: 'k switches in a row, n hosts at each.',
    parameters: [
      { name: 'k', what: 'switches', min: 1, otherwise: 2 },
      { name: 'n', what: 'hosts per switch', min: 0, otherwise: 1 },
    ],
    sizeOf: (k = 0, n = 0) => ({ nodes: k * (1 + n), links: k * (1 + n) - 1 }),
    build: (plan, k = 0, n = 0) => buildLinear(plan, k, n),
  },
  tree: {
    doc: 'A tree of switches, hosts as its leaves.',
    parameters: [
      { name: 'depth', what: 'levels of switches', min: 1, max: DEPTH_MAX, otherwise: 1 },
      { name: 'fanout', what: 'children per switch', min: 1, otherwise: 2 },
    ],
    sizeOf: (depth = 0, fanout = 0) => ({ nodes: sizeOfTree(depth, fanout), links: sizeOfTree(depth, fanout) - 1 }),
    build: (plan, depth = 0, fanout = 0) => buildTree(plan, depth, fanout),
  },
  torus: {
    doc: 'A grid of x by y switches whose rows and columns are rings, n hosts at each. It has loops.',
    // Its datapath ids are x * 256 + y: with more than 255 in a row they would repeat.
    parameters: [
      { name: 'x', what: 'columns', min: 3, max: 255 },
      { name: 'y', what: 'rows', min: 3, max: 255 },
      { name: 'n', what: 'hosts per switch', min: 0, otherwise: 1 },
    ],
    sizeOf: (x = 0, y = 0, n = 0) => ({ nodes: x * y * (1 + n), links: x * y * (2 + n) }),
    build: (plan, x = 0, y = 0, n = 0) => buildTorus(plan, x, y, n),
  },
};
