/** Files of every format that is read, small and by ourselves; and a way to say what they came to. */
import { readdirSync, readFileSync } from 'node:fs';
import { decodeImport, type LoadOptions } from '../../../topologies/loader.ts';
import type { Topology } from '../../../topologies/model.ts';
import { formatMistake } from '../../../topologies/topology-error.ts';

const FOLDER = 'topologies/import-examples';

export interface ImportSample {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** The examples, and graphs that we wrote ourselves. */
export const IMPORT_SAMPLES: readonly ImportSample[] = [
  ...readdirSync(FOLDER)
    .sort()
    .map((name) => ({ file: name, bytes: readFileSync(`${FOLDER}/${name}`) })),
  ...Object.entries(nativeGraphs()).map(([file, text]) => ({ file, bytes: new TextEncoder().encode(text) })),
];

export function readExample(name: string): Topology {
  return importText(readFileSync(`${FOLDER}/${name}`, 'utf8'), `${FOLDER}/${name}`);
}

export function importText(text: string, file: string, options: LoadOptions = {}): Topology {
  return decodeImport(new TextEncoder().encode(text), file, options);
}

/** `line:column: reason`. */
export function warningsOf({ warnings }: Topology): string[] {
  return warnings.map((warning) => formatMistake({ ...warning, file: '' }).slice(1));
}

/** One network with an attribute of every kind, as our exporters write it. */
export function nativeGraphs(): Readonly<Record<'ours.json' | 'ours.graphml' | 'ours.dot', string>> {
  const labels = '{"rack":"7","no":"1"}';
  const queues = '{"1":{"min":"20%"}}';
  const defaults = '{"link":{"delay":"1ms"}}';
  const attach = '[{"switch":"s1","port":9,"tcp":"127.0.0.1:9000"}]';
  const graph = { format: 'sluice/v1', name: 'ours', tiers: '["edge","core"]', defaults, attach };
  const nodes = [
    ['s1', { type: 'switch', dpid: '0x11', tier: 'edge', labels, tables: 8, position: '{"x":1.5,"y":-2}' }],
    ['10', { type: 'switch', location: '{"lon":8.5,"lat":47}', site: 'null' }],
    ['m1', { type: 'server', cpus: 4, memory: '8GiB' }],
    ['h1', { type: 'host', kind: 'vm', on: 'm1', ip: '10.1.0.1/16', mac: '02:00:00:00:00:01', cpus: 0.5 }],
    ['p1', { type: 'host', kind: 'port' }],
  ] as const;
  const edges = [
    ['h1', 's1', { aPort: 0, bPort: 3 }],
    ['p1', 's1', { aPort: 0, bPort: 4 }],
    ['s1', '10', { aPort: 1, bPort: 1, name: 'up', bandwidth: '20Mbps', loss: '0.5%', queue: 64, queues }],
    ['s1', '10', { aPort: 2, bPort: 2 }],
  ] as const;
  const escapeXml = (value: unknown) => String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const keys = [
    ...new Set([graph, ...nodes.map(([, own]) => own), ...edges.map(([, , own]) => own)].flatMap(Object.keys)),
  ];
  const data = (own: object) =>
    Object.entries(own)
      .map(([key, value]) => `<data key="k${keys.indexOf(key)}">${escapeXml(value)}</data>`)
      .join('');
  const quoted = (value: unknown) => `"${String(value).replaceAll('"', '\\"')}"`;
  const list = (own: object) =>
    Object.entries(own)
      .map(([key, value]) => `${key}=${quoted(value)}`)
      .join(', ');
  return {
    'ours.json': JSON.stringify({
      attributes: graph,
      options: { type: 'undirected', multi: true, allowSelfLoops: false },
      nodes: nodes.map(([key, attributes]) => ({ key, attributes })),
      edges: edges.map(([source, target, attributes], i) => ({ key: `e${i}`, source, target, attributes })),
    }),
    'ours.graphml': `<?xml version="1.0"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n${keys
      .map((key, i) => `<key id="k${i}" for="all" attr.name="${key}" attr.type="string"/>\n`)
      .join('')}<graph edgedefault="undirected">${data(graph)}\n${nodes
      .map(([id, own]) => `<node id="${id}">${data(own)}</node>\n`)
      .join('')}${edges
      .map(([source, target, own]) => `<edge source="${source}" target="${target}">${data(own)}</edge>\n`)
      .join('')}</graph></graphml>\n`,
    'ours.dot': `graph ours {\n${Object.entries(graph)
      .map(([key, value]) => `  ${key}=${quoted(value)};\n`)
      .join('')}${nodes.map(([id, own]) => `  ${quoted(id)} [${list(own)}];\n`).join('')}${edges
      .map(([source, target, own]) => `  ${quoted(source)} -- ${quoted(target)} [${list(own)}];\n`)
      .join('')}}\n`,
  };
}
