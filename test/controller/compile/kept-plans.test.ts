import { describe, expect, it } from 'vitest';
import { FabricCompiler, type FabricHost, type FabricPlan } from '../../../controller/compile/fabric-compiler.ts';
import { Routes } from '../../../controller/compile/routes.ts';
import type { PortRef } from '../../../controller/network/network.ts';
import type { PolicySet } from '../../../controller/policy/policy.ts';
import { NO_POLICIES } from '../../../controller/policy/policy.ts';
import { type ResolvedPolicies, resolvePolicies } from '../../../controller/policy/resolved-policies.ts';
import { Random } from '../../../sim/random.ts';
import { drawGraph } from '../connected-graphs.ts';
import { drawFabric, toDirectory } from '../drawn-fabric.ts';
import { drawPolicies } from '../random-policies.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 7);
const LIVES = 3;
const CHANGES = 12;
const ROUNDS_MAX = 10;

interface Cable {
  readonly a: PortRef;
  readonly b: PortRef;
  isUp: boolean;
}

/** A network of which parts come and go, and a compiler that has seen all of it. */
class Life {
  readonly directory: ReturnType<typeof toDirectory>;
  readonly cables: readonly Cable[];
  readonly homes: readonly FabricHost[];
  readonly routes = new Routes();
  readonly compiler = new FabricCompiler();
  hosts: readonly FabricHost[];
  policies: ResolvedPolicies;

  constructor(random: Random) {
    const { graph } = drawFabric(drawGraph(random.fork('graph')), random.fork('fabric'));
    this.directory = toDirectory({ graph } as Parameters<typeof toDirectory>[0]);
    this.cables = this.directory.links.map(({ a, b }) => ({ a, b, isUp: true }));
    for (const { dpid } of this.directory.switches) this.routes.addSwitch(dpid);
    for (const { a, b } of this.cables) this.routes.addLink(a, b);
    // Where they hang is of no matter here, as long as ports of links are others.
    this.homes = this.directory.hosts.map(({ mac }, i) => {
      const { dpid } = this.directory.switches[i % this.directory.switches.length]!;
      return { mac, dpid, portNo: 1000 + i };
    });
    this.hosts = this.homes;
    this.policies = this.resolve(NO_POLICIES);
  }

  resolve(set: PolicySet): ResolvedPolicies {
    return resolvePolicies(
      set,
      this.directory,
      this.homes.map(({ mac }) => mac),
    );
  }

  change(random: Random): void {
    const roll = random.nextBelow(4);
    if (roll === 0) this.policies = this.resolve(drawPolicies(this.directory, random));
    else if (roll === 1) {
      const cable = this.cables[random.nextBelow(this.cables.length)]!;
      if (cable.isUp) this.routes.removeLink(cable.a, cable.b);
      else this.routes.addLink(cable.a, cable.b);
      cable.isUp = !cable.isUp;
    } else if (roll === 2) this.hosts = this.homes.filter(() => random.nextBelow(4) > 0);
    else {
      const moved = this.hosts[random.nextBelow(this.hosts.length + 1)];
      const { dpid } = this.directory.switches[random.nextBelow(this.directory.switches.length)]!;
      this.hosts = this.hosts.map((host) => (host === moved ? { ...host, dpid } : host));
    }
  }

  compile(compiler = this.compiler): FabricPlan {
    const compileOnce = () =>
      compiler.compile({
        routes: this.routes,
        hosts: this.hosts,
        policies: this.policies,
        portsOf: (dpid) => this.#listPorts(dpid),
        linkFigures: () => ({ latencyNs: 1_000_000, capacityBps: 10_000_000 }),
        isReleased: () => true,
      });
    let plan = compileOnce();
    // Once what was in the way of a label has gone, the label is free.
    for (let i = 0; i < ROUNDS_MAX && compiler.isProvisional; i++) plan = compileOnce();
    expect(compiler.isProvisional).toBe(false);
    return plan;
  }

  #listPorts(dpid: string) {
    const ends = this.cables.flatMap(({ a, b, isUp }) => (isUp ? [a, b] : []));
    return [
      ...ends.filter((end) => end.dpid === dpid).map(({ portNo }) => ({ portNo, role: 'link' as const })),
      ...this.hosts.filter((host) => host.dpid === dpid).map(({ portNo }) => ({ portNo, role: 'edge' as const })),
    ];
  }
}

/** In which order parts stand is of no matter. */
function inOrder({ plan, findings }: FabricPlan) {
  const parts = [...plan].map(([dpid, ofSwitch]) => [dpid, Object.fromEntries(ofSwitch)]);
  return { findings, plan: Object.fromEntries(parts) };
}

describe('plans of a compiler that keeps what it computed', () => {
  it('are those of one that begins anew, after any changes', () => {
    for (let i = 0; i < LIVES; i++) {
      const random = new Random(SEED).fork(`life ${i}`);
      const life = new Life(random);
      for (let n = 0; n < CHANGES; n++) {
        life.change(random);
        const words = `seed ${SEED}, life ${i}, change ${n}`;
        expect(inOrder(life.compile()), words).toEqual(inOrder(life.compile(new FabricCompiler())));
      }
    }
  });

  it('are the same objects for switches that a change does not concern', () => {
    const life = new Life(new Random(SEED));
    const before = life.compile().plan;
    const again = life.compile().plan;
    for (const [dpid, plan] of before) expect(again.get(dpid) === plan, dpid).toBe(true);
    const [gone] = life.hosts;
    life.hosts = life.hosts.slice(1);
    const after = life.compile().plan;
    for (const [dpid, plan] of before) {
      const others = [...plan].filter(([key, part]) => after.get(dpid)!.get(key) !== part).map(([key]) => key);
      if (dpid !== gone!.dpid && life.hosts.some((host) => host.dpid === gone!.dpid))
        expect(others, dpid).toEqual(plan.has(`to ${gone!.mac}`) ? [`to ${gone!.mac}`] : []);
    }
  });
});
