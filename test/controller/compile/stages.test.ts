import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findConstrainedWalk, UNCONSTRAINED, type Walk } from '../../../controller/compile/constrained-path.ts';
import { findDisjointWalks } from '../../../controller/compile/disjoint-walks.ts';
import type { PathGraph } from '../../../controller/compile/path-graph.ts';
import { STAGES_MAX, type StagedWalk, toStages } from '../../../controller/compile/stages.ts';
import { type DrawnLink, type DrawnNetwork, drawNetwork, toDpid, toRoutes } from './drawn-network.ts';

const endOf = ({ dpid, portNo }: { dpid: string; portNo: number }) => `${dpid}:${portNo}`;

/** Carries a frame from entry to entry over the drawn links, of which one may be down; tells the ports that it left by, and whether it arrived. */
function carry(network: DrawnNetwork, graph: PathGraph, staged: StagedWalk, lost?: DrawnLink) {
  const others = new Map(
    network.links
      .filter((link) => link !== lost)
      .flatMap(({ a, b }) => [
        [endOf(a), b],
        [endOf(b), a],
      ]),
  );
  const sent: string[] = [];
  const states = new Set<string>();
  let { slot, stage } = staged.entry;
  let inPort: number | undefined;
  for (;;) {
    const isHere = (at: { slot: number; stage: number; inPort: number | undefined }) =>
      at.slot === slot && at.stage === stage && (at.inPort === undefined || at.inPort === inPort);
    const [entries, arrivals] = [staged.entries.filter(isHere), staged.arrivals.filter(isHere)];
    expect(entries.length + arrivals.length).toBe(1);
    expect(states).not.toContain(`${slot} ${stage}`);
    states.add(`${slot} ${stage}`);
    if (arrivals.length > 0) return { sent, isThere: true, slot };
    const dpid = graph.dpidOf(slot);
    const { action, backup } = entries[0]!;
    const send = [action, backup].find((one) => one && others.has(`${dpid}:${one.watchPort}`));
    if (!send) return { sent, isThere: false, slot };
    const portNo = send.port === 'in-port' ? inPort : send.port;
    expect(portNo).toBe(send.watchPort);
    expect(send.port === 'in-port').toBe(send.watchPort === inPort);
    expect(send.toStage).toBeLessThan(STAGES_MAX);
    sent.push(`${dpid}:${portNo}`);
    const far = others.get(`${dpid}:${portNo}`)!;
    [slot, stage, inPort] = [graph.slotOf(far.dpid)!, send.toStage, far.portNo];
  }
}

function portsOf(graph: PathGraph, walk: Walk): string[] {
  return walk.arcs.map(
    (arc, i) => `${graph.dpidOf(i === 0 ? walk.from : graph.to[walk.arcs[i - 1]!]!)}:${graph.port[arc]}`,
  );
}

/** Two disjoint walks, or one, by way of up to two switches that may force them to pass others twice. */
const drawWalks = drawNetwork(7, 12, 1)
  .chain((network) => fc.tuple(fc.constant(network), fc.array(fc.constantFrom(...network.dpids), { maxLength: 2 })))
  .map(([network, via]) => {
    const { graph } = toRoutes(network);
    const [from, to] = [graph.slotOf(network.dpids[0]!)!, graph.slotOf(network.dpids[1]!)!];
    const constraints = { ...UNCONSTRAINED, via: via.map((dpid) => new Set([graph.slotOf(dpid)!])) };
    return { network, graph, to, walks: findDisjointWalks(graph, from, to, constraints) };
  })
  .filter(({ walks }) => walks.length > 0);

function stage(graph: PathGraph, primary: Walk, second?: Walk): StagedWalk {
  const staging = toStages(graph, primary, second);
  if (staging.type === 'refused') throw new Error(staging.reason);
  return staging;
}

describe('a staged walk', () => {
  it('is the walk, whatever switches it passes again', () => {
    let again = 0;
    fc.assert(
      fc.property(drawWalks, ({ network, graph, to, walks }) => {
        const [primary] = walks as [Walk];
        const told = carry(network, graph, stage(graph, primary));
        expect(told).toEqual({ sent: portsOf(graph, primary), isThere: true, slot: to });
        if (new Set(primary.arcs.map((arc) => graph.to[arc])).size < primary.arcs.length) again++;
      }),
      { numRuns: 400 },
    );
    expect(again).toBeGreaterThan(20);
  });

  it('delivers with any one link down, by all of the second walk if the first is cut', () => {
    let [cut, again] = [0, 0];
    fc.assert(
      fc.property(drawWalks, ({ network, graph, to, walks }) => {
        const [primary, second] = walks as [Walk, Walk?];
        if (!second) return;
        const staged = stage(graph, primary, second);
        const [first, rest] = [portsOf(graph, primary), portsOf(graph, second)];
        for (const lost of [undefined, ...network.links]) {
          const { sent, isThere, slot } = carry(network, graph, staged, lost);
          expect([isThere, slot]).toEqual([true, to]);
          const at = first.findIndex((end) => lost && [endOf(lost.a), endOf(lost.b)].includes(end));
          if (at < 0) expect(sent).toEqual(first);
          else {
            expect(sent.slice(0, at)).toEqual(first.slice(0, at));
            expect(sent.slice(2 * at)).toEqual(rest);
            cut++;
          }
        }
        if (new Set(primary.arcs.map((arc) => graph.to[arc])).size < primary.arcs.length) again++;
      }),
      { numRuns: 500 },
    );
    expect(cut).toBeGreaterThan(100);
    expect(again).toBeGreaterThan(5);
  });

  it('loses frames that a cut link stops, and never turns them in a circle, when there is no second', () => {
    fc.assert(
      fc.property(drawWalks, ({ network, graph, walks }) => {
        const [primary] = walks as [Walk];
        const ends = portsOf(graph, primary);
        for (const lost of network.links) {
          const isCut = ends.includes(endOf(lost.a)) || ends.includes(endOf(lost.b));
          expect(carry(network, graph, stage(graph, primary), lost).isThere).toBe(!isCut);
        }
      }),
    );
  });

  it('has one stage more than a simple walk needs for the way back, and the second walk shares it', () => {
    const ring = drawRing(6);
    const { graph } = toRoutes(ring);
    const pair = findDisjointWalks(graph, graph.slotOf(toDpid(0))!, graph.slotOf(toDpid(3))!, UNCONSTRAINED);
    const { entries } = stage(graph, pair[0]!, pair[1]!);
    expect(new Set(entries.map((entry) => entry.stage))).toEqual(new Set([0, 1]));
  });
});

function drawRing(size: number): DrawnNetwork {
  const dpids = Array.from({ length: size }, (_, i) => toDpid(i));
  const links = dpids.map((dpid, i) => ({
    a: { dpid, portNo: 1 },
    b: { dpid: dpids[(i + 1) % size]!, portNo: 2 },
    weight: 1,
  }));
  return { dpids, links };
}

describe('a walk that passes a switch more often than a label can tell', () => {
  it('is refused, and the same with one visit less is not', () => {
    // A hub between two switches, and leaves around it, each to be visited.
    const leaves = Array.from({ length: STAGES_MAX }, (_, i) => toDpid(i + 3));
    const spokes = [toDpid(1), toDpid(2), ...leaves];
    const links = spokes.map((dpid, i) => ({
      a: { dpid: toDpid(0), portNo: i + 1 },
      b: { dpid, portNo: 1 },
      weight: 1,
    }));
    const network = { dpids: [toDpid(0), ...spokes], links };
    const { graph } = toRoutes(network);
    const visit = (dpids: readonly string[]) => {
      const via = dpids.map((dpid) => new Set([graph.slotOf(dpid)!]));
      const [from, to] = [graph.slotOf(toDpid(1))!, graph.slotOf(toDpid(2))!];
      return findConstrainedWalk(graph, from, to, { ...UNCONSTRAINED, via })!;
    };
    expect(toStages(graph, visit(leaves))).toEqual({ type: 'refused', reason: 'too-many-stages' });
    const walk = visit(leaves.slice(1));
    expect(carry(network, graph, stage(graph, walk)).sent).toEqual(portsOf(graph, walk));
  });
});
