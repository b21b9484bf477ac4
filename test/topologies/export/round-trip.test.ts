/** What is written is read back as the same network, by each of the formats that hold all of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkDocument } from '../../../topologies/checks.ts';
import { TOPOLOGY } from '../../../topologies/description.ts';
import type { TopologyDocument } from '../../../topologies/document.ts';
import { EXPORTS, type ExportFormat } from '../../../topologies/export/formats.ts';
import { formatNativeYaml } from '../../../topologies/export/native-yaml.ts';
import { loadTopology } from '../../../topologies/loader.ts';
import { buildTopology, type Topology } from '../../../topologies/model.ts';
import { Report } from '../../../topologies/report.ts';
import type { Shape } from '../../../topologies/shape.ts';
import { readYaml } from '../../../topologies/yaml-reader.ts';
import { parseYaml } from '../../../topologies/yaml-tree.ts';
import { describeTopology } from '../topology-text.ts';
import { anyNetwork } from './any-network.ts';
import { anyValue } from './any-value.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of documents with everything that the format knows; SLUICE_EXPORT_RUNS makes a campaign of it. */
const RUNS = Number(process.env.SLUICE_EXPORT_RUNS ?? 40);

const LIMIT = { bytesMax: 1 << 24, remedy: '' };

describe('a native file', () => {
  it('is read as the document that was written, whatever the format can say', () => {
    const anyDocument = anyValue(TOPOLOGY as Shape) as fc.Arbitrary<TopologyDocument>;
    fc.assert(
      fc.property(anyDocument, (document) => {
        const text = formatNativeYaml(document);
        const report = new Report('t.yaml');
        const tree = parseYaml(text, LIMIT, report);
        const read = tree && readYaml(TOPOLOGY, tree, report);
        if (report.hasErrors) throw report.toError();
        expect(read).toEqual(document);
        // Maps are equal in any order, and the order counts.
        expect(formatNativeYaml(read!)).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  it('says nothing that the document leaves out, and puts an entry on a line', () => {
    const { document } = loadTopology('topologies/queues.yaml');
    expect(formatNativeYaml(document)).toBe(
      [
        'apiVersion: sluice/v1',
        'kind: Topology',
        'name: queues',
        'defaults: { link: { bandwidth: 100Mbps, delay: 1ms } }',
        '',
        'switches:',
        '  s1: {}',
        '  s2: {}',
        '',
        'hosts:',
        '  h1: {}',
        '  h2: {}',
        '  h3: {}',
        '  h4: {}',
        '',
        'links:',
        '  - [h1, s1]',
        '  - [h2, s1]',
        '  - [h3, s2]',
        '  - [h4, s2]',
        '  - { ends: [s1, s2], name: trunk, bandwidth: 10Mbps, queues: { "1": { min: 20% }, "2": { max: 10% }, "3": {} } }',
        '',
      ].join('\n'),
    );
  });
});

const HELD: readonly ExportFormat[] = ['yaml', 'json', 'graphml', 'dot'];

function readBack(format: ExportFormat, text: string): Topology {
  const path = join(folder, `network.${EXPORTS[format].extensions[0]}`);
  writeFileSync(path, text);
  return loadTopology(path);
}

/** Without what differs between a file that leaves numbers out and one that has them all. */
function describeNetwork({ document: _document, warnings: _warnings, ...topology }: Topology): unknown {
  return describeTopology({ ...topology, warnings: [], document: undefined as never });
}

describe.each(HELD)('%s', (format) => {
  it('is read back as the same network', () => {
    fc.assert(
      fc.property(anyNetwork, (document) => {
        expect([...checkDocument(document)].filter(({ isWarning }) => !isWarning)).toEqual([]);
        const read = readBack(format, EXPORTS[format].format(document));
        expect(describeNetwork(read)).toEqual(describeNetwork(buildTopology(document)));
      }),
    );
  });

  it.each(['edge-gateway', 'attached', 'queues', 'triangle', 'certification'])(
    'is read back as the same network: topologies/%s.yaml',
    (name) => {
      const topology = loadTopology(`topologies/${name}.yaml`);
      // Sockets are meant from where the file is.
      const attach = topology.document.attach.map((entry) =>
        entry.unix ? { ...entry, unix: `/${entry.unix}` } : entry,
      );
      const document = { ...topology.document, attach };
      const read = readBack(format, EXPORTS[format].format(document));
      expect(describeNetwork(read)).toEqual(describeNetwork(buildTopology(document)));
    },
  );
});

describe('every format', () => {
  it.each(Object.keys(EXPORTS) as ExportFormat[])('%s has the same bytes for the same network', (format) => {
    fc.assert(
      fc.property(anyNetwork, (document) => {
        expect(EXPORTS[format].format(structuredClone(document))).toBe(EXPORTS[format].format(document));
      }),
      { numRuns: 20 },
    );
  });
});
