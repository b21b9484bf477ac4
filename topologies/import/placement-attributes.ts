/**
 * Where a node is, in the words of other programs: `x` and `y` (sigma.js, Gephi), `lon` and `lat` in several spellings, and `pos` as Graphviz writes
 * it, in points and upwards.
 */
import type { ParsedNode } from 'yaml';
import type { Attributes } from './foreign-graph.ts';
import { type Entry, mapNode, numberNode, spanOf, textIn } from './native-tree.ts';

const LONGITUDES = ['lon', 'lng', 'longitude', 'Longitude'];
const LATITUDES = ['lat', 'latitude', 'Latitude'];

export interface PlacementAttributes {
  readonly entries: readonly Entry[];
  /** The attributes that were read for it. */
  readonly used: ReadonlySet<string>;
}

export function readPlacement(attributes: Attributes): PlacementAttributes {
  const entries: Entry[] = [];
  const used = new Set<string>();
  const readPair = (key: string, names: readonly [string, string], xs: readonly string[], ys: readonly string[]) => {
    const x = xs.find((name) => isNumber(attributes.get(name)));
    const y = ys.find((name) => isNumber(attributes.get(name)));
    if (x === undefined || y === undefined || entries.some(([other]) => other === key)) return;
    used.add(x).add(y);
    const [a, b] = [attributes.get(x)!, attributes.get(y)!];
    const pair: Entry[] = [
      [names[0], numberNode(textIn(a)!.trim(), spanOf(a))],
      [names[1], numberNode(textIn(b)!.trim(), spanOf(b))],
    ];
    entries.push([key, mapNode(pair, spanOf(a))]);
  };
  readPair('position', ['x', 'y'], ['x'], ['y']);
  readPair('location', ['lon', 'lat'], LONGITUDES, LATITUDES);
  const pos = attributes.get('pos');
  const [, x, y] = /^(-?[\d.]{1,20}),(-?[\d.]{1,20})!?$/.exec(textIn(pos) ?? '') ?? [];
  if (pos && y !== undefined && isFigure(x!) && isFigure(y) && !used.has('x')) {
    used.add('pos');
    const place: Entry[] = [
      ['x', numberNode(x!, spanOf(pos))],
      ['y', numberNode(String(-Number(y)), spanOf(pos))],
    ];
    entries.push(['position', mapNode(place, spanOf(pos))]);
  }
  return { entries, used };
}

function isFigure(text: string): boolean {
  return Number.isFinite(Number(text));
}

function isNumber(node: ParsedNode | undefined): boolean {
  return /^\s*-?\d{1,15}(\.\d+)?(e-?\d{1,3})?\s*$/i.test(textIn(node) ?? '');
}
