/**
 * One stop of Tab for a group of things on the map, and arrow keys to go from one to the nearest in that direction.
 *
 * Elements are found by their place in the group, not kept: they come and go with the network.
 */
import { useState } from 'preact/hooks';
import { nearestTowards, toDirection } from './direction.ts';
import type { Point } from './link-curve.ts';

export interface Roving {
  /** 0 for the one that Tab stops at, -1 for the others. */
  tabIndexOf(id: string): number;
  onFocus(id: string): void;
  onKeyDown(id: string, event: KeyboardEvent): void;
}

export function useRoving(places: ReadonlyMap<string, Point>, chosen: string | undefined): Roving {
  const [last, setLast] = useState<string>();
  const isHere = (id: string | undefined): id is string => id !== undefined && places.has(id);
  const stop = isHere(last) ? last : isHere(chosen) ? chosen : places.keys().next().value;
  return {
    tabIndexOf: (id) => (id === stop ? 0 : -1),
    onFocus: setLast,
    onKeyDown(id, event) {
      const direction = toDirection(event.key);
      if (!direction) return;
      event.preventDefault();
      const next = nearestTowards(places, id, direction);
      const group = (event.currentTarget as Element).closest('[role="group"]');
      if (next !== undefined) group?.querySelector<SVGElement>(`[data-id="${CSS.escape(next)}"]`)?.focus();
    },
  };
}
