/** Switches in a ring: the smallest network that survives any one link, and that a flood without a tree never leaves. */
import type { Family, Plan } from './family.ts';

function buildRing(plan: Plan, k: number, n: number): void {
  for (let i = 1; i <= k; i++) {
    const name = plan.addSwitch(`s${i}`);
    for (let j = 1; j <= n; j++) plan.addLink(plan.addHost(n === 1 ? `h${i}` : `h${j}s${i}`), name);
  }
  for (let i = 1; i <= k; i++) plan.addLink(`s${i}`, `s${(i % k) + 1}`);
}

export const RING: Family = {
  doc: 'k switches in a ring, n hosts at each.',
  parameters: [
    { name: 'k', what: 'switches', min: 3, otherwise: 4 },
    { name: 'n', what: 'hosts per switch', min: 0, otherwise: 1 },
  ],
  sizeOf: (k = 0, n = 0) => ({ nodes: k * (1 + n), links: k * (1 + n) }),
  build: (plan, k = 0, n = 0) => buildRing(plan, k, n),
};
