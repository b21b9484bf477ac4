/** All generators by name, in the order of the help. */
import { EDGE_GATEWAY } from './edge-gateway.ts';
import { FABRICS } from './fabric.ts';
import type { Family } from './family.ts';
import { MININET } from './mininet.ts';
import { RANDOM_GRAPHS } from './random-graph.ts';
import { RING } from './ring.ts';

export const FAMILIES: Readonly<Record<string, Family>> = {
  ...MININET,
  ring: RING,
  ...FABRICS,
  'edge-gateway': EDGE_GATEWAY,
  ...RANDOM_GRAPHS,
};
