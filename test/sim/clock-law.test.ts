/**
 * The law of the clock: whatever is scheduled, set and cancelled, from outside and from within events, near and far, it is what a plain
 * list that is sorted would do.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alarm, Clock, type Timer } from '../../sim/clock.ts';
import { SortedClock } from './sorted-clock.ts';

/** Delays of every digit of the wheel, and on both sides of where one ends; many are equal. */
const delay = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 0, 1, 1000) },
  { weight: 3, arbitrary: fc.nat(3000) },
  fc
    .tuple(fc.constantFrom(2 ** 11, 2 ** 22, 2 ** 32, 2 ** 33, 2 ** 44, 2 ** 51), fc.integer({ min: -2, max: 2 }))
    .map(([power, offset]) => power + offset),
  fc.maxSafeNat().map((value) => Math.floor(value / 4096)),
);

const ALARMS = 4;

/** What an event does when it runs, or somebody does from outside. */
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('schedule' as const), actor: fc.nat(63), delay }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('set' as const), alarm: fc.nat(ALARMS - 1), delay }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cancel' as const), which: fc.nat(31) }) },
  fc.record({ type: fc.constant('stop' as const), alarm: fc.nat(ALARMS - 1) }),
  fc.record({ type: fc.constant('newcomer' as const), name: fc.string({ maxLength: 3 }), delay }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

const move = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('act' as const), action }) },
  fc.record({ type: fc.constant('run' as const), delay }),
  fc.record({ type: fc.constant('step' as const) }),
  fc.record({ type: fc.constant('look' as const) }),
);

type AnyClock = Pick<Clock, 'now' | 'pending' | 'nextAt' | 'step' | 'runUntil'> & {
  createActor(name: string): never;
  schedule(actor: never, at: number, run: () => void): Timer;
  createAlarm(actor: never, run: () => void): Alarm;
};

/** Everything that can be seen from outside, in words. */
function play(
  clock: AnyClock,
  moves: readonly (typeof move extends fc.Arbitrary<infer T> ? T : never)[],
  reactions: readonly Action[],
): string[] {
  const seen: string[] = [];
  const actors = Array.from({ length: 64 }, (_, i) => clock.createActor(`actor ${(i * 37) % 64}`));
  const timers: Timer[] = [];
  let reaction = 0;
  let newcomers = 0;
  const react = (what: string): void => {
    seen.push(`${what}@${clock.now}`);
    if (reaction < reactions.length) act(reactions[reaction++]!);
  };
  const alarms = Array.from({ length: ALARMS }, (_, i) => clock.createAlarm(actors[i * 7]!, () => react(`alarm ${i}`)));
  const act = (given: Action): void => {
    switch (given.type) {
      case 'schedule': {
        const index = timers.length;
        const at = clock.now + given.delay;
        timers.push(clock.schedule(actors[given.actor]!, at, () => react(`timer ${index}`)));
        break;
      }
      case 'set':
        alarms[given.alarm]!.set(clock.now + given.delay);
        break;
      case 'cancel':
        timers.at(-1 - given.which)?.cancel();
        break;
      case 'stop':
        alarms[given.alarm]!.cancel();
        break;
      case 'newcomer': {
        const actor = clock.createActor(`${given.name} ${newcomers++}`);
        clock.schedule(actor, clock.now + given.delay, () => react(`newcomer ${given.name}`));
        break;
      }
    }
  };
  const look = () => seen.push(`${clock.now} ${clock.pending} ${clock.nextAt()} ${alarms.map(({ at }) => at)}`);
  for (const one of moves) {
    if (one.type === 'act') act(one.action);
    else if (one.type === 'run') clock.runUntil(clock.now + one.delay);
    else if (one.type === 'step') clock.step();
    else look();
  }
  for (let left = 2000; left > 0 && clock.step(); left--);
  look();
  return seen;
}

describe('the law of the clock', () => {
  it('is the order of a plain list, whatever is scheduled, set and cancelled, within events and without', () => {
    const moves = fc.array(move, { maxLength: 120 });
    fc.assert(
      fc.property(moves, fc.array(action, { maxLength: 120 }), (given, reactions) => {
        const ours = play(new Clock() as unknown as AnyClock, given, reactions);
        const plain = play(new SortedClock() as unknown as AnyClock, given, reactions);
        expect(ours).toEqual(plain);
      }),
      { numRuns: Number(process.env.SLUICE_CLOCK_LAW ?? 300) },
    );
  });
});
