/** Policies as files and requests have them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../controller/policy/policy.ts';
import { formatPolicyJson, parsePolicyJson, toPolicySet } from '../../../controller/policy/policy-entry.ts';
import { judgePacket } from '../../../controller/policy/policy-meaning.ts';
import { resolvePolicies } from '../../../controller/policy/resolved-policies.ts';
import { directoryOf } from '../../../controller/policy/topology-directory.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import { parsePolicies } from '../../../topologies/policy-file.ts';
import { loadPolicies } from '../../../topologies/policy-loader.ts';
import { DIRECTORY, drawAllow, drawDeny, PLAIN } from './drawn-policy.ts';

const mistakesOf = (body: unknown) => {
  const reading = parsePolicyJson(body);
  return reading.type === 'refused' ? reading.mistakes.map(({ pointer, reason }) => `${pointer}: ${reason}`) : [];
};

/** Of whom no packet can be, so no document says it. */
function hasTwoVersions({ from, to }: Policy): boolean {
  const addresses = [from, to].flatMap(({ address }) => address ?? []);
  return new Set(addresses.map((address) => address.includes(':'))).size > 1;
}

describe('a policy as JSON', () => {
  it('is read back as the policy that was written, and written as a file would have it', () => {
    fc.assert(
      fc.property(fc.oneof(drawAllow('p'), drawDeny('p')), (policy) => {
        fc.pre(!hasTwoVersions(policy));
        const body = JSON.parse(JSON.stringify(formatPolicyJson(policy))) as unknown;
        expect(parsePolicyJson(body)).toEqual({ type: 'read', value: policy });
        const text = `apiVersion: sluice/v1\nkind: Policy\nname: t\npolicies: [${JSON.stringify(body)}]\n`;
        expect(toPolicySet(parsePolicies(text, 't.yaml').document).policies).toEqual([policy]);
      }),
    );
  });

  it('has the words and units of files', () => {
    const body = {
      id: 'a',
      from: 'h1',
      to: { tier: 'core', labels: { team: 'red' } },
      services: ['tcp/80', 'udp/5000-5010', 'icmp'],
      via: ['s1', { site: 'x' }],
      avoid: ['uplink'],
      latency: '10ms',
      limit: '1.5Mbps',
    };
    expect(parsePolicyJson(body)).toEqual({
      type: 'read',
      value: {
        ...PLAIN,
        id: 'a',
        from: { names: ['h1'] },
        to: { tier: 'core', labels: { team: 'red' } },
        services: [
          { protocol: 'tcp', ports: { first: 80, last: 80 } },
          { protocol: 'udp', ports: { first: 5000, last: 5010 } },
          { protocol: 'icmp' },
        ],
        via: [{ names: ['s1'] }, { site: 'x' }],
        avoid: { switches: [], links: ['uplink'] },
        latencyNsMax: 10_000_000,
        limitBps: 1_500_000,
      },
    });
  });

  it.each<[string, unknown, string[]]>([
    ['nothing', null, [': a policy is empty; write a mapping with keys such as id, or remove it']],
    [
      'next to nothing',
      {},
      [': a policy needs id; add "id: gw-1"', ': a policy needs one of from or deny; none is here'],
    ],
    ['a list', [], [': a policy must be a mapping with keys such as id, not a list']],
    [
      'unknown and wrong words, at every depth',
      { id: 'a', from: { teir: 'x' }, to: ['h1', 5], services: ['tcp/0'], 'a/b~': 1 },
      [
        '/from/teir: unknown key "teir"; did you mean tier?',
        '/to/1: YAML takes 5 for the number 5; quote it: "5"',
        '/services/0: "0" is not a port or a range of them, such as 1883 or 5000-5010',
        '/a~1b~0: unknown key "a/b~"; the keys of a policy are id, deny, from, to, services, class, via, avoid, latency, bandwidth, protect, limit and mirror',
      ],
    ],
    [
      'parts that do not go together',
      { id: 'default', deny: { from: 'h1', to: {} }, mirror: 'h2' },
      [
        '/id: default stands for no policy at all; choose another id',
        '/mirror: a policy that denies has no mirror beside it; what is denied goes no way at all, so remove it',
        '/deny/to: this selects nobody; name somebody, or select by tier, site, labels or all',
      ],
    ],
  ])('with mistakes is refused with a pointer to each: %s', (_title, body, mistakes) => {
    expect(mistakesOf(body)).toEqual(mistakes);
  });

  it('is refused, whatever it is, and never breaks the reader', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 40, stringUnit: 'binary' }), (body) => {
        for (const mistake of mistakesOf({ id: 'a', from: body, to: body, via: body }))
          expect(mistake).toMatch(/^(\/|:)/);
        expect(parsePolicyJson(body).type).toBe('refused');
      }),
    );
  });
});

describe('the policies of a file', () => {
  it('are in the order of their ids, whatever that of the file', () => {
    const text =
      'apiVersion: sluice/v1\nkind: Policy\nname: t\npolicies: [{ id: b, from: h1, to: h2 }, { id: a, deny: { from: h1, to: h2 } }, { id: B, from: h1, to: h2 }]\n';
    expect(toPolicySet(parsePolicies(text, 't.yaml').document).policies.map(({ id }) => id)).toEqual(['B', 'a', 'b']);
  });

  it('can name whom no directory has; their problems say so', () => {
    const set = toPolicySet(loadPolicies('topologies/policies/edge-gateway.yaml').document);
    const { policies } = resolvePolicies(set, DIRECTORY, []);
    expect(policies.find(({ id }) => id === 'scada')!.problems).toContain('to: there is no host scada');
  });
});

describe('topologies/policies/edge-gateway.yaml', () => {
  const names = directoryOf(loadTopology('topologies/edge-gateway.yaml'));
  const set = toPolicySet(loadPolicies('topologies/policies/edge-gateway.yaml').document);
  const resolved = resolvePolicies(set, names, []);
  const macOf = (host: string) => names.hosts.find(({ name }) => name === host)!.mac;

  const judge = (from: string, to: string, dstPort: number, ipProto = 6) =>
    judgePacket(resolved, {
      srcMac: macOf(from),
      dstMac: macOf(to),
      ethType: 0x0800,
      ipProto,
      ipSrc: 1,
      ipDst: 2,
      srcPort: 40_000,
      dstPort,
    });

  it('names nobody who is not in its topology', () => {
    expect(resolved.policies.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('means what its comments say', () => {
    expect(judge('plc-a1', 'meter-a1', 502)).toMatchObject({ type: 'allowed', by: ['plant-a'] });
    expect(judge('plc-a1', 'plc-b1', 502)).toEqual({ type: 'denied', by: 'isolate' });
    expect(judge('plc-b1', 'plc-a1', 502)).toEqual({ type: 'denied', by: 'default' });
    expect(judge('plc-a1', 'ingest', 1883)).toMatchObject({ by: ['control'], treatment: { protect: 'failover' } });
    expect(judge('plc-a1', 'ingest', 80)).toEqual({ type: 'denied', by: 'default' });
    expect(judge('analytics', 'ingest', 67, 17)).toMatchObject({ by: ['leases'] });
    const video = judge('camera-a1', 'ingest', 5004, 17);
    expect(video).toMatchObject({ by: ['video'], treatment: { limitedBy: ['video'] } });
    expect(video.type === 'allowed' && video.treatment.avoid.links.size).toBe(2);
    expect(judge('sensor-a1', 'scada', 502)).toMatchObject({
      by: ['scada'],
      treatment: { mirrors: [macOf('historian')] },
    });
  });
});
