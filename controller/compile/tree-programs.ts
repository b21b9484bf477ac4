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
  const end: ProgramEntry['then'] = handOut === undefined ? { type: 'deliver' } : { type: 'hand-out', port: handOut };
  const entries: ProgramEntry[] = [];
  const enters = new Map<string, Hop>();
  const hops = new Map<string, Hop>();
  const lastStage = detours ? detours.next.length : USUAL_STAGE;
  for (let stage = USUAL_STAGE; stage <= lastStage; stage++)
    entries.push({ dpid: to, stage, inPort: undefined, then: end });
  for (const dpid of graph.switches()) {
    const slot = graph.slotOf(dpid)!;
    const arcs = equalArcs(slot).slice(0, EQUAL_WAYS_MAX);
    if (arcs.length === 0) continue;
    const usual = takeHop(
      hops,
      arcs.map((arc) => graph.port[arc]!),
      USUAL_STAGE,
    );
    const detour = detours && arcs.length === 1 ? findDetour(detours, slot, arcs[0]!) : undefined;
    const pass = (stage: number, hop: Hop, inPort?: number) =>
      entries.push({ dpid, stage, inPort, then: { type: 'pass', hop } });
    if (detour === undefined) {
      pass(USUAL_STAGE, usual);
      enters.set(dpid, usual);
    } else {
      const port = graph.port[detour.arc]!;
      const around = (isBack: boolean): Hop => ({
        mode: 'failover',
        ways: [...usual.ways, { port, isBack, stage: detour.stage }],
      });
      const onwards = around(false);
      pass(USUAL_STAGE, onwards);
      enters.set(dpid, onwards);
      const isOnTheWayOf = equalArcs(graph.to[detour.arc]!).includes(twinOf(graph, detour.arc));
      if (isOnTheWayOf) pass(USUAL_STAGE, around(true), port);
    }
    detours?.next.forEach((tree, i) => {
      const arc = tree[slot]!;
      if (arc === -1) return;
      const stage = i + 1;
      pass(stage, takeHop(hops, [graph.port[arc]!], stage));
    });
  }
  return createProgram(graph, { kind: `${isProtected ? 'protected' : 'usual'} ${to}`, entries, enters });
}

/** Equal ones are one and the same, so that their rules are, too. */
function takeHop(hops: Map<string, Hop>, ports: readonly number[], stage: number): Hop {
  const key = `${stage} ${ports.join()}`;
  let hop = hops.get(key);
  if (!hop) {
    const ways = ports.map((port): Way => ({ port, isBack: false, stage }));
    hop = { mode: ways.length > 1 ? 'spread' : 'only', ways };
    hops.set(key, hop);
  }
  return hop;
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
