/**
 * Tables of a block mended after one link went or came: what a computation from nothing would give, at the price of what changed.
 *
 * A link that went matters to a destination only if one of its ends had its port there; that is two comparisons a column. If that end has
 * another tight arc, its port changes and nothing else. If not, those whose ports lead to it are asked the same question, and so on: who has another
 * tight arc takes it and is done, the rest (*affected*) are further away now. Their distances are found by Dijkstra's search among themselves, begun
 * with what their unaffected neighbours offer (Ramalingam and Reps, 1996).
 *
 * A link that came matters if one end is nearer through it, or as near. As near: that end looks for its first tight arc again. Nearer: the gain is carried on as
 * far as it goes, and those that gained, and their neighbours to whom one of them became tight, look again.
 */
import { type PathGraph, UNREACHED } from './path-graph.ts';
import { BLOCK_WIDTH, firstTightPort, NO_PORT, type RouteBlock, relax, type Scratch } from './route-block.ts';

/** A link as the slots and ports of its ends. */
export interface LinkEnds {
  readonly slotA: number;
  readonly portA: number;
  readonly slotB: number;
  readonly portB: number;
}

/** The link has gone from the graph already. */
export function repairLostLink(graph: PathGraph, block: RouteBlock, link: LinkEnds, scratch: Scratch): void {
  const { slotA, portA, slotB, portB } = link;
  const { ports } = block;
  for (let column = 0; column < BLOCK_WIDTH; column++) {
    if (ports[slotA * BLOCK_WIDTH + column] === portA) repairLostArc(graph, block, column, slotA, scratch);
    else if (ports[slotB * BLOCK_WIDTH + column] === portB) repairLostArc(graph, block, column, slotB, scratch);
  }
}

/** The link is in the graph already. */
export function repairNewLink(
  graph: PathGraph,
  block: RouteBlock,
  link: LinkEnds,
  weight: number,
  scratch: Scratch,
): void {
  const { slotA, slotB } = link;
  const { distances } = block;
  for (let column = 0; column < BLOCK_WIDTH; column++) {
    const a = distances[slotA * BLOCK_WIDTH + column]!;
    const b = distances[slotB * BLOCK_WIDTH + column]!;
    if (b + weight <= a) repairNewArc(graph, block, column, slotA, b + weight, scratch);
    else if (a + weight <= b) repairNewArc(graph, block, column, slotB, a + weight, scratch);
  }
}

function repairLostArc(graph: PathGraph, block: RouteBlock, column: number, slot: number, scratch: Scratch): void {
  const { distances, ports } = block;
  const [marks] = scratch.words;
  const [affected] = scratch.lists;
  const count = findAffected(graph, block, column, slot, scratch);
  if (count === 0) return;
  scratch.heap.clear();
  for (let i = 0; i < count; i++) {
    const at = affected[i]!;
    const distance = nearestUnmarked(graph, block, column, at, marks);
    distances[at * BLOCK_WIDTH + column] = distance;
    if (distance !== UNREACHED) scratch.heap.push(distance, at);
  }
  relax(graph, block, column, scratch.heap);
  for (let i = 0; i < count; i++) marks[affected[i]!] = 0;
  for (let i = 0; i < count; i++) {
    const at = affected[i]! * BLOCK_WIDTH + column;
    const isReached = distances[at] !== UNREACHED;
    ports[at] = isReached ? firstTightPort(graph, block, column, affected[i]!, marks) : NO_PORT;
  }
}

/** Lists and marks those that lost their last tight arc; those that have another take it. */
function findAffected(graph: PathGraph, block: RouteBlock, column: number, slot: number, scratch: Scratch): number {
  const { ports } = block;
  const { to, farPort, start, degree } = graph;
  const [marks] = scratch.words;
  const [affected] = scratch.lists;
  let count = 0;
  const ask = (asked: number) => {
    const portNo = firstTightPort(graph, block, column, asked, marks);
    ports[asked * BLOCK_WIDTH + column] = portNo;
    if (portNo !== NO_PORT) return;
    marks[asked] = 1;
    affected[count++] = asked;
  };
  ask(slot);
  for (let i = 0; i < count; i++) {
    const lost = affected[i]!;
    const end = start[lost]! + degree[lost]!;
    for (let arc = start[lost]!; arc < end; arc++) {
      const behind = to[arc]!;
      if (ports[behind * BLOCK_WIDTH + column] === farPort[arc]) ask(behind);
    }
  }
  return count;
}

function nearestUnmarked(
  graph: PathGraph,
  { distances }: RouteBlock,
  column: number,
  slot: number,
  marks: Int32Array,
): number {
  const { to, weight } = graph;
  const begin = graph.start[slot]!;
  const end = begin + graph.degree[slot]!;
  let nearest = UNREACHED;
  for (let arc = begin; arc < end; arc++) {
    const next = to[arc]!;
    if (marks[next] !== 0) continue;
    const offered = distances[next * BLOCK_WIDTH + column]! + weight[arc]!;
    if (offered < nearest) nearest = offered;
  }
  return nearest;
}

function repairNewArc(
  graph: PathGraph,
  block: RouteBlock,
  column: number,
  slot: number,
  distance: number,
  scratch: Scratch,
): void {
  const { distances, ports } = block;
  const { to, weight, start, degree } = graph;
  const [marks, noMarks] = scratch.words;
  const [gained] = scratch.lists;
  const lookAgain = (at: number) => {
    ports[at * BLOCK_WIDTH + column] = firstTightPort(graph, block, column, at, noMarks);
  };
  if (distances[slot * BLOCK_WIDTH + column] === distance) {
    lookAgain(slot);
    return;
  }
  distances[slot * BLOCK_WIDTH + column] = distance;
  scratch.heap.clear();
  scratch.heap.push(distance, slot);
  const count = relax(graph, block, column, scratch.heap, gained);
  for (let i = 0; i < count; i++) marks[gained[i]!] = 1;
  for (let i = 0; i < count; i++) {
    const at = gained[i]!;
    lookAgain(at);
    const near = distances[at * BLOCK_WIDTH + column]!;
    const end = start[at]! + degree[at]!;
    for (let arc = start[at]!; arc < end; arc++) {
      const next = to[arc]!;
      if (marks[next] === 0 && distances[next * BLOCK_WIDTH + column] === near + weight[arc]!) lookAgain(next);
    }
  }
  for (let i = 0; i < count; i++) marks[gained[i]!] = 0;
}
