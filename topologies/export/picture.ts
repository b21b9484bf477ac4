/** What a drawing of a network shows, before anything has its place: things with their shapes and sizes, lines between them, and what they say when pointed at. */
import { formatHostAndPort } from '../../protocol/wire/address.ts';
import type { TopologyDocument } from '../document.ts';
import { type Attributes, toFlatGraph } from './flat-graph.ts';

export interface Picture {
  readonly name: string;
  /** From the edge inwards; empty where the network has none. */
  readonly tiers: readonly string[];
  readonly nodes: readonly PictureNode[];
  readonly lines: readonly PictureLine[];
}

export type Form = 'switch' | 'host' | 'port' | 'server';

export interface PictureNode {
  readonly name: string;
  readonly form: Form;
  readonly tier: string | undefined;
  /** As the file has it, on a drawing or on Earth; y grows downwards. */
  readonly given: Point | undefined;
  /** The name, as much of it as a box has room for. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly tooltip: string;
}

export interface PictureLine {
  /** Indices of nodes. */
  readonly ends: readonly [number, number];
  /** A cable, or that a guest lives on a server. */
  readonly form: 'cable' | 'home';
  readonly tooltip: string;
  readonly bandwidthBps: number | undefined;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const FONT_SIZE = 12;
const HEIGHT = 26;
const PADDING = 20;
const WIDTH = { min: 44, max: 150 } as const;

export function toPicture(document: TopologyDocument): Picture {
  const graph = toFlatGraph(document);
  const indices = new Map(graph.nodes.map(({ key }, i) => [key, i]));
  const tiersUsed = graph.nodes.flatMap(({ attributes: { tier } }) => (tier === undefined ? [] : [String(tier)]));
  const cables = graph.edges.map(({ key, source, target, attributes }, i): PictureLine => {
    const { aPort, bPort, ...properties } = attributes;
    const link = { ...document.defaults?.link, ...document.links[i]! };
    return {
      ends: [indices.get(source)!, indices.get(target)!],
      form: 'cable',
      tooltip: describe(`${properties.name ?? key}: ${source} port ${aPort}, ${target} port ${bPort}`, properties),
      bandwidthBps: link.bandwidthBps,
    };
  });
  const homes = [...document.hosts].flatMap(([name, { on }]): PictureLine[] => {
    if (on === undefined || !document.nodes.has(on)) return [];
    const ends = [indices.get(name)!, indices.get(on)!] as const;
    return [{ ends, form: 'home', tooltip: `${name} lives on ${on}`, bandwidthBps: undefined }];
  });
  // A machine outside is drawn like the bare end of a cable, which is what we know of it.
  const plugs = document.attach.map(({ switch: own, port, unix, tcp, udp }, i): PictureLine => {
    const tooltip = `${own} port ${port}, for a machine outside at ${unix ?? formatHostAndPort((tcp ?? udp)!)}`;
    return { ends: [indices.get(own)!, graph.nodes.length + i], form: 'cable', tooltip, bandwidthBps: undefined };
  });
  const outside = document.attach.map(({ unix, tcp, udp }) =>
    toNode(unix?.replace(/^.*[\\/]/, '') ?? formatHostAndPort((tcp ?? udp)!), { type: 'outside', kind: 'port' }),
  );
  return {
    name: document.name,
    tiers: document.tiers ?? [...new Set(tiersUsed)],
    nodes: [...graph.nodes.map(({ key, attributes }) => toNode(key, attributes)), ...outside],
    lines: [...cables, ...homes, ...plugs],
  };
}

function toNode(name: string, attributes: Attributes): PictureNode {
  const { type, kind, tier } = attributes;
  const form = kind === 'port' ? 'port' : (type as Form);
  const label = shorten(name, WIDTH.max - PADDING);
  return {
    name,
    form,
    tier: tier === undefined ? undefined : String(tier),
    given: givenPoint(attributes),
    label,
    width: Math.max(WIDTH.min, Math.ceil(textWidth(label)) + PADDING),
    height: HEIGHT,
    tooltip: describe(name, attributes),
  };
}

/** Keys that a drawing says by itself. */
const DRAWN = new Set(['name', 'position', 'location']);

function describe(title: string, attributes: Attributes): string {
  const facts = Object.entries(attributes).filter(([key]) => !DRAWN.has(key));
  return [title, ...facts.map(([key, value]) => (key === 'type' ? String(value) : `${key} ${value}`))].join('\n');
}

function givenPoint({ position, location }: Attributes): Point | undefined {
  if (typeof position === 'string') {
    const { x, y } = JSON.parse(position);
    return { x, y };
  }
  if (typeof location !== 'string') return undefined;
  const { lon, lat } = JSON.parse(location);
  // Mercator's projection, as maps in browsers have it; its poles are infinitely far.
  const latitude = (Math.max(-85, Math.min(85, lat)) * Math.PI) / 180;
  return { x: lon, y: (-Math.log(Math.tan(Math.PI / 4 + latitude / 2)) * 180) / Math.PI };
}

/** Parts of the size of the font, on the wide side of usual system fonts: nobody asks a browser here. */
const NARROW = 0.58;
const WIDE = 1;

function textWidth(text: string): number {
  let width = 0;
  // From here on Unicode has the scripts of East Asia, which fill a square.
  for (const character of text) width += FONT_SIZE * (character.codePointAt(0)! >= 0x2e80 ? WIDE : NARROW);
  return width;
}

function shorten(text: string, room: number): string {
  if (textWidth(text) <= room) return text;
  const kept = [...text];
  while (textWidth(`${kept.join('')}…`) > room) kept.pop();
  return `${kept.join('')}…`;
}
