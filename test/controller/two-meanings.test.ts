import { describe, expect, it } from 'vitest';
import { toLinkKey } from '../../controller/network/network.ts';
import { readPacketFacts } from '../../controller/policy/packet-facts.ts';
import { judgePacket, type PacketVerdict } from '../../controller/policy/policy-meaning.ts';
import { resolvePolicies } from '../../controller/policy/resolved-policies.ts';
import { Random } from '../../sim/random.ts';
import { listConnectedGraphs } from './connected-graphs.ts';
import { drawFabric, toDirectory } from './drawn-fabric.ts';
import { plainMeaning, type Route } from './plain-meaning.ts';
import { type ProbeHost, ProbeMaker } from './probe-frame.ts';
import { drawPolicies } from './random-policies.ts';

const GRAPHS = [...listConnectedGraphs(4), ...listConnectedGraphs(5)];
const ROUNDS = 60;
const PROBES = 60;

describe('the meaning of policies', () => {
  it('is the same when their words are read a second time, for all that hosts send', () => {
    let allowed = 0;
    let denied = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const random = new Random(round);
      const topology = drawFabric(GRAPHS[round % GRAPHS.length]!, random.fork('fabric'));
      const directory = toDirectory(topology);
      const hosts = directory.hosts.map(({ name, mac }): ProbeHost => ({ name, mac, ip: 0x0a00_0000 + mac }));
      const policies = drawPolicies(directory, random.fork('policies'));
      const resolved = resolvePolicies(policies, directory, []);
      const meaning = plainMeaning(policies, directory);
      const keyOf = new Map(directory.links.map(({ name, a, b }) => [name, toLinkKey(a, b)]));
      const maker = new ProbeMaker(random.fork('probes'));
      for (let i = 0; i < PROBES; i++) {
        const from = hosts[random.nextBelow(hosts.length)]!;
        const to = hosts[random.nextBelow(hosts.length)]!;
        const probe = i % 5 === 0 ? maker.group(from) : maker.unicast(from, to);
        expect(readPacketFacts(probe.frame), probe.kind).toEqual(probe.facts);
        const facts = { ...probe.facts, dstMac: to.mac };
        const words = `round ${round}: ${probe.kind} from ${from.name} to ${to.name} by ${JSON.stringify(policies)}`;
        const route = meaning(facts);
        expect(toWords(judgePacket(resolved, facts)), words).toEqual(route && toPlain(route, keyOf));
        if (route) allowed++;
        else denied++;
      }
    }
    expect(Math.min(allowed, denied)).toBeGreaterThan(300);
  });
});

function sorted<T>(items: Iterable<T>): T[] {
  return [...items].sort();
}

function toWords(verdict: PacketVerdict) {
  if (verdict.type === 'denied') return undefined;
  const { via, avoid, latencyNsMax, reservedBy, mirrors } = verdict.treatment;
  return {
    via: via.map(sorted),
    switches: sorted(avoid.switches),
    links: sorted(avoid.links),
    latencyNsMax,
    hasBandwidth: reservedBy.length > 0,
    mirrors: sorted(mirrors),
  };
}

function toPlain(route: Route, keyOf: ReadonlyMap<string, string>) {
  return {
    via: route.via.map(sorted),
    switches: sorted(route.avoidSwitches),
    links: sorted([...route.avoidLinks].map((name) => keyOf.get(name)!)),
    latencyNsMax: Number.isFinite(route.latencyNsMax) ? route.latencyNsMax : undefined,
    hasBandwidth: route.hasBandwidth,
    mirrors: sorted(route.mirrors),
  };
}
