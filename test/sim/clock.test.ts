import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock, ClockBudgetError } from '../../sim/clock.ts';

describe('the clock', () => {
  it('runs events in the order of their time', () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    const ran: number[] = [];
    for (const at of [30, 10, 20]) clock.schedule(actor, at, () => ran.push(clock.now));
    clock.runUntil(100);
    expect(ran).toEqual([10, 20, 30]);
    expect(clock.now).toBe(100);
  });

  it('ranks events of one moment by the name of their actor, then by its own count', () => {
    const clock = new Clock();
    const b = clock.createActor('b');
    const a = clock.createActor('a');
    const ran: string[] = [];
    clock.schedule(b, 5, () => ran.push('b1'));
    clock.schedule(b, 5, () => ran.push('b2'));
    clock.schedule(a, 5, () => ran.push('a1'));
    clock.runUntil(5);
    expect(ran).toEqual(['a1', 'b1', 'b2']);
  });

  it('reorders nobody when another actor is added', () => {
    const run = (names: readonly string[]): string[] => {
      const clock = new Clock();
      const ran: string[] = [];
      for (const name of names) {
        const actor = clock.createActor(name);
        for (const at of [1, 1, 2, 3]) clock.schedule(actor, at, () => ran.push(`${name}@${clock.now}`));
      }
      clock.runUntil(10);
      return ran;
    };
    const without = run(['h1', 'h3', 's1']);
    const withAnother = run(['s1', 'h2', 'h3', 'h1']);
    expect(withAnother.filter((entry) => !entry.startsWith('h2'))).toEqual(without);
  });

  it('does not run what was cancelled, and counts what is still to come', () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    let ran = 0;
    const timer = clock.schedule(actor, 1, () => ran++);
    clock.schedule(actor, 2, () => ran++);
    timer.cancel();
    timer.cancel();
    expect(clock.pending).toBe(1);
    clock.runUntil(3);
    expect(ran).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('refuses an event in the past', () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    clock.runUntil(10);
    expect(() => clock.schedule(actor, 9, () => {})).toThrow('not in the past');
  });

  it('refuses two actors of one name', () => {
    const clock = new Clock();
    clock.createActor('a');
    expect(() => clock.createActor('a')).toThrow('a name of its own');
  });

  it('stops a storm instead of hanging', () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    const again = (): void => void clock.schedule(actor, clock.now, again);
    again();
    expect(() => clock.runUntil(1, 1_000)).toThrow(ClockBudgetError);
  });

  it('reaches 104 days ahead, to the nanosecond', () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    const ran: number[] = [];
    const last = Number.MAX_SAFE_INTEGER;
    for (const at of [last, last - 1, 2 ** 52, 2 ** 33 + 1, 2 ** 33, 1])
      clock.schedule(actor, at, () => ran.push(clock.now));
    expect(clock.nextAt()).toBe(1);
    clock.runUntil(2 ** 33);
    expect(clock.nextAt()).toBe(2 ** 33 + 1);
    clock.runUntil(last);
    expect(ran).toEqual([1, 2 ** 33, 2 ** 33 + 1, 2 ** 52, last - 1, last]);
  });

  it('has a timer set and cancelled for ever, while what else is to come comes', () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    const ran: number[] = [];
    for (let i = 1; i <= 100; i++) clock.schedule(actor, i * 1_000_000, () => ran.push(clock.now));
    const alarm = clock.createAlarm(actor, () => ran.push(-1));
    for (let i = 0; i < 100_000; i++) {
      alarm.set(clock.now + 1_000 * (2 + (i % 5_000)));
      clock.schedule(actor, clock.now + 7_000_000_000, () => ran.push(-2)).cancel();
      if (i % 10 === 0) clock.runUntil(clock.now + 1_000);
    }
    alarm.cancel();
    expect(clock.pending).toBe(100 - ran.length);
    clock.runUntil(1_000_000_000);
    expect(ran).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) * 1_000_000));
    expect(clock.pending).toBe(0);
    expect(clock.nextAt()).toBeUndefined();
  });

  it('goes on behind an event that throws', () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    const ran: string[] = [];
    clock.schedule(actor, 5, () => ran.push('first'));
    clock.schedule(actor, 5, () => {
      throw new Error('broken');
    });
    clock.schedule(actor, 5, () => ran.push('third'));
    expect(() => clock.runUntil(9)).toThrow('broken');
    expect(clock.now).toBe(5);
    clock.runUntil(9);
    expect(ran).toEqual(['first', 'third']);
  });

  it('lets nobody schedule who was removed, and gives the name to somebody else', () => {
    const clock = new Clock();
    const ran: string[] = [];
    const first = clock.createActor('a');
    clock.schedule(first, 5, () => ran.push('first'));
    clock.removeActor(first);
    expect(() => clock.schedule(first, 6, () => {})).toThrow('who was removed');
    clock.schedule(clock.createActor('a'), 5, () => ran.push('second'));
    clock.schedule(clock.createActor('A'), 5, () => ran.push('before both'));
    clock.runUntil(9);
    expect(ran).toEqual(['before both', 'first', 'second']);
  });

  it('agrees with sorting, whatever is scheduled and cancelled', () => {
    const events = fc.array(
      fc.record({ at: fc.nat(50), actor: fc.constantFrom('x', 'y', 'z'), isCancelled: fc.boolean() }),
      {
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(events, (given) => {
        const clock = new Clock();
        const actors = new Map(['z', 'x', 'y'].map((name) => [name, clock.createActor(name)]));
        const ran: number[] = [];
        given.forEach((event, index) => {
          const timer = clock.schedule(actors.get(event.actor)!, event.at, () => ran.push(index));
          if (event.isCancelled) timer.cancel();
        });
        clock.runUntil(100);
        const expected = given
          .map((event, index) => ({ ...event, index }))
          .filter(({ isCancelled }) => !isCancelled)
          .sort((a, b) => a.at - b.at || (a.actor < b.actor ? -1 : a.actor > b.actor ? 1 : a.index - b.index))
          .map(({ index }) => index);
        expect(ran).toEqual(expected);
      }),
    );
  });
});

describe('an alarm', () => {
  it('goes off once each time that it is set, tells when it will, and which it was', () => {
    const clock = new Clock();
    const rang: unknown[] = [];
    const alarm = clock.createAlarm(clock.createActor('a'), (which) =>
      rang.push([which === alarm, clock.now, alarm.at]),
    );
    expect(alarm.at).toBeUndefined();
    alarm.set(10);
    expect(alarm.at).toBe(10);
    clock.runUntil(20);
    clock.runUntil(30);
    alarm.set(2 ** 40 + 5);
    expect(alarm.at).toBe(2 ** 40 + 5);
    clock.runUntil(2 ** 41);
    expect(rang).toEqual([
      [true, 10, undefined],
      [true, 2 ** 40 + 5, undefined],
    ]);
  });

  it("that is set anew forgets the moment it was set for, and takes its place anew among its actor's events", () => {
    const clock = new Clock();
    const actor = clock.createActor('a');
    const ran: string[] = [];
    const alarm = clock.createAlarm(actor, () => ran.push(`alarm ${clock.now}`));
    alarm.set(5);
    clock.schedule(actor, 5, () => ran.push('timer'));
    alarm.set(5);
    alarm.set(7);
    alarm.set(5);
    expect(clock.pending).toBe(2);
    clock.runUntil(9);
    expect(ran).toEqual(['timer', 'alarm 5']);
    expect(() => alarm.set(8)).toThrow('not in the past');
  });

  it('may set itself while it goes off', () => {
    const clock = new Clock();
    const rang: number[] = [];
    const alarm = clock.createAlarm(clock.createActor('a'), () => {
      rang.push(clock.now);
      if (rang.length < 4) alarm.set(clock.now + (rang.length % 2) * 3_000);
    });
    alarm.set(1);
    clock.runUntil(10_000);
    expect(rang).toEqual([1, 3_001, 3_001, 6_001]);
  });
});

describe('the trace hash', () => {
  const hashOf = (...events: readonly (readonly [string, number])[]): string => {
    const clock = new Clock();
    const actors = new Map(['a', 'b'].map((name) => [name, clock.createActor(name)]));
    for (const [name, at] of events) clock.schedule(actors.get(name)!, at, () => {});
    clock.runUntil(Number.MAX_SAFE_INTEGER);
    return clock.traceHash;
  };

  it('is the same for the same events, whatever order they were scheduled in, and sixteen digits', () => {
    expect(hashOf(['a', 1], ['b', 1])).toBe(hashOf(['b', 1], ['a', 1]));
    expect(hashOf(['a', 1])).toMatch(/^[0-9a-f]{16}$/);
  });

  it('differs by one nanosecond, by who, by how many before, and by the upper half of the time', () => {
    const hashes = [
      hashOf(),
      hashOf(['a', 1]),
      hashOf(['a', 2]),
      hashOf(['b', 1]),
      hashOf(['a', 1], ['a', 1]),
      hashOf(['a', 1 + 2 ** 32]),
      hashOf(['a', 1], ['b', 1]),
      hashOf(['a', 1], ['b', 2]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
