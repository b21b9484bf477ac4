/** A network as a list of everything in it, every number filled in: what `sluice topo show` shows, as plain values and as a table. */
import type { Topology } from '../model.ts';
import { fillDocument } from './filled-document.ts';
import {
  isNativeList,
  isNativeMap,
  isNativeRecord,
  type Native,
  type NativeRecord,
  toNativeTree,
} from './native-tree.ts';

export interface Summary {
  readonly name: string;
  readonly tiers: readonly string[];
  readonly counts: {
    readonly switches: number;
    readonly hosts: number;
    readonly nodes: number;
    readonly links: number;
  };
  readonly switches: readonly NativeRecord[];
  readonly hosts: readonly NativeRecord[];
  readonly nodes: readonly NativeRecord[];
  readonly links: readonly NativeRecord[];
  readonly attach: readonly Native[];
}

export function summarize({ name, tiers, graph, document }: Topology): Summary {
  const tree = toNativeTree(fillDocument(document));
  const ports = new Map<string, NativeRecord[]>();
  graph.forEachEdge((link, { a, b }) => {
    for (const [own, peer] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = ports.get(own.node) ?? [];
      ports.set(own.node, list);
      list.push({ port: own.port, link, peer: peer.node, peerPort: peer.port });
    }
  });
  const listPorts = (node: string) => (ports.get(node) ?? []).toSorted((a, b) => Number(a.port) - Number(b.port));
  const attach = tree.attach;
  const list = (entries: Native | undefined, more: (name: string) => NativeRecord): NativeRecord[] =>
    isNativeMap(entries)
      ? [...entries].map(([key, entry]) => ({ name: key, ...(isNativeRecord(entry) && entry), ...more(key) }))
      : [];
  const { switches, hosts, nodes } = document;
  return {
    name,
    tiers,
    counts: { switches: switches.size, hosts: hosts.size, nodes: nodes.size, links: document.links.length },
    switches: list(tree.switches, (key) => ({ ports: listPorts(key) })),
    hosts: list(tree.hosts, (key) => ({ kind: hosts.get(key)!.kind, ports: listPorts(key) })),
    nodes: list(tree.nodes, () => ({})),
    links: graph
      .mapEdges((link, { a, b }) => ({ name: link, a: a.node, aPort: a.port, b: b.node, bPort: b.port }))
      .map((row, i) => ({ ...row, ...propertiesOf(tree.links, i) })),
    attach: isNativeList(attach) ? attach : [],
  };
}

function propertiesOf(links: Native | undefined, i: number): NativeRecord {
  const link = isNativeList(links) ? links[i] : undefined;
  if (!isNativeRecord(link)) return {};
  const { ends: _ends, name: _name, ...properties } = link;
  return properties;
}

export function formatCounts({ switches, hosts, nodes, links }: Summary['counts']): string {
  const count = (number: number, noun: string, nouns = `${noun}s`) => `${number} ${number === 1 ? noun : nouns}`;
  const servers = nodes > 0 ? [count(nodes, 'node')] : [];
  return [count(switches, 'switch', 'switches'), count(hosts, 'host'), ...servers, count(links, 'link')].join(', ');
}

export function formatTables(summary: Summary): string {
  const { name, tiers, counts } = summary;
  const withPorts = (rows: readonly NativeRecord[]) =>
    rows.map(({ ports, ...row }) => ({ ...row, ports: formatPorts(ports) }));
  const links = summary.links.map(({ name: link, a, aPort, b, bPort, ...row }) => ({
    name: link!,
    a: `${a}:${aPort}`,
    b: `${b}:${bPort}`,
    ...row,
  }));
  const tables = [
    formatTable('switch', withPorts(summary.switches)),
    formatTable('host', withPorts(summary.hosts)),
    formatTable('node', summary.nodes),
    formatTable('link', links),
  ];
  const head = `${name}: ${formatCounts(counts)}\n${tiers.length > 0 ? `tiers: ${tiers.join(', ')}\n` : ''}`;
  return [head, ...tables.filter((table) => table !== '')].join('\n');
}

/** `1-4,11`. */
function formatPorts(ports: Native | undefined): string {
  const numbers = isNativeList(ports) ? ports.map((port) => Number(isNativeRecord(port) ? port.port : Number.NaN)) : [];
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** A column for each key that any row has. */
function formatTable(noun: string, rows: readonly NativeRecord[]): string {
  if (rows.length === 0) return '';
  const found = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const keys = [...found.filter((key) => key !== 'ports'), ...found.filter((key) => key === 'ports')];
  const cells = [
    keys.map((key) => (key === 'name' ? noun : key).toUpperCase()),
    ...rows.map((row) => keys.map((key) => formatCell(row[key]))),
  ];
  const widths = keys.map((_, k) => cells.reduce((most, row) => Math.max(most, row[k]!.length), 0));
  const lines = cells.map((row) =>
    row
      .map((cell, k) => cell.padEnd(widths[k]!))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function formatCell(value: Native | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(toJson(value)) : String(value);
}

/** Maps become objects; whoever needs the order of names has lists. */
export function toJson(value: Native): unknown {
  if (isNativeMap(value)) return Object.fromEntries([...value].map(([key, item]) => [key, toJson(item)]));
  if (isNativeList(value)) return value.map(toJson);
  if (!isNativeRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}
