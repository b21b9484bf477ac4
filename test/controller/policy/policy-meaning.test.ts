/** What policies mean, example by example, and the laws that hold for all of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PacketFacts, readPacketFacts, reverseFacts } from '../../../controller/policy/packet-facts.ts';
import type { AllowPolicy, DenyPolicy, Policy, PolicySet, Service } from '../../../controller/policy/policy.ts';
import { judgePacket, type PacketVerdict } from '../../../controller/policy/policy-meaning.ts';
import { resolvePolicies } from '../../../controller/policy/resolved-policies.ts';
import { parseIpv4, parseIpv6 } from '../../../protocol/wire/address.ts';
import { DIRECTORY, drawAllow, drawDeny, frames, MACS, PLAIN, policySets } from './drawn-policy.ts';

const IP_1 = parseIpv4('10.1.0.1')!;
const IP_2 = parseIpv4('10.2.0.1')!;
const H1 = { srcMac: 1, dstMac: 2, ethType: 0x0800, ipSrc: IP_1, ipDst: IP_2 };
const TCP: PacketFacts = { ...H1, ipProto: 6, srcPort: 40_000, dstPort: 80 };
const ARP: PacketFacts = { srcMac: 1, dstMac: 2, ethType: 0x0806 };

const ENDS = { from: { names: ['h1'] }, to: { names: ['h2'] } };
const web: Service = { protocol: 'tcp', ports: { first: 80, last: 80 } };

const allow = (id: string, more: Partial<AllowPolicy> = {}): AllowPolicy => ({
  id,
  services: [],
  ...ENDS,
  ...PLAIN,
  ...more,
});
const deny = (id: string, more: Partial<DenyPolicy> = {}): DenyPolicy => ({
  id,
  services: [],
  ...ENDS,
  type: 'deny',
  ...more,
});

function judge(
  packet: PacketFacts,
  policies: readonly Policy[],
  otherwise: PolicySet['default'] = 'deny',
): PacketVerdict {
  return judgePacket(resolvePolicies({ default: otherwise, policies }, DIRECTORY, MACS), packet);
}

const typesOf = (packets: readonly PacketFacts[], policies: readonly Policy[], otherwise?: PolicySet['default']) =>
  packets.map((packet) => judge(packet, policies, otherwise).type);

function treatmentOf(packet: PacketFacts, policies: readonly Policy[]) {
  const verdict = judge(packet, policies);
  if (verdict.type === 'denied') throw new Error(`denied by ${verdict.by}`);
  return verdict.treatment;
}

describe('a packet that no policy speaks of', () => {
  it('goes by the default', () => {
    expect(judge(TCP, [], 'deny')).toEqual({ type: 'denied', by: 'default' });
    expect(judge(TCP, [], 'allow')).toMatchObject({ type: 'allowed', by: [] });
    expect(judge({ ...TCP, srcMac: 3 }, [deny('d')], 'allow').type).toBe('allowed');
  });
});

describe('an allow', () => {
  it('admits what it names and the reversed five-tuple of it, and no other port', () => {
    const policies = [allow('web', { services: [web] })];
    const reply = reverseFacts(TCP);
    const asked = { ...reply, srcPort: 40_000, dstPort: 80 };
    expect(typesOf([TCP, reply, { ...TCP, dstPort: 81 }, asked], policies)).toEqual([
      'allowed',
      'allowed',
      'denied',
      'denied',
    ]);
  });

  it('admits what looks like a reply though nobody asked, to any port', () => {
    const unasked: PacketFacts = { ...reverseFacts(TCP), srcPort: 80, dstPort: 22 };
    expect(judge(unasked, [allow('web', { services: [web] })]).type).toBe('allowed');
  });

  it('without services admits everything, IP or not; `ip` admits IP of both versions', () => {
    expect(typesOf([TCP, ARP], [allow('a')])).toEqual(['allowed', 'allowed']);
    const ip = [allow('a', { services: [{ protocol: 'ip' }] })];
    expect(typesOf([TCP, ARP, { ...H1, ethType: 0x86dd, ipProto: 99 }], ip)).toEqual(['allowed', 'denied', 'allowed']);
  });

  it('of icmp does not speak of icmpv6, nor the other way round', () => {
    const ping4: PacketFacts = { ...H1, ipProto: 1 };
    const ping6: PacketFacts = { ...H1, ethType: 0x86dd, ipProto: 58 };
    expect(typesOf([ping4, ping6], [allow('a', { services: [{ protocol: 'icmp' }] })])).toEqual(['allowed', 'denied']);
    expect(typesOf([ping4, ping6], [allow('a', { services: [{ protocol: 'icmpv6' }] })])).toEqual([
      'denied',
      'allowed',
    ]);
  });

  it('with ports does not speak of packets whose ports cannot be read; without ports it does', () => {
    const fragment: PacketFacts = { ...H1, ipProto: 6 };
    expect(judge(fragment, [allow('a', { services: [web] })]).type).toBe('denied');
    expect(judge(fragment, [allow('a', { services: [{ protocol: 'tcp' }] })]).type).toBe('allowed');
  });

  it('narrowed to addresses goes by those of the packet, at the end that they are said of', () => {
    const policies = [allow('a', { from: { address: '10.1.0.0/16' }, to: { all: true } })];
    const packets = [TCP, reverseFacts(TCP), { ...TCP, ipSrc: IP_2 }, ARP];
    expect(typesOf(packets, policies)).toEqual(['allowed', 'allowed', 'denied', 'denied']);
    const six: PacketFacts = { ...TCP, ethType: 0x86dd, ipSrc: parseIpv6('fd00::1')!, ipDst: parseIpv6('fd01::1')! };
    expect(judge(six, [allow('a', { from: { address: 'fd00::/16' }, to: { all: true } })]).type).toBe('allowed');
    expect(judge(six, policies).type).toBe('denied');
  });
});

describe('a deny', () => {
  it('beats every allow, whatever their ids', () => {
    expect(judge(TCP, [allow('a'), deny('z')])).toEqual({ type: 'denied', by: 'z' });
    expect(judge(TCP, [deny('a'), allow('z')])).toEqual({ type: 'denied', by: 'a' });
  });

  it('counts only as it is written: what goes the other way is denied if that is written', () => {
    expect(judge(reverseFacts(TCP), [allow('a'), deny('z')]).type).toBe('allowed');
    const back = deny('z', { from: ENDS.to, to: ENDS.from });
    expect(typesOf([TCP, reverseFacts(TCP)], [allow('a'), back])).toEqual(['allowed', 'denied']);
  });
});

describe('the treatment of a packet', () => {
  const names = (treatment: { readonly via: readonly ReadonlySet<string>[] }) =>
    treatment.via.map((set) => [...set].map((dpid) => dpid[0]));

  it('adds up what all policies say that allow it, the stricter where it cannot', () => {
    const policies = [
      allow('a', { via: [{ names: ['s1'] }], latencyNsMax: 5, protect: 'failover', bandwidthBps: 1, mirror: 'h3' }),
      allow('b', {
        via: [{ tier: 'core' }],
        latencyNsMax: 9,
        avoid: { switches: [{ names: ['s3'] }], links: ['uplink'] },
        protect: 'none',
        mirror: 'h3',
      }),
      allow('c', { services: [{ protocol: 'udp' }], latencyNsMax: 1 }),
    ];
    const treatment = treatmentOf(TCP, policies);
    expect(names(treatment)).toEqual([['a'], ['b', 'c']]);
    expect(treatment).toMatchObject({
      latencyNsMax: 5,
      protect: 'failover',
      reservedBy: ['a'],
      mirrors: [3],
      limitedBy: [],
    });
    expect([...treatment.avoid.switches]).toEqual(['c'.repeat(16)]);
    expect([...treatment.avoid.links]).toEqual([`${'a'.repeat(16)}:1-${'b'.repeat(16)}:1`]);
  });

  it('has for a reply the waypoints the other way round, the mirror, and no limit', () => {
    const policies = [
      allow('a', { via: [{ names: ['s1'] }, { names: ['s2'] }], limitBps: 1000, mirror: 'h3' }),
      allow('b', { via: [{ names: ['s3'] }] }),
    ];
    expect(names(treatmentOf(TCP, policies))).toEqual([['a'], ['b'], ['c']]);
    expect(names(treatmentOf(reverseFacts(TCP), policies))).toEqual([['c'], ['b'], ['a']]);
    expect(treatmentOf(TCP, policies)).toMatchObject({ limitedBy: ['a'], mirrors: [3] });
    expect(treatmentOf(reverseFacts(TCP), policies)).toMatchObject({ limitedBy: [], mirrors: [3] });
  });
});

describe('a policy with problems', () => {
  it('that allows permits nothing; that denies denies whom it can', () => {
    const from = { names: ['h1', 'h9'] };
    expect(judge(TCP, [allow('a', { from })]).type).toBe('denied');
    expect(judge(TCP, [allow('a', { from })], 'allow')).toMatchObject({ type: 'allowed', by: [] });
    expect(judge(TCP, [deny('d', { from })], 'allow').type).toBe('denied');
  });

  it('that allows by paths which cannot be read lets nobody permit what it speaks of, either way', () => {
    const policies = [allow('a', { via: [{ names: ['s9'] }] }), allow('b')];
    for (const packet of [TCP, reverseFacts(TCP)]) {
      expect(judge(packet, policies, 'allow')).toEqual({ type: 'denied', by: 'a' });
    }
    expect(judge({ ...TCP, srcMac: 3 }, policies, 'allow').type).toBe('allowed');
  });
});

describe('all policies', () => {
  const resolve = (set: PolicySet) => resolvePolicies(set, DIRECTORY, MACS);

  it('a deny more never admits a packet; an allow more that is clear never denies one', () => {
    fc.assert(
      fc.property(policySets, drawDeny('zd'), drawAllow('za'), frames, (set, more, allowing, frame) => {
        const facts = readPacketFacts(frame)!;
        const before = judgePacket(resolve(set), facts).type;
        const withDeny = judgePacket(resolve({ ...set, policies: [...set.policies, more] }), facts).type;
        if (before === 'denied') expect(withDeny).toBe('denied');
        const larger = resolve({ ...set, policies: [...set.policies, allowing] });
        if (larger.policies.at(-1)!.problems.length > 0) return;
        if (before === 'allowed') expect(judgePacket(larger, facts).type).toBe('allowed');
      }),
      { numRuns: 500 },
    );
  });

  it('without denies, a packet that policies allow has its reply allowed by the same', () => {
    fc.assert(
      fc.property(policySets, frames, (set, frame) => {
        const resolved = resolve({ ...set, policies: set.policies.filter(({ type }) => type === 'allow') });
        const facts = readPacketFacts(frame)!;
        const [there, back] = [facts, reverseFacts(facts)].map((packet) => judgePacket(resolved, packet));
        expect(back!.type).toBe(there!.type);
        expect(back!.by).toEqual(there!.by);
      }),
      { numRuns: 500 },
    );
  });
});
