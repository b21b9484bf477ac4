/** Timeouts against a list that is searched every time. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MatchKey } from '../../vswitch/match-key.ts';
import { RULE_NONE, RuleStore } from '../../vswitch/rule-store.ts';
import { SwitchClock } from '../../vswitch/switch-clock.ts';
import { Timeouts } from '../../vswitch/timeouts.ts';

const SECOND = 1_000_000_000;

/** The list: when each rule ends, worked out anew whenever it is asked. */
interface Listed {
  readonly rule: number;
  readonly idle: number;
  readonly hard: number;
  readonly createdAt: number;
  usedAt: number;
}

function endOf({ idle, hard, createdAt, usedAt }: Listed): number {
  return Math.min(
    idle === 0 ? Number.POSITIVE_INFINITY : usedAt + idle * SECOND,
    hard === 0 ? Number.POSITIVE_INFINITY : createdAt + hard * SECOND,
  );
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
        const clock = new SwitchClock();
        const store = new RuleStore(clock);
        const timeouts = new Timeouts(store);
        const shape = store.shapes.intern([], new MatchKey());
        const alive: Listed[] = [];
        for (const taken of steps) {
          if (taken.type === 'add') {
            const { idle, hard } = taken;
            const fields = { tableId: 0, priority: 0, cookie: 0n, flags: 0, idleTimeout: idle, hardTimeout: hard };
            const rule = store.create(fields, shape, store.programs.intern([]));
            timeouts.add(rule);
            alive.push({ rule, idle, hard, createdAt: clock.now, usedAt: clock.now });
          } else if (taken.type === 'pass') {
            clock.advance(clock.now + taken.seconds * SECOND);
            const ended = alive.filter((listed) => endOf(listed) <= clock.now);
            const found: number[] = [];
            for (let rule = timeouts.takeEnded(); rule !== RULE_NONE; rule = timeouts.takeEnded()) found.push(rule);
            expect(new Set(found)).toEqual(new Set(ended.map(({ rule }) => rule)));
            expect(found).toHaveLength(ended.length);
            for (const listed of ended) alive.splice(alive.indexOf(listed), 1);
          } else if (alive.length > 0) {
            const index = taken.index % alive.length;
            const listed = alive[index]!;
            if (taken.type === 'use') {
              store.count(listed.rule, 1);
              listed.usedAt = clock.now;
            } else {
              timeouts.remove(listed.rule);
              alive.splice(index, 1);
            }
          }
          const next = Math.min(Number.POSITIVE_INFINITY, ...alive.map(endOf));
          expect(timeouts.nextAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(next);
          if (next === Number.POSITIVE_INFINITY) expect(timeouts.nextAt).toBeUndefined();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
