/**
 * A document as a picture for the eye: SVG that follows the light or dark scheme of whoever looks at it, with what is known of a thing as its tooltip.
 *
 * Forms tell kinds apart without colour: switches are rectangles, hosts have round ends, bare ports are dashed, servers have a double edge. Colours stand in
 * classes, not in variables, which some viewers of SVG do not know. The same document gives the same bytes.
 */
import type { TopologyDocument } from '../document.ts';
import { type Layout, layOut } from './layout.ts';
import { FONT_SIZE, type Picture, type PictureLine, type PictureNode, type Point, toPicture } from './picture.ts';
import { escapeXml } from './xml-text.ts';

const MARGIN = 28;

const STYLE = [
  `text{font:${FONT_SIZE}px system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK SC",sans-serif;fill:#1b2430;text-anchor:middle}`,
  '.ground{fill:#fff}.band{fill:#f0f3f7}.tier{fill:#566173;text-anchor:start}',
  '.cable,.home{fill:none;stroke:#74829a}.home{stroke-dasharray:2 4}.cable:hover,.home:hover{stroke:#1c5cb8;stroke-width:4}',
  '.switch{fill:#dfeafb;stroke:#4a76b8;stroke-width:1.5}.host{fill:#fff;stroke:#7a889d}.port{fill:#fff;stroke:#7a889d;stroke-dasharray:4 3}.server{fill:#fdf1dc;stroke:#8a5200}',
  '@media (prefers-color-scheme:dark){text{fill:#e3e8ef}.ground{fill:#10141a}.band{fill:#181e26}.tier{fill:#9fabbc}',
  '.cable,.home{stroke:#76859b}.cable:hover,.home:hover{stroke:#82b4fa}',
  '.switch{fill:#1f2d42;stroke:#6f9cdc}.host,.port{fill:#1e252f;stroke:#7f8da2}.server{fill:#38290f;stroke:#f0c070}}',
].join('\n');

export function formatSvg(document: TopologyDocument): string {
  const picture = toPicture(document);
  const layout = layOut(picture);
  const frame = frameOf(picture, layout);
  const counts = `${document.switches.size} switches, ${document.hosts.size} hosts, ${document.links.length} links`;
  const lines = listShifts(picture.lines).map((shift, i) => drawLine(picture, layout, i, shift));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(frame.width)}" height="${round(frame.height)}" viewBox="${[frame.x, frame.y, frame.width, frame.height].map(round).join(' ')}" role="img">`,
    `<title>${escapeXml(document.name)}</title>`,
    `<desc>${counts}</desc>`,
    `<style>\n${STYLE}\n</style>`,
    `<rect class="ground" x="${round(frame.x)}" y="${round(frame.y)}" width="${round(frame.width)}" height="${round(frame.height)}"/>`,
    ...drawBands(layout, frame),
    ...lines,
    ...picture.nodes.map((node, i) => drawNode(node, layout.points[i]!)),
    '</svg>',
    '',
  ].join('\n');
}

interface Frame extends Point {
  readonly width: number;
  readonly height: number;
}

function frameOf({ nodes }: Picture, { points, ways, bands }: Layout): Frame {
  const middle = points[0] ?? { x: 0, y: 0 };
  let [left, right, top, bottom] = [middle.x, middle.x, middle.y, middle.y];
  const include = (x: number, y: number, width: number, height: number) => {
    left = Math.min(left, x - width / 2);
    right = Math.max(right, x + width / 2);
    top = Math.min(top, y - height / 2);
    bottom = Math.max(bottom, y + height / 2);
  };
  for (const [i, { x, y }] of points.entries()) include(x, y, nodes[i]!.width, nodes[i]!.height);
  for (const way of ways) for (const { x, y } of way) include(x, y, 0, 0);
  for (const band of bands) {
    top = Math.min(top, band.top);
    bottom = Math.max(bottom, band.bottom);
  }
  // Names of tiers stand left of everything else.
  const tierRoom = bands.length > 0 ? 100 : 0;
  return {
    x: left - MARGIN - tierRoom,
    y: top - MARGIN,
    width: right - left + 2 * MARGIN + tierRoom,
    height: bottom - top + 2 * MARGIN,
  };
}

function drawBands({ bands }: Layout, frame: Frame): string[] {
  const x = round(frame.x + 8);
  const width = round(frame.width - 16);
  return bands.map(({ name, top, bottom }) => {
    const text = `<text class="tier" x="${round(frame.x + 20)}" y="${round(top + 20)}">${escapeXml(name)}</text>`;
    return `<g><rect class="band" x="${x}" y="${round(top)}" width="${width}" height="${round(bottom - top)}" rx="6"/>${text}</g>`;
  });
}

/** Parallel lines keep apart: by how many steps each leaves the straight way. */
function listShifts(lines: readonly PictureLine[]): number[] {
  const keyOf = ({ ends }: PictureLine) => ends.toSorted((a, b) => a - b).join();
  const totals = new Map<string, number>();
  for (const line of lines) totals.set(keyOf(line), (totals.get(keyOf(line)) ?? 0) + 1);
  const counts = new Map<string, number>();
  return lines.map((line) => {
    const key = keyOf(line);
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    const shift = count - (totals.get(key)! - 1) / 2;
    // The side of a shift is that of the direction in which a line is drawn.
    return line.ends[0] < line.ends[1] ? shift : -shift;
  });
}

const SHIFT = 14;

/** Within a row that became stairs. */
const ROW_TOLERANCE = 40;

/** Whether the straight way would go through somebody else in the same row. */
function isPassing(a: Point, b: Point, points: readonly Point[]): boolean {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
  return points.some(({ x, y }) => x > left && x < right && Math.abs(y - a.y) <= ROW_TOLERANCE);
}

function drawLine({ lines }: Picture, layout: Layout, i: number, shift: number): string {
  const { points, ways, isInRows } = layout;
  const { ends, form, tooltip, bandwidthBps } = lines[i]!;
  const [a, b] = [points[ends[0]]!, points[ends[1]]!];
  const way = [a, ...ways[i]!, b];
  const isBetweenRows = isInRows && (way.length > 2 || Math.abs(a.y - b.y) > ROW_TOLERANCE);
  const path = isBetweenRows ? curveThrough(way, shift) : bend(a, b, shift, isInRows && isPassing(a, b, points));
  const width = form === 'home' ? 1.2 : widthOf(bandwidthBps);
  return `<path class="${form}" d="${path}" stroke-width="${width}"><title>${escapeXml(tooltip)}</title></path>`;
}

/** The faster, the thicker, by powers of ten; one without a bound is drawn like one of 100 Mbit/s. */
function widthOf(bandwidthBps = 100e6): number {
  return Math.round(10 * Math.max(1, Math.min(3.4, 1 + 0.6 * (Math.log10(bandwidthBps) - 7)))) / 10;
}

/** From row to row, leaving and entering upright; a way that has places of its own needs no shift. */
function curveThrough(way: readonly Point[], shift: number): string {
  const aside = way.length > 2 ? 0 : shift * SHIFT * 1.4;
  const pieces = way.slice(1).map((to, k) => {
    const from = way[k]!;
    const middle = round((from.y + to.y) / 2);
    return `C${round(from.x + aside)} ${middle} ${round(to.x + aside)} ${middle} ${round(to.x)} ${round(to.y)}`;
  });
  return `M${round(way[0]!.x)} ${round(way[0]!.y)}${pieces.join('')}`;
}

/** Straight, but for parallel ones and for those that pass others of their row, which go over them. */
function bend(a: Point, b: Point, shift: number, isOver: boolean): string {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const rise = isOver ? Math.min(60, 16 + length * 0.08) : 0;
  const aside = 2 * SHIFT * shift;
  const start = `M${round(a.x)} ${round(a.y)}`;
  if (rise === 0 && aside === 0) return `${start}L${round(b.x)} ${round(b.y)}`;
  const x = (a.x + b.x) / 2 - (dy / length) * aside;
  const y = (a.y + b.y) / 2 + (dx / length) * aside - 2 * rise;
  return `${start}Q${round(x)} ${round(y)} ${round(b.x)} ${round(b.y)}`;
}

function drawNode({ form, label, width, height, tooltip }: PictureNode, { x, y }: Point): string {
  const left = round(x - width / 2);
  const top = round(y - height / 2);
  const corner = { switch: 3, host: height / 2, port: height / 2, server: 0 }[form];
  const box = `<rect class="${form}" x="${left}" y="${top}" width="${width}" height="${height}" rx="${corner}"/>`;
  const edge = `<path class="server" d="M${round(x - width / 2 + 5)} ${top}v${height}M${round(x + width / 2 - 5)} ${top}v${height}"/>`;
  const text = `<text x="${round(x)}" y="${round(y + 4)}">${escapeXml(label)}</text>`;
  return `<g><title>${escapeXml(tooltip)}</title>${box}${form === 'server' ? edge : ''}${text}</g>`;
}

/** A tenth of a pixel is finer than anybody sees, and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 10) / 10 || 0;
}
