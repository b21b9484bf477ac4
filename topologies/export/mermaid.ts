/**
 * A document as a Mermaid flowchart, for pages that draw those: the plainest syntax, which every version knows.
 *
 * Nodes are called n0, n1, …, since names may be words of Mermaid's own (`end`). Links go from the edge inwards, which is upwards, so
 * that what it takes for a rank is a tier. What a link says of itself is its label; what is the same for all is not.
 */
import type { TopologyDocument } from '../document.ts';
import { toFlatGraph } from './flat-graph.ts';
import { isNativeList, isNativeRecord, toNativeTree } from './native-tree.ts';
import { type Form, type PictureNode, toPicture } from './picture.ts';

const BRACKETS: Readonly<Record<Form, readonly [string, string]>> = {
  switch: ['[', ']'],
  host: ['([', '])'],
  port: ['((', '))'],
  server: ['[(', ')]'],
};

/** What a label has room for, by its keys in the file. */
const LABEL_KEYS = ['bandwidth', 'delay', 'loss'];

export function formatMermaid(document: TopologyDocument): string {
  const { nodes, tiers, lines } = toPicture(document);
  const labels = listLabels(document);
  const rankOf = ({ tier, form }: PictureNode) =>
    tier === undefined ? (form === 'switch' ? 0.5 : 0) : tiers.indexOf(tier) + (form === 'switch' ? 0.5 : 0);
  const drawn = nodes.map(({ name, form, tier }, i) => {
    const [open, close] = BRACKETS[form];
    return { tier, text: `n${i}${open}"${escapeLabel(name)}"${close}` };
  });
  const groups = tiers.flatMap((tier, t) => {
    const members = drawn.filter((node) => node.tier === tier);
    if (members.length === 0) return [];
    return [`  subgraph t${t}["${escapeLabel(tier)}"]`, ...members.map(({ text }) => `    ${text}`), '  end'];
  });
  const others = drawn.filter(({ tier }) => tier === undefined || !tiers.includes(tier));
  const arrows = lines.map(({ ends, form }, i) => {
    const isUpwards = rankOf(nodes[ends[0]]!) <= rankOf(nodes[ends[1]]!);
    const [from, to] = isUpwards ? ends : ends.toReversed();
    const label = labels[i] ? `|"${escapeLabel(labels[i])}"|` : '';
    return `  n${from} ${form === 'home' ? '-.-' : '---'}${label} n${to}`;
  });
  return ['flowchart BT', ...groups, ...others.map(({ text }) => `  ${text}`), ...arrows, ''].join('\n');
}

function listLabels(document: TopologyDocument): string[] {
  const { links } = toNativeTree(document);
  if (!isNativeList(links)) return [];
  const own = links.map((link) => (isNativeRecord(link) ? link : {}));
  return own.map((link) => LABEL_KEYS.flatMap((key) => (typeof link[key] === 'string' ? [link[key]] : [])).join(', '));
}

/** Within quotes Mermaid reads entities, with # for HTML's &; HTML it would draw. */
function escapeLabel(text: string): string {
  return text.replace(/["#<>&`\\]/g, (character) => `#${character.charCodeAt(0)};`);
}

/** Beyond these its own bounds, `maxEdges` and `maxTextSize`, must be raised by whoever draws it. */
export const MERMAID_BOUNDS = { edges: 500, characters: 50_000 } as const;

export function isWithinMermaid(document: TopologyDocument, text: string): boolean {
  return toFlatGraph(document).edges.length <= MERMAID_BOUNDS.edges && text.length <= MERMAID_BOUNDS.characters;
}
