/** Predicates beside what policies mean, and their matches beside what the pipeline matches. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPacketFacts } from '../../../controller/policy/packet-facts.ts';
import {
  contains,
  holds,
  intersect,
  type PacketPredicate,
  predicatesOf,
  toMatch,
} from '../../../controller/policy/packet-predicate.ts';
import { judgePacket } from '../../../controller/policy/policy-meaning.ts';
import { resolvePolicies } from '../../../controller/policy/resolved-policies.ts';
import { readFields } from '../../../protocol/pipeline/packet-fields.ts';
import { findMismatch } from '../../../protocol/pipeline/table-lookup.ts';
import { findMatchFault } from '../../../protocol/wire/openflow/match-validation.ts';
import { DIRECTORY, drawAllow, drawDeny, frames, MACS } from './drawn-policy.ts';

const RUNS = { numRuns: 1000 };

function resolveOne(policy: Parameters<typeof resolvePolicies>[0]['policies'][number]) {
  const resolved = resolvePolicies({ default: 'deny', policies: [policy] }, DIRECTORY, MACS);
  return { resolved, policy: resolved.policies[0]! };
}

const predicates = fc
  .tuple(drawAllow('p'), fc.constantFrom('forward', 'reverse'), fc.nat())
  .map(([drawn, direction, i]): PacketPredicate => {
    const found = predicatesOf(resolveOne(drawn).policy, direction);
    return found[i % Math.max(found.length, 1)] ?? {};
  });

describe('the predicates of a policy', () => {
  it('hold of a packet between its hosts exactly if an allow of it does, in either direction', () => {
    fc.assert(
      fc.property(drawAllow('p'), frames, (drawn, frame) => {
        const { resolved, policy } = resolveOne(drawn);
        fc.pre(policy.problems.length === 0);
        const facts = readPacketFacts(frame)!;
        const isHeld = (direction: 'forward' | 'reverse') => {
          const [src, dst] = direction === 'forward' ? [policy.from, policy.to] : [policy.to, policy.from];
          if (!src.hosts.has(facts.srcMac) || !dst.hosts.has(facts.dstMac)) return false;
          return predicatesOf(policy, direction).some((predicate) => holds(predicate, facts));
        };
        expect(isHeld('forward') || isHeld('reverse')).toBe(judgePacket(resolved, facts).type === 'allowed');
      }),
      RUNS,
    );
  });

  it('hold of a packet between its hosts exactly if a deny of it does, in its direction', () => {
    fc.assert(
      fc.property(drawDeny('p'), frames, (drawn, frame) => {
        const { resolved, policy } = resolveOne(drawn);
        const facts = readPacketFacts(frame)!;
        const isHeld =
          policy.from.hosts.has(facts.srcMac) &&
          policy.to.hosts.has(facts.dstMac) &&
          predicatesOf(policy, 'forward').some((predicate) => holds(predicate, facts));
        expect(isHeld).toBe(judgePacket({ ...resolved, default: 'allow' }, facts).type === 'denied');
      }),
      RUNS,
    );
  });

  it('are no more than are needed: none of them contains another', () => {
    fc.assert(
      fc.property(drawAllow('p'), fc.constantFrom('forward', 'reverse'), (drawn, direction) => {
        const found = predicatesOf(resolveOne(drawn).policy, direction);
        const nested = found.filter((inner) => found.some((outer) => outer !== inner && contains(outer, inner)));
        expect(nested).toEqual([]);
      }),
    );
  });
});

describe('a predicate', () => {
  it('holds of a frame exactly if the pipeline matches it, and no switch can refuse its match', () => {
    fc.assert(
      fc.property(predicates, frames, (predicate, frame) => {
        const match = toMatch(predicate);
        expect(findMatchFault(match)).toBe(undefined);
        const isMatched = findMismatch(match, readFields({ bytes: frame, inPort: 1 })) === undefined;
        expect(holds(predicate, readPacketFacts(frame)!)).toBe(isMatched);
      }),
      RUNS,
    );
  });

  it('intersects another where both hold, and nowhere else', () => {
    fc.assert(
      fc.property(predicates, predicates, frames, (a, b, frame) => {
        const facts = readPacketFacts(frame)!;
        const both = intersect(a, b);
        expect(both !== undefined && holds(both, facts)).toBe(holds(a, facts) && holds(b, facts));
        if (!both) return;
        expect(contains(a, both) && contains(b, both)).toBe(true);
        expect(findMatchFault(toMatch(both))).toBe(undefined);
      }),
      RUNS,
    );
  });

  it('contains another only if it holds of all that the other holds of, and contains what it makes narrower', () => {
    fc.assert(
      fc.property(predicates, predicates, frames, (a, b, frame) => {
        const facts = readPacketFacts(frame)!;
        if (contains(a, b) && holds(b, facts)) expect(holds(a, facts)).toBe(true);
        const both = intersect(a, b);
        expect(contains(a, b)).toBe(both !== undefined && contains(both, b));
      }),
      RUNS,
    );
  });
});
