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
