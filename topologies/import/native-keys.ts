/** The keys of the native format, by the part of the file that has them: what graph formats may have as attributes. They are taken from the description, which alone knows them. */
import { assert } from '../../protocol/wire/wire-error.ts';
import { TOPOLOGY } from '../description.ts';
import type { Shape } from '../shape.ts';

export type KeyShapes = ReadonlyMap<string, Shape>;

const TOP = keysOf(TOPOLOGY);

/** What makes the graph: nodes and edges in other formats. */
const SECTIONS = ['switches', 'nodes', 'hosts', 'links'];

export const SWITCH_KEYS = keysOf(elementOf('switches'));
export const SERVER_KEYS = keysOf(elementOf('nodes'));
export const HOST_KEYS = keysOf(elementOf('hosts'));
export const LINK_KEYS = keysOf(elementOf('links'));

/** Of the file itself. */
export const GRAPH_KEYS: KeyShapes = new Map([...TOP].filter(([key]) => !SECTIONS.includes(key)));

function keysOf(shape: Shape): KeyShapes {
  assert(shape.type === 'object', 'whatever has keys is described as an object');
  return new Map(shape.keys.map(({ key, shape }) => [key, shape]));
}

function elementOf(section: string): Shape {
  const shape = TOP.get(section);
  assert(shape?.type === 'map' || shape?.type === 'list', 'a section is a map or a list of things');
  return shape.of;
}
