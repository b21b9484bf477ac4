/** Timeouts against a list that is searched every time. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowRule } from '../../vswitch/flow-rule.ts';
import { Timeouts } from '../../vswitch/timeouts.ts';

const SECOND = 1_000_000_000;

function toRule(idleTimeout: number, hardTimeout: number, now: number): FlowRule {
  const fields = { tableId: 0, priority: 0, cookie: 0n, flags: 0, match: [], instructions: [] };
  return new FlowRule({ ...fields, idleTimeout, hardTimeout, now });
}

const step = fc.oneof(
  fc.record({
    type: fc.constant('add' as const),
    idle: fc.integer({ min: 0, max: 5 }),
    hard: fc.integer({ min: 0, max: 5 }),
  }),
  fc.record({ type: fc.constantFrom('use' as const, 'remove' as const), index: fc.nat() }),
  fc.record({ type: fc.constant('pass' as const), seconds: fc.integer({ min: 0, max: 3 }) }),
);

describe('timeouts', () => {
  it('end exactly the rules whose time is up, and never say too late when that is', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const timeouts = new Timeouts();
        const alive: FlowRule[] = [];
        let now = 0;
        for (const taken of steps) {
          if (taken.type === 'add') {
            const rule = toRule(taken.idle, taken.hard, now);
            timeouts.add(rule);
            alive.push(rule);
          } else if (taken.type === 'pass') {
            now += taken.seconds * SECOND;
            const ended = alive.filter((rule) => Math.min(rule.idleEndsAt, rule.hardEndsAt) <= now);
            const found: FlowRule[] = [];
            for (let rule = timeouts.takeEnded(now); rule; rule = timeouts.takeEnded(now)) found.push(rule);
            expect(new Set(found)).toEqual(new Set(ended));
            expect(found).toHaveLength(ended.length);
            for (const rule of ended) alive.splice(alive.indexOf(rule), 1);
          } else if (alive.length > 0) {
            const index = taken.index % alive.length;
            if (taken.type === 'use') alive[index]!.count(1, now);
            else timeouts.remove(alive.splice(index, 1)[0]!);
          }
          const next = Math.min(
            Number.POSITIVE_INFINITY,
            ...alive.map((rule) => Math.min(rule.idleEndsAt, rule.hardEndsAt)),
          );
          expect(timeouts.nextAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(next);
          if (next === Number.POSITIVE_INFINITY) expect(timeouts.nextAt).toBeUndefined();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
