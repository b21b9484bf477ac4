/** A graph that we wrote ourselves comes back as the file that it was, from each of the formats; and which format a file is in is found in the file. */
import { describe, expect, it } from 'vitest';
import { TopologyError } from '../../../topologies/topology-error.ts';
import { parseTopology } from '../../../topologies/topology-file.ts';
import { describeTopology, HEAD } from '../topology-text.ts';
import { IMPORT_SAMPLES, importText, nativeGraphs } from './import-samples.ts';

const NATIVE = `apiVersion: sluice/v1
kind: Topology
name: ours
tiers: [edge, core]
defaults: { link: { delay: 1ms } }
switches:
  s1: { dpid: "0x11", tier: edge, labels: { rack: "7", "no": "1" }, tables: 8, position: { x: 1.5, y: -2 } }
  "10": { location: { lon: 8.5, lat: 47 }, site: "null" }
nodes: { m1: { cpus: 4, memory: 8GiB } }
hosts:
  h1: { kind: vm, on: m1, ip: 10.1.0.1/16, mac: "02:00:00:00:00:01", cpus: 0.5 }
  p1: { kind: port }
links:
  - ["h1:0", "s1:3"]
  - ["p1:0", "s1:4"]
  - { ends: ["s1:1", "10:1"], name: up, bandwidth: 20Mbps, loss: 0.5%, queue: 64, queues: { 1: { min: 20% } } }
  - ["s1:2", "10:2"]
attach: [{ switch: s1, port: 9, tcp: "127.0.0.1:9000" }]
`;

describe.each(Object.entries(nativeGraphs()))('%s', (file, text) => {
  it('is the native file that it was written from', () => {
    const read = importText(text, file);
    expect(describeTopology(read)).toEqual(describeTopology(parseTopology(NATIVE, 't.yaml')));
  });

  it('is checked by the rules of the native file, at its own places', () => {
    const bad = text.replace('02:00:00:00:00:01', '03:00:00:00:00:01');
    const at = bad.indexOf('03:00:00:00:00:01');
    const line = bad.slice(0, at).split('\n').length;
    const column = at - bad.lastIndexOf('\n', at - 1);
    const reason = '03:00:00:00:00:01 is a group address; make its first byte even';
    const columns = [column, column - 1].map((place) => `${file}:${line}:${place}: ${reason}`);
    expect(() => importText(bad, file)).toThrow(TopologyError);
    try {
      importText(bad, file);
    } catch (error) {
      expect(columns).toContain((error as Error).message);
    }
  });

  it('has no attributes but those of the format', () => {
    const bad = text.replaceAll('cpus', 'cqus');
    expect(() => importText(bad, file)).toThrow(/^ours\.\w+:\d+:\d+: unknown key "cqus"; did you mean cpus\?$/);
  });

  it('says so when it is of a version to come', () => {
    expect(() => importText(text.replace('sluice/v1', 'sluice/v2'), file)).toThrow(
      /^ours\.\w+:\d+:\d+: apiVersion must be sluice\/v1, not "sluice\/v2"$/,
    );
  });
});

describe('the format of a file', () => {
  it('is found by what it says, whatever it is called', () => {
    for (const { file, bytes } of IMPORT_SAMPLES) {
      const text = new TextDecoder().decode(bytes);
      const named = describeTopology({ ...importText(text, file), warnings: [] }) as {
        document: unknown;
        name: unknown;
      };
      const unnamed = describeTopology({ ...importText(text, 'renamed.txt'), warnings: [] });
      const own = { name: named.name, document: { ...(named.document as object), name: named.name } };
      expect({ ...(unnamed as object), ...own }, file).toEqual({ ...named, ...own });
    }
    expect(importText(`${HEAD}switches: { s1: }\n`, 'x.graphml').graph.order).toBe(1);
    expect(importText('{"apiVersion":"sluice/v1","kind":"Topology","name":"t"}', 'x.mn').name).toBe('t');
  });

  it('can be said', () => {
    const text = '{"nodes":[],"edges":[]}';
    expect(importText(text, 'x.txt', { from: 'json' }).graph.order).toBe(0);
    expect(() => importText(text, 'x.txt', { from: 'yaml' })).toThrow('x.txt:1:1: ');
    expect(() => importText(text, 'x.txt', { from: 'graphml' })).toThrow('x.txt:1:1: this is not XML');
    expect(() => importText(text, 'x.txt', { from: 'dot' })).toThrow('x.txt:1:1: this is not DOT');
  });

  it('is that of the name where the content could be anything', () => {
    expect(() => importText('gra', 'x.dot')).toThrow('x.dot:1:1: this is not DOT that we read: a graph starts with');
    expect(() => importText('', 'x.graphml')).toThrow(
      'x.graphml:1:1: this is not XML that we read: there is no element',
    );
    expect(() => importText('', 'x.yaml')).toThrow('x.yaml:1:1: the file is empty');
  });
});
