/** A document as GraphML (graphml.graphdrawing.org): every attribute is declared with its type, in the order in which they come up. */
import type { TopologyDocument } from '../document.ts';
import { type Attributes, type Scalar, toFlatGraph } from './flat-graph.ts';
import { escapeXml, escapeXmlAttribute } from './xml-text.ts';

type Domain = 'graph' | 'node' | 'edge';

export function formatGraphml(document: TopologyDocument): string {
  const { attributes, nodes, edges } = toFlatGraph(document);
  const graphKeys = declare('graph', [attributes]);
  const nodeKeys = declare(
    'node',
    nodes.map((node) => node.attributes),
  );
  const edgeKeys = declare(
    'edge',
    edges.map((edge) => edge.attributes),
  );
  const declarations = [graphKeys, nodeKeys, edgeKeys].flatMap((keys) => [...keys.values()].map(({ line }) => line));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...declarations,
    `  <graph id="${escapeXmlAttribute(document.name)}" edgedefault="undirected">`,
    ...write(attributes, graphKeys, '    '),
    ...nodes.flatMap(({ key, attributes: own }) => [
      `    <node id="${escapeXmlAttribute(key)}">`,
      ...write(own, nodeKeys, '      '),
      '    </node>',
    ]),
    ...edges.flatMap(({ key, source, target, attributes: own }) => [
      `    <edge id="${escapeXmlAttribute(key)}" source="${escapeXmlAttribute(source)}" target="${escapeXmlAttribute(target)}">`,
      ...write(own, edgeKeys, '      '),
      '    </edge>',
    ]),
    '  </graph>',
    '</graphml>',
    '',
  ].join('\n');
}

interface Declaration {
  readonly id: string;
  readonly line: string;
}

function declare(domain: Domain, all: readonly Attributes[]): ReadonlyMap<string, Declaration> {
  const values = new Map<string, Scalar[]>();
  for (const attributes of all) {
    for (const [key, value] of Object.entries(attributes)) {
      const others = values.get(key);
      if (others) others.push(value);
      else values.set(key, [value]);
    }
  }
  const keys = [...values].map(([key, found], i) => {
    const id = `${domain[0]}${i}`;
    const line = `  <key id="${id}" for="${domain}" attr.name="${escapeXmlAttribute(key)}" attr.type="${typeOf(found)}"/>`;
    return [key, { id, line }] as const;
  });
  return new Map(keys);
}

/** The narrowest type that has all of these values. */
function typeOf(values: readonly Scalar[]): string {
  if (values.every((value) => typeof value === 'boolean')) return 'boolean';
  if (values.every((value) => Number.isSafeInteger(value))) return 'long';
  return values.every((value) => typeof value === 'number') ? 'double' : 'string';
}

function write(attributes: Attributes, keys: ReadonlyMap<string, Declaration>, indent: string): string[] {
  return Object.entries(attributes).map(
    ([key, value]) => `${indent}<data key="${keys.get(key)!.id}">${escapeXml(String(value))}</data>`,
  );
}
