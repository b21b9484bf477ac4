import { describe, expect, it } from 'vitest';
import { FabricCompiler, type FabricView } from '../../../controller/compile/fabric-compiler.ts';
import { CELLS_MAX, toCells } from '../../../controller/compile/pair-cells.ts';
import { Routes } from '../../../controller/compile/routes.ts';
import { formatDpid } from '../../../controller/network/network.ts';
import { NO_NAMES } from '../../../controller/policy/directory.ts';
import { toHostNamer } from '../../../controller/policy/directory-names.ts';
import type { Policy } from '../../../controller/policy/policy.ts';
import { parsePolicyJson } from '../../../controller/policy/policy-entry.ts';
import { resolvePolicies } from '../../../controller/policy/resolved-policies.ts';

const HUB = formatDpid(0xffffn);
const UPLINK = { portNo: 1, role: 'link' } as const;
const EDGE = { portNo: 2, role: 'edge' } as const;

/** A star of switches with so many hosts at one port of each. */
function star(hostsAt: readonly number[], policies: readonly Policy[]): FabricView {
  const routes = new Routes();
  routes.addSwitch(HUB);
  const dpids = hostsAt.map((_, i) => formatDpid(BigInt(i + 1)));
  for (const [i, dpid] of dpids.entries()) {
    routes.addSwitch(dpid);
    routes.addLink({ dpid, portNo: UPLINK.portNo }, { dpid: HUB, portNo: i + 1 });
  }
  const hosts = hostsAt.flatMap((count, i) =>
    Array.from({ length: count }, (_, j) => ({
      mac: 0x0200_0000_0000 + i * 0x10000 + j,
      dpid: dpids[i]!,
      portNo: EDGE.portNo,
    })),
  );
  const macs = hosts.map(({ mac }) => mac);
  return {
    routes,
    hosts,
    portsOf: (dpid) =>
      dpid === HUB ? dpids.map((_, i) => ({ portNo: i + 1, role: 'link' as const })) : [UPLINK, EDGE],
    linkFigures: () => ({ latencyNs: undefined, capacityBps: undefined }),
    policies: resolvePolicies({ default: 'allow', policies }, NO_NAMES, macs),
    nameOf: toHostNamer(NO_NAMES),
    isReleased: () => true,
    roomOf: () => undefined,
  };
}

function read(id: string, body: object): Policy {
  const reading = parsePolicyJson({ id, ...body });
  if (reading.type === 'refused') throw new Error(reading.mistakes[0]!.reason);
  return reading.value;
}

const ALL = { all: true };

function countRules({ plan }: ReturnType<FabricCompiler['compile']>): number {
  return [...plan.values()].flatMap((parts) => [...parts.values()]).reduce((sum, { rules }) => sum + rules.length, 0);
}

describe('what is compiled', () => {
  it('grows with the hosts at a port, and not with their pairs: whoever is behind it can invent them', () => {
    const policy = read('p', { from: ALL, to: ALL, protect: 'failover' });
    const [few, many] = [50, 100].map((count) => countRules(new FabricCompiler().compile(star([count, 1], [policy]))));
    expect(many! / few!).toBeLessThan(2.1);
  });

  it('has no more cells than there may be, however many conditions there are to begin with', () => {
    const ports = Array.from({ length: CELLS_MAX + 1 }, (_, i) => ({ ethType: 0x0800, ipProto: 6, dstPort: i + 1 }));
    const most = ports.slice(0, CELLS_MAX - 1);
    expect(toCells(most)?.length).toBe(CELLS_MAX);
    expect(toCells(ports)).toBeUndefined();
    expect(toCells([...most, { ethType: 0x0800, ipProto: 6, srcPort: 1 }])).toBeUndefined();
  });

  it('has no more rules for pairs at a switch than there may be, however many hosts somebody invents', () => {
    const policy = read('p', { from: ALL, to: ALL, services: ['tcp/80'], protect: 'failover' });
    const { plan, findings } = new FabricCompiler().compile(star([1024, 1024, 1], [policy]));
    const pairs = [...plan.values()].map((parts) =>
      [...parts].flatMap(([key, { rules }]) => (key.startsWith('pair ') ? rules : [])),
    );
    for (const rules of pairs) expect(rules.length).toBeLessThanOrEqual(65_536);
    expect(pairs.flat().length).toBeGreaterThan(65_536);
    expect(findings.get('p')).toMatchObject({ type: 'degraded', reason: expect.stringContaining('has room for') });
  });

  it('leaves the usual ways as they are when there are more paths than labels, and says so', () => {
    const view = star(
      Array.from({ length: 48 }, () => 1),
      [read('p', { from: ALL, to: ALL, via: HUB })],
    );
    const { plan, findings } = new FabricCompiler().compile(view);
    const enters = [...plan.values()].flatMap((parts) => [...parts].filter(([key]) => key.startsWith('enter ')));
    expect(enters.length).toBe(48 * 47);
    expect(enters.filter(([, { needs }]) => needs.length === 0)).toEqual([]);
    expect(findings.get('p')).toMatchObject({ type: 'degraded', reason: expect.stringContaining('labels') });
  });

  it('tells of copies for a host that is nowhere', () => {
    const view = star([1, 1], [read('copied', { from: ALL, to: ALL, mirror: '02:11:11:11:11:11' })]);
    const { findings } = new FabricCompiler().compile(view);
    expect(findings.get('copied')?.reason).toBe('the host that is to get copies is not there');
  });
});
