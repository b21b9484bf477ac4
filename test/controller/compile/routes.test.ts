import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Routes } from '../../../controller/compile/routes.ts';
import {
  type DrawnLink,
  type DrawnNetwork,
  drawNetwork,
  measure,
  shuffled,
  stepsFrom,
  toRoutes,
} from './drawn-network.ts';

/** Everything that the routes say, by name. */
function tellAll(routes: Routes, dpids: readonly string[]): string {
  const sorted = [...dpids].sort();
  const lines = sorted.flatMap((to) => {
    const ports = new Map<string, number>();
    routes.forEachPort(to, (from, portNo) => ports.set(from, portNo));
    return sorted.map(
      (from) => `${from}>${to} ${routes.distance(from, to)} ${ports.get(from)} ${routes.equalPorts(from, to)}`,
    );
  });
  return [...lines, [...routes.treePorts()].sort().join(' ')].join('\n');
}

/** The same by the law in words: distances by Floyd and Warshall, ports by looking at every link. */
function tellAllNaively(network: DrawnNetwork): string {
  const sorted = [...network.dpids].sort();
  const distance = measure(network);
  const tree = new Set<string>();
  const reached = new Set<string>();
  for (const root of sorted) {
    const queue = reached.has(root) ? [] : [root];
    for (const at of queue) {
      reached.add(at);
      for (const { from, to } of stepsFrom(network, at)) {
        if (reached.has(to.dpid)) continue;
        reached.add(to.dpid);
        for (const end of [from, to]) tree.add(`${end.dpid}:${end.portNo}`);
        queue.push(to.dpid);
      }
    }
  }
  const lines = sorted.flatMap((to) =>
    sorted.map((from) => {
      const d = distance(from, to);
      const tight = stepsFrom(network, from).filter(
        (step) => d < Number.POSITIVE_INFINITY && step.weight + distance(step.to.dpid, to) === d,
      );
      const ports = from === to ? [] : tight.map((step) => step.from.portNo);
      return `${from}>${to} ${d < Number.POSITIVE_INFINITY ? d : undefined} ${ports[0]} ${ports}`;
    }),
  );
  return [...lines, [...tree].sort().join(' ')].join('\n');
}

function bytesOf({ blocks }: Routes): Buffer {
  return Buffer.concat(blocks.flatMap(({ distances, ports }) => [toBuffer(distances), toBuffer(ports)]));
}

function toBuffer({ buffer }: Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer);
}

/** Of a whole network, what is there at the moment; every other link is unplugged at first. */
class ChangingNetwork {
  readonly routes: Routes;
  readonly #whole: DrawnNetwork;
  readonly #here: Set<string>;
  readonly #plugged: Set<DrawnLink>;

  constructor(whole: DrawnNetwork) {
    const links = whole.links.filter((_, i) => i % 2 === 0);
    this.#whole = whole;
    this.#here = new Set(whole.dpids);
    this.#plugged = new Set(links);
    this.routes = toRoutes({ dpids: whole.dpids, links });
  }

  get left(): DrawnNetwork {
    return { dpids: [...this.#here], links: [...this.#plugged] };
  }

  ask(which: number): void {
    const dpid = this.#whole.dpids[which % this.#whole.dpids.length]!;
    if (this.#here.has(dpid)) this.routes.prepare([dpid]);
  }

  toggleSwitch(which: number): void {
    const dpid = this.#whole.dpids[which % this.#whole.dpids.length]!;
    if (this.#here.delete(dpid)) {
      for (const link of [...this.#plugged]) if (link.a.dpid === dpid || link.b.dpid === dpid) this.#unplug(link);
      this.routes.removeSwitch(dpid);
    } else {
      this.#here.add(dpid);
      this.routes.addSwitch(dpid);
    }
  }

  toggleLink(which: number): void {
    const link = this.#whole.links[which % Math.max(1, this.#whole.links.length)];
    if (!link) return;
    if (this.#plugged.has(link)) this.#unplug(link);
    else if (this.#here.has(link.a.dpid) && this.#here.has(link.b.dpid)) {
      this.#plugged.add(link);
      this.routes.addLink(link.b, link.a, link.weight);
    }
  }

  #unplug(link: DrawnLink): void {
    this.#plugged.delete(link);
    this.routes.removeLink(link.a, link.b);
  }
}

describe('routes', () => {
  it.each([1, 4])('are the shortest, by the first port that is on one (weights up to %i)', (weightMax) => {
    fc.assert(
      fc.property(drawNetwork(9, 20, weightMax), (network) => {
        expect(tellAll(toRoutes(network), network.dpids)).toBe(tellAllNaively(network));
      }),
    );
  });

  it('are the same whatever order switches and links came in', () => {
    fc.assert(
      fc.property(drawNetwork(9, 20, 3), fc.integer({ min: 1 }), (network, seed) => {
        const other = toRoutes(shuffled(network, seed));
        expect(tellAll(other, network.dpids)).toBe(tellAll(toRoutes(network), network.dpids));
      }),
    );
  });

  it.each([1, 3])(
    'are mended to what they would be from nothing, whatever comes and goes (weights up to %i)',
    (weightMax) => {
      const change = fc.record({
        kind: fc.constantFrom('link', 'link', 'link', 'link', 'switch', 'ask'),
        which: fc.nat(50),
      });
      const changes = fc.array(change, { minLength: 20, maxLength: 50, size: 'max' });
      fc.assert(
        fc.property(drawNetwork(12, 30, weightMax), changes, (whole, steps) => {
          const network = new ChangingNetwork(whole);
          network.routes.prepare(whole.dpids.filter((_, i) => i % 3 !== 2));
          for (const { kind, which } of steps) {
            if (kind === 'link') network.toggleLink(which);
            else if (kind === 'switch') network.toggleSwitch(which);
            else network.ask(which);
            const mended = bytesOf(network.routes);
            network.routes.recompute();
            expect(mended.equals(bytesOf(network.routes))).toBe(true);
          }
          const { left } = network;
          expect(tellAll(network.routes, left.dpids)).toBe(tellAllNaively(left));
        }),
      );
    },
  );

  it('lead to more destinations than a block has, and grow with the switches', () => {
    const count = 150;
    const dpids = Array.from({ length: count }, (_, i) => (count - i).toString(16).padStart(16, '0'));
    const routes = new Routes();
    for (const [i, dpid] of dpids.entries()) {
      routes.addSwitch(dpid);
      if (i > 0) routes.addLink({ dpid: dpids[i - 1]!, portNo: 2 }, { dpid, portNo: 1 });
      routes.prepare([dpid]);
    }
    for (const [i, from] of dpids.entries()) {
      for (const [j, to] of dpids.entries()) {
        expect(routes.distance(from, to)).toBe(Math.abs(i - j));
        expect(routes.equalPorts(from, to)).toEqual(i === j ? [] : [i < j ? 2 : 1]);
      }
    }
  });
});
