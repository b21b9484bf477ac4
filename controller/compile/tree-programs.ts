/**
 * The programs that lead to a switch from everywhere: the shortest ways, spread over all that are equally short, and with detours if they are protected.
 *
 * A switch with several equal ways needs no detour: the group passes over a way whose port is down. One with a single way falls back on one of two
 * trees that share no link with it (`detour-trees.ts`), under another stage, and the frame stays in that tree to its end: so it cannot come back to where it
 * was, whatever the others know. A frame that came in by the port that the detour leaves by is turned back, which a switch must be told in a rule of its own.
 *
 * A program says nothing of who sends: it depends on links only, so that a host that comes does not change how the others travel.
 */
import { computeDetourTrees, type DetourTrees } from './detour-trees.ts';
import type { PathGraph } from './path-graph.ts';
import { twinOf } from './path-search.ts';
import { createProgram, type Hop, type Program, type ProgramEntry, type Way } from './program.ts';
import type { Routes } from './routes.ts';

/** What a group can hold of them in one message, by far; who has more equal ways than these does not need them. */
const EQUAL_WAYS_MAX = 64;

const USUAL_STAGE = 0;

export interface TreeOptions {
  readonly isProtected: boolean;
  /** The port that frames are handed out of at the end, whoever they are for; without it the tables there decide. */
  readonly handOut?: number;
}

export function createTreeProgram(routes: Routes, to: string, { isProtected, handOut }: TreeOptions): Program {
  const { graph } = routes;
  const destination = graph.slotOf(to)!;
  const equalArcs = routes.equalArcs(to);
  const detours = isProtected ? computeDetourTrees(graph, destination) : undefined;
  const end: ProgramEntry['fate'] = handOut === undefined ? { type: 'deliver' } : { type: 'hand-out', port: handOut };
  const entries: ProgramEntry[] = [];
  const enters = new Map<string, Hop>();
  const lastStage = detours ? detours.next.length : USUAL_STAGE;
  for (let stage = USUAL_STAGE; stage <= lastStage; stage++)
    entries.push({ dpid: to, stage, inPort: undefined, fate: end });
  for (const dpid of graph.switches()) {
    const slot = graph.slotOf(dpid)!;
    const arcs = equalArcs(slot).slice(0, EQUAL_WAYS_MAX);
    if (arcs.length === 0) continue;
    const ways = arcs.map((arc) => toWay(graph, arc, USUAL_STAGE));
    const detour = detours && arcs.length === 1 ? findDetour(detours, slot, arcs[0]!) : undefined;
    const pass = (stage: number, hop: Hop, inPort?: number) =>
      entries.push({ dpid, stage, inPort, fate: { type: 'pass', hop } });
    if (detour === undefined) {
      const hop: Hop = { mode: ways.length > 1 ? 'spread' : 'only', ways };
      pass(USUAL_STAGE, hop);
      enters.set(dpid, hop);
    } else {
      const aside = toWay(graph, detour.arc, detour.stage);
      const around = (isBack: boolean): Hop => ({ mode: 'failover', ways: [...ways, { ...aside, isBack }] });
      pass(USUAL_STAGE, around(false));
      enters.set(dpid, around(false));
      const isOnTheWayOf = equalArcs(graph.to[detour.arc]!).includes(twinOf(graph, detour.arc));
      if (isOnTheWayOf) pass(USUAL_STAGE, around(true), aside.port);
    }
    detours?.next.forEach((tree, i) => {
      const arc = tree[slot]!;
      if (arc === -1) return;
      const stage = i + 1;
      pass(stage, { mode: 'only', ways: [toWay(graph, arc, stage)] });
    });
  }
  return createProgram(graph, { kind: `${isProtected ? 'protected' : 'usual'} ${to}`, entries, enters });
}

function toWay(graph: PathGraph, arc: number, stage: number): Way {
  return { port: graph.port[arc]!, to: graph.dpidOf(graph.to[arc]!), isBack: false, stage };
}

/** The first tree that does not leave by the same link. */
function findDetour(
  { next }: DetourTrees,
  slot: number,
  arc: number,
): { readonly arc: number; readonly stage: number } | undefined {
  const i = next.findIndex((tree) => tree[slot] !== -1 && tree[slot] !== arc);
  return i === -1 ? undefined : { arc: next[i]![slot]!, stage: i + 1 };
}
