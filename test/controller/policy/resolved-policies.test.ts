/** Names of policies looked up: who is meant, and what is said of those who mean nobody. */
import { describe, expect, it } from 'vitest';
import type { AllowPolicy, Policy, Selector } from '../../../controller/policy/policy.ts';
import { resolvePolicies } from '../../../controller/policy/resolved-policies.ts';
import { DIRECTORY, PLAIN } from './drawn-policy.ts';

const STRANGER = 0x0200_0000_0009;

function resolve(more: Partial<AllowPolicy>) {
  const policy: Policy = { id: 'p', from: { all: true }, to: { all: true }, services: [], ...PLAIN, ...more };
  const [resolved] = resolvePolicies({ default: 'deny', policies: [policy] }, DIRECTORY, [1, STRANGER]).policies;
  if (resolved?.type !== 'allow') throw new Error('an allow stays one');
  return resolved;
}

const hostsOf = (from: Selector) => [...resolve({ from }).from.hosts].sort((a, b) => a - b);
const problemsOf = (more: Partial<AllowPolicy>) => resolve(more).problems;

describe('a selector of hosts', () => {
  it('means those of whom everything holds that it says', () => {
    expect(hostsOf({ tier: 'edge' })).toEqual([1, 2]);
    expect(hostsOf({ tier: 'edge', site: 'plant-a' })).toEqual([1]);
    expect(hostsOf({ names: ['h1', 'h3'], site: 'plant-a' })).toEqual([1, 3]);
    expect(hostsOf({ labels: { team: 'blue' } })).toEqual([3]);
    expect(hostsOf({ app: 'video', kind: 'container' })).toEqual([2]);
  });

  it('means everybody the network or the directory knows by `all`, and by an address alone', () => {
    expect(hostsOf({ all: true })).toEqual([1, 2, 3, STRANGER]);
    expect(hostsOf({ address: '10.0.0.0/8' })).toEqual([1, 2, 3, STRANGER]);
    expect(resolve({ from: { address: '10.0.0.0/8' } }).from.address).toEqual({
      version: 4,
      value: 0x0a000000,
      length: 8,
    });
  });

  it('names by MAC whoever has no name, seen or not', () => {
    expect(hostsOf({ names: ['02:00:00:00:00:09', '02-00-00-00-00-0A'] })).toEqual([STRANGER, STRANGER + 1]);
    expect(problemsOf({ from: { names: ['02:00:00:00:00:0a'] } })).toEqual([]);
  });
});

describe('what means nobody', () => {
  it.each<[string, Partial<AllowPolicy>, string[]]>([
    ['a name', { from: { names: ['h1', 'hh2'] } }, ['from: there is no host hh2; did you mean h2?']],
    ['a property', { to: { tier: 'egde' } }, ['to: no host has the tier egde; did you mean edge?']],
    ['all of it together', { to: { tier: 'core', app: 'video' } }, ['to: no host is all of this']],
    ['a label', { to: { labels: { team: 'green' } } }, ['to: no host is all of this']],
    ['nothing', { from: {} }, ['from: this selects nobody; say who is meant']],
    ['a waypoint', { via: [{ names: ['s1'] }, { names: ['h1'] }] }, ['via 2: there is no switch h1']],
    ['a waypoint by what switches have not', { via: [{ app: 'control' }] }, ['via 1: switches have no app']],
    [
      'something to avoid',
      { avoid: { switches: [], links: ['upling'] } },
      ['avoid: there is no link or switch upling; did you mean uplink?'],
    ],
    ['a mirror', { mirror: 'h4' }, ['mirror: there is no host h4']],
    [
      'an address',
      { from: { address: '10.1.2.3/8' } },
      ['from: 10.1.2.3/8 is not a prefix of addresses, such as 10.1.0.0/16'],
    ],
    [
      'addresses that no packet has both of',
      { from: { address: '10.0.0.0/8' }, to: { address: '::/0' } },
      ['from and to have addresses of different IP versions, and no packet has both'],
    ],
    [
      'a service that no address has',
      { from: { address: '10.0.0.0/8' }, services: [{ protocol: 'icmpv6' }] },
      ['no packet is of these services and addresses'],
    ],
    [
      'more ports than rules should be made of',
      {
        services: [
          { protocol: 'tcp', ports: { first: 1, last: 200 } },
          { protocol: 'udp', ports: { first: 1, last: 57 } },
        ],
      },
      ['services: 257 ports are more than the 256 of a policy; leave the ports out, or write several policies'],
    ],
  ])('%s is a problem of its policy, with the name that was nearest', (_title, more, problems) => {
    expect(problemsOf(more)).toEqual(problems);
  });
});

describe('switches and links', () => {
  it('are meant by name, property, or what the wire calls them', () => {
    const { via, avoid, problems } = resolve({
      via: [{ tier: 'core' }, { names: ['d'.repeat(16)] }],
      avoid: {
        switches: [{ labels: { firewall: 'yes' } }],
        links: ['trunk', 's1', `${'d'.repeat(16)}:2-${'a'.repeat(16)}:1`],
      },
    });
    expect(problems).toEqual([]);
    expect(via.map((set) => [...set].map((dpid) => dpid[0]))).toEqual([['b', 'c'], ['d']]);
    expect([...avoid.switches].map((dpid) => dpid[0])).toEqual(['c', 'a']);
    expect([...avoid.links]).toEqual([
      `${'b'.repeat(16)}:2-${'c'.repeat(16)}:2`,
      `${'a'.repeat(16)}:1-${'d'.repeat(16)}:2`,
    ]);
  });
});
