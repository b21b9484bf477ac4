/** Where everything of a picture stands: in rows where tiers or levels make rows of it, else where the distances between things are as in the network. */
import { layOutByDistance } from './distance-layout.ts';
import type { Picture, Point } from './picture.ts';
import { layOutInRows } from './row-layout.ts';
import { toRows } from './rows.ts';

export interface Layout {
  /** The middle of each node. */
  readonly points: readonly Point[];
  /** What each line passes on its way, between the middles of its ends. */
  readonly ways: readonly (readonly Point[])[];
  readonly bands: readonly Band[];
  /** Whether lines between rows leave nodes upwards and downwards. */
  readonly isInRows: boolean;
}

export interface Band {
  readonly name: string;
  readonly top: number;
  readonly bottom: number;
}

export function layOut(picture: Picture): Layout {
  const rows = toRows(picture);
  return rows ? layOutInRows(picture, rows) : layOutByDistance(picture);
}
