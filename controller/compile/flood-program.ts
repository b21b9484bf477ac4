/**
 * How a broadcast travels: over the links of a spanning tree, under a label as everything else.
 *
 * Who follows a tree that never changes cannot go in circles; another tree is another label. Which hosts get it at each switch is not the program's business.
 */
import type { PathGraph } from './path-graph.ts';
import { createProgram, type Program, type ProgramEntry } from './program.ts';

/** An output takes 16 bytes and a message holds 65535, so does an entry of the switch's answer; some room is left for what else stands in them. */
export const OUTPUTS_PER_RULE_MAX = 3500;

export interface FloodProgram extends Program {
  /** By dpid, the ports of the tree's links. A switch with more neighbours than a message holds outputs floods to so many. */
  readonly ports: ReadonlyMap<string, readonly number[]>;
}

/** `treePorts`: those of the tree's links, both ends, as port keys. Undefined when there are no links. */
export function createFloodProgram(graph: PathGraph, treePorts: ReadonlySet<string>): FloodProgram | undefined {
  if (treePorts.size === 0) return undefined;
  const entries: ProgramEntry[] = [];
  const ports = new Map<string, readonly number[]>();
  for (const dpid of graph.switches()) {
    const slot = graph.slotOf(dpid)!;
    const begin = graph.start[slot]!;
    const own = [...graph.port.subarray(begin, begin + graph.degree[slot]!)]
      .filter((portNo) => treePorts.has(`${dpid}:${portNo}`))
      .sort((a, b) => a - b)
      .slice(0, OUTPUTS_PER_RULE_MAX);
    if (own.length === 0) continue;
    ports.set(dpid, own);
    entries.push({ dpid, stage: 0, inPort: undefined, fate: { type: 'flood', ports: own } });
  }
  return { ...createProgram(graph, { kind: 'flood', entries }), ports };
}
