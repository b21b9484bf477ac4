/** The clock of labs, while more happens than a computer can follow. */
import { describe, expect, it } from 'vitest';
import { Clock, SECOND } from '../../sim/clock.ts';
import { PacedClock } from '../../sim/paced-clock.ts';

/** Every event makes the next, at the same moment. */
function startStorm(clock: Clock): void {
  const actor = clock.createActor('storm');
  const again = () => void clock.schedule(actor, clock.now, again);
  again();
}

describe('a paced clock', () => {
  it('lets others have their turn while a storm never ends, and can be stopped', async () => {
    const clock = new Clock();
    startStorm(clock);
    const paced = new PacedClock(clock);
    let turns = 0;
    await new Promise<void>((resolve) => {
      const turn = () => {
        paced.enter(() => {});
        if (++turns === 3) resolve();
        else setImmediate(turn);
      };
      setImmediate(turn);
    });
    paced.stop();
    expect(clock.eventsRun).toBeGreaterThan(0);
    expect(turns).toBe(3);
  });
});

describe('a clock that runs some events at a time', () => {
  it('ends as one that runs them at once', () => {
    const run = (advance: (clock: Clock) => void) => {
      const clock = new Clock();
      const actor = clock.createActor('a');
      for (let i = 0; i < 100; i++) clock.schedule(actor, (i * 37) % 50, () => {});
      clock.schedule(actor, 2 * SECOND, () => {});
      advance(clock);
      return [clock.now, clock.eventsRun, clock.pending, clock.traceHash];
    };
    const whole = run((clock) => clock.runUntil(SECOND));
    let pieces = 0;
    const inPieces = run((clock) => {
      while (!clock.runSome(SECOND, 7)) pieces++;
    });
    expect(inPieces).toEqual(whole);
    expect(pieces).toBe(14);
  });
});
