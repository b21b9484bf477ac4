/**
 * Networks of data centres: leaf-spine, and the fat tree of Al-Fares, Loukissas and Vahdat (SIGCOMM 2008).
 *
 * Ports are as the paper has them: hosts first, uplinks behind them. Datapath ids and addresses tell the place of a thing.
 */
import type { Family, Plan } from './family.ts';

/** Above those of leaves, however many there are. */
const FIRST_SPINE = 0x1_0000n;

const LEAVES_MAX = 0xffff;

function buildLeafSpine(plan: Plan, leaves: number, spines: number, hosts: number): void {
  plan.tiers = ['host', 'leaf', 'spine'];
  for (let s = 1; s <= spines; s++) plan.addSwitch(`spine-${s}`, { dpid: FIRST_SPINE + BigInt(s), tier: 'spine' });
  for (let l = 1; l <= leaves; l++) {
    const leaf = plan.addSwitch(`leaf-${l}`, { dpid: BigInt(l), tier: 'leaf', site: `rack-${l}` });
    for (let h = 1; h <= hosts; h++) {
      plan.addLink(plan.addHost(`h${h}-${l}`, { tier: 'host', site: `rack-${l}` }), leaf);
    }
    for (let s = 1; s <= spines; s++) plan.addLink(leaf, `spine-${s}`);
  }
}

/** k²/4 core switches; k pods of k/2 aggregation and k/2 edge switches; k/2 hosts at each of those: k³/4 in all, and every switch has k ports. */
function buildFatTree(plan: Plan, k: number): void {
  const half = k / 2;
  plan.tiers = ['host', 'edge', 'aggregation', 'core'];
  // The paper writes a core switch 10.k.j.i and one of a pod 10.pod.switch.1, edge before aggregation.
  const dpid = (a: number, b: number, c: number) => BigInt(a * 0x1_0000 + b * 0x100 + c);
  for (let j = 1; j <= half; j++) {
    for (let i = 1; i <= half; i++) plan.addSwitch(`core-${j}-${i}`, { dpid: dpid(k, j, i), tier: 'core' });
  }
  for (let pod = 0; pod < k; pod++) {
    const site = `pod-${pod}`;
    for (let s = 0; s < half; s++) plan.addSwitch(`edge-${pod}-${s}`, { dpid: dpid(pod, s, 1), tier: 'edge', site });
    for (let s = half; s < k; s++) {
      plan.addSwitch(`agg-${pod}-${s}`, { dpid: dpid(pod, s, 1), tier: 'aggregation', site });
    }
  }
  for (let pod = 0; pod < k; pod++) buildPod(plan, pod, half);
}

function buildPod(plan: Plan, pod: number, half: number): void {
  for (let s = 0; s < half; s++) {
    const edge = `edge-${pod}-${s}`;
    for (let id = 2; id < half + 2; id++) {
      // In one network of 10.0.0.0/8, so that nothing but the fabric is between them.
      const ip = { address: 0x0a00_0000 + pod * 0x1_0000 + s * 0x100 + id, prefixLength: 8 };
      plan.addLink(plan.addHost(`h-${pod}-${s}-${id}`, { tier: 'host', site: `pod-${pod}`, ip }), edge);
    }
    // The lower ports of aggregation switches lead down.
    for (let a = half; a < 2 * half; a++) plan.addLink(edge, { node: `agg-${pod}-${a}`, port: s + 1 });
  }
  for (let a = half; a < 2 * half; a++) {
    const row = a - half + 1;
    for (let i = 1; i <= half; i++) plan.addLink(`agg-${pod}-${a}`, { node: `core-${row}-${i}`, port: pod + 1 });
  }
}

export const FABRICS: Readonly<Record<string, Family>> = {
  'leaf-spine': {
    doc: 'Every leaf switch is linked with every spine switch; hosts are at the leaves.',
    parameters: [
      { name: 'leaves', what: 'leaf switches', min: 1, max: LEAVES_MAX, otherwise: 4 },
      { name: 'spines', what: 'spine switches', min: 1, max: LEAVES_MAX, otherwise: 2 },
      { name: 'n', what: 'hosts per leaf', min: 0, otherwise: 2 },
    ],
    sizeOf: (l = 0, s = 0, n = 0) => ({ nodes: l * (1 + n) + s, links: l * (s + n) }),
    build: (plan, l = 0, s = 0, n = 0) => buildLeafSpine(plan, l, s, n),
  },
  'fat-tree': {
    doc: 'The three-level fat tree of switches with k ports each, and k³/4 hosts (Al-Fares, SIGCOMM 2008).',
    parameters: [{ name: 'k', what: 'ports per switch', min: 2, max: 254, otherwise: 4 }],
    sizeOf: (k = 0) => ({ nodes: (5 * k * k) / 4 + k ** 3 / 4, links: (3 * k ** 3) / 4 }),
    check: (k = 0) =>
      k % 2 === 0 ? undefined : { parameter: 'k', reason: `k must be even; take ${k - 1} or ${k + 1}` },
    build: (plan, k = 0) => buildFatTree(plan, k),
  },
};
