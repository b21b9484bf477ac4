import { describe, expect, it } from 'vitest';
import { createPipe, type PipeDelay } from '../../sim/byte-pipe.ts';
import { Clock, MILLISECOND } from '../../sim/clock.ts';

function build(delay: PipeDelay = MILLISECOND) {
  const clock = new Clock();
  const { switchEnd, controllerEnd } = createPipe(clock, 's1', delay);
  const log: string[] = [];
  for (const [name, end] of [
    ['switch', switchEnd],
    ['controller', controllerEnd],
  ] as const) {
    end.listener = {
      received: (bytes) => log.push(`${clock.now} ${name} ${[...bytes]}`),
      closed: () => log.push(`${clock.now} ${name} closed`),
    };
  }
  return { clock, switchEnd, controllerEnd, log };
}

describe('a pipe', () => {
  it('carries bytes both ways, in order, after its delay', () => {
    const { clock, switchEnd, controllerEnd, log } = build();
    switchEnd.write(Uint8Array.of(1));
    switchEnd.write(Uint8Array.of(2, 3));
    controllerEnd.write(Uint8Array.of(4));
    clock.runUntil(10 * MILLISECOND);
    expect(log).toEqual(['1000000 switch 4', '1000000 controller 1', '1000000 controller 2,3']);
  });

  it('delivers what was written before it was closed, and tells the other end', () => {
    const { clock, switchEnd, controllerEnd, log } = build();
    switchEnd.write(Uint8Array.of(1));
    switchEnd.close();
    switchEnd.write(Uint8Array.of(2));
    clock.runUntil(10 * MILLISECOND);
    expect(log).toEqual(['1000000 controller 1', '1000000 controller closed']);
    expect(controllerEnd.isOpen).toBe(false);
  });

  it('asks how long each piece takes, and lets none overtake another, nor its end', () => {
    // The last is for the end of the other direction.
    const delays = [5, 1, 7, 2, 1].map((ms) => ms * MILLISECOND);
    const { clock, switchEnd, log } = build(() => delays.shift()!);
    for (let i = 1; i <= 3; i++) switchEnd.write(Uint8Array.of(i));
    switchEnd.close();
    clock.runUntil(10 * MILLISECOND);
    expect(log).toEqual([
      '5000000 controller 1',
      '5000000 controller 2',
      '7000000 controller 3',
      '7000000 controller closed',
    ]);
  });

  it('loses what is on its way to an end that has closed', () => {
    const { clock, switchEnd, controllerEnd, log } = build();
    switchEnd.write(Uint8Array.of(1));
    controllerEnd.close();
    clock.runUntil(10 * MILLISECOND);
    expect(log).toEqual(['1000000 switch closed']);
  });
});
