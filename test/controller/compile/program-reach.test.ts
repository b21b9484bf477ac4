import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hop, Program } from '../../../controller/compile/program.ts';
import { canPass } from '../../../controller/compile/program-reach.ts';
import { createTreeProgram } from '../../../controller/compile/tree-programs.ts';
import { type DrawnNetwork, drawNetwork, stepsFrom, toRoutes } from './drawn-network.ts';

/** Followed as a frame would be, all ways at once, by the links of the drawing. */
function passedFrom(network: DrawnNetwork, { entries, enters }: Program, from: string): ReadonlySet<string> {
  const farOf = (dpid: string, portNo: number) =>
    stepsFrom(network, dpid).find((step) => step.from.portNo === portNo)!.to.dpid;
  const places = new Map<string, readonly [string, number]>();
  const follow = (dpid: string, { ways }: Hop) => {
    for (const { port, stage } of ways) places.set(`${farOf(dpid, port)}/${stage}`, [farOf(dpid, port), stage]);
  };
  if (enters.has(from)) follow(from, enters.get(from)!);
  for (const [dpid, stage] of places.values()) {
    for (const { dpid: at, stage: of, fate } of entries)
      if (at === dpid && of === stage && fate.type === 'pass') follow(dpid, fate.hop);
  }
  return new Set([from, ...[...places.values()].map(([dpid]) => dpid)]);
}

describe('whether frames of a program can pass a switch', () => {
  it('is what following them comes to, detours included', () => {
    fc.assert(
      fc.property(drawNetwork(8, 14, 2), fc.boolean(), (network, isProtected) => {
        const routes = toRoutes(network);
        const to = network.dpids[0]!;
        routes.prepare([to]);
        const program = createTreeProgram(routes, to, { isProtected });
        for (const from of program.enters.keys()) {
          const passed = passedFrom(network, program, from);
          for (const at of network.dpids) expect(canPass(program, from, at)).toBe(passed.has(at));
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});
