/**
 * A cable that changes by the clock: figures and states at moments of the run, in their order.
 *
 * What else is done to the cable in between stands until the next change that says otherwise. Changes of one moment are made in the order in
 * which they are written.
 */
import type { Cable } from './cable.ts';
import type { CableChange } from './cable-figures.ts';
import type { Clock } from './clock.ts';

export function scheduleChanges(clock: Clock, cable: Cable, changes: readonly CableChange[]): void {
  const [...ordered] = changes.toSorted((x, y) => x.atNs - y.atNs);
  if (ordered.length === 0) return;
  let next = 0;
  const alarm = clock.createAlarm(clock.createActor(`cable-schedule ${cable.name}`), () => {
    cable.change(ordered[next++]!);
    setNext();
  });
  const setNext = () => {
    const change = ordered[next];
    if (change) alarm.set(Math.max(change.atNs, clock.now));
  };
  setNext();
}
